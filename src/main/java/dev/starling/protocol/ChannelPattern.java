package dev.starling.protocol;

import java.util.Arrays;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A set of channels: the characters of a {@link ChannelName} stand for themselves, {@code *} for any characters, also none and also
 * separators, and <code>{user}</code> for the subject of the token, taken literally.
 *
 * <p>Channel names are read as paths with the separators {@code :} and {@code /}, and <code>{user}</code> is one piece of such a path. A
 * subject that has a separator or a star in it, or a character that no channel has, is no piece and never matches: otherwise the user
 * {@code a} could reach, by <code>inbox:{user}:*</code>, the channels of a user {@code a:b}, and a user {@code *} those of everybody.
 * For the same reason, on a side of <code>{user}</code> where a star follows, its neighbour must be a separator: by
 * <code>inbox.{user}.*</code>, {@code a} would reach the channels of {@code a.b}.
 *
 * <p>Matching allocates nothing and never tries an earlier star again: at most as many steps as the lengths of the pattern (with the
 * subject in it) and of the name multiplied, and in practice one pass over the name.
 *
 * @param value the pattern as written, 1 to 255 characters
 */
public record ChannelPattern(String value) {

    private static final String USER = "{user}";
    private static final String ONE_PIECE = "[^:/]+";

    /** @throws IllegalArgumentException saying what is wrong with the pattern */
    public ChannelPattern {
        if (value.isEmpty() || value.length() > ChannelName.MAX_LENGTH) {
            throw new IllegalArgumentException("a pattern has 1 to " + ChannelName.MAX_LENGTH + " characters");
        }
        for (int i = 0; i < value.length(); i++) {
            if (value.startsWith(USER, i)) {
                checkNeighbours(value, i);
                i += USER.length() - 1;
            } else if (value.charAt(i) != '*' && !ChannelName.isAllowed(value.charAt(i))) {
                throw new IllegalArgumentException("a pattern has only characters of a channel name, * and " + USER
                        + ", no character " + (int) value.charAt(i) + " (at " + i + ")");
            }
        }
    }

    private static void checkNeighbours(String value, int start) {
        int end = start + USER.length();
        boolean starBefore = value.lastIndexOf('*', start) >= 0;
        boolean starAfter = value.indexOf('*', end) >= 0;
        if ((starBefore && !isSeparator(value.charAt(start - 1))) || (starAfter && !isSeparator(value.charAt(end)))) {
            throw new IllegalArgumentException("between " + USER + " and a * there must be a : or / right at " + USER
                    + ", or one user could reach the channels of another");
        }
    }

    /** Whether the channel is in the set for this user. Any thread may ask. */
    public boolean matches(ChannelName channel, String user) {
        String name = channel.value();
        int p = 0;
        int n = 0;
        int afterStar = -1;
        int starEnd = 0;
        while (true) {
            if (p == value.length()) {
                if (n == name.length() || afterStar == p) {
                    return true;
                }
            } else if (value.charAt(p) == '*') {
                afterStar = ++p;
                starEnd = n;
                continue;
            } else if (value.charAt(p) == '{') {
                if (!isPiece(user)) {
                    return false;
                }
                if (name.startsWith(user, n)) {
                    n += user.length();
                    p += USER.length();
                    continue;
                }
            } else if (n < name.length() && name.charAt(n) == value.charAt(p)) {
                n++;
                p++;
                continue;
            }
            if (afterStar < 0 || starEnd == name.length()) {
                return false;
            }
            n = ++starEnd;
            p = afterStar;
        }
    }

    /**
     * Whether a channel is in the set for any user at all, to be asked often; each <code>{user}</code> of a pattern may be another one
     * then.
     */
    public Predicate<ChannelName> forAnyUser() {
        if (!value.contains(USER)) {
            return channel -> matches(channel, "");
        }
        String[] parts = value.split("\\*+", -1);
        StringBuilder regex = new StringBuilder(anyUser(parts[0]));
        for (int i = 1; i < parts.length - 1; i++) {
            // The first place will do, since what is left of the name is the longest then: so no star is tried again.
            regex.append("(?>.*?").append(anyUser(parts[i])).append(')');
        }
        if (parts.length > 1) {
            regex.append(".*").append(anyUser(parts[parts.length - 1]));
        }
        Pattern compiled = Pattern.compile(regex.toString());
        return channel -> compiled.matcher(channel.value()).matches();
    }

    private static String anyUser(String part) {
        return Arrays.stream(part.split(Pattern.quote(USER), -1))
                .map(Pattern::quote)
                .collect(Collectors.joining(ONE_PIECE));
    }

    private static boolean isPiece(String user) {
        for (int i = 0; i < user.length(); i++) {
            char c = user.charAt(i);
            if (isSeparator(c) || !ChannelName.isAllowed(c)) {
                return false;
            }
        }
        return !user.isEmpty();
    }

    private static boolean isSeparator(char c) {
        return c == ':' || c == '/';
    }

    @Override
    public String toString() {
        return value;
    }
}
