package dev.starling.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.Random;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChannelPatternTests {

    @ParameterizedTest
    @CsvSource({
        "chat, chat",
        "*, chat:a:b",
        "chat:*, chat:",
        "chat:*, chat:a:b",
        "*:log, a:b:log",
        "a*b*c, abc",
        "a*b*c, axxbxxbxxc",
        "a**c, abc",
        "*a*, bab",
        "inbox:{user}, inbox:alice",
        "inbox:{user}:*, inbox:alice:new",
        "*/{user}, a/alice",
        "*:{user}:*, x:alice:alice:y",
        "{user}, alice",
        "pair:{user}-{user}, pair:alice-alice",
    })
    void matches(String pattern, String channel) {
        assertThat(matches(pattern, channel, "alice")).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "chat, chats",
        "chat, cha",
        "chats, chat",
        "chat:*, chat",
        "*:log, log",
        "a*b*c, acb",
        "a.c, abc",
        "inbox:{user}, inbox:alice2",
        "inbox:{user}, inbox:alic",
        "inbox:{user}:*, inbox:bob:new",
        "inbox:{user}:*, inbox:alice",
        "{user}, Alice",
    })
    void doesNotMatch(String pattern, String channel) {
        assertThat(matches(pattern, channel, "alice")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a:b", "a/b", "*", "a*", "{user}", "a b", "ü", "\"", "\\", ""})
    void userWithAnotherMeaningNeverMatches(String user) {
        assertThat(matches("inbox:{user}:*", "inbox:a:b:c", user)).isFalse();
        assertThat(matches("inbox:{user}", "inbox:" + (user.matches("[!-~&&[^\"*{}\\\\]]+") ? user : "a"), user))
                .isFalse();
    }

    @Test
    void starOfAUserIsNoWildcard() {
        assertThat(matches("inbox:{user}", "inbox:bob", "*")).isFalse();
    }

    @Test
    void userIsMatchedLiterally() {
        assertThat(matches("inbox:{user}", "inbox:a.b", "a.b")).isTrue();
        assertThat(matches("inbox:{user}", "inbox:axb", "a.b")).isFalse();
        assertThat(matches("inbox:{user}", "inbox:$1", "$1")).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "a b", "a\"b", "{usr}", "{user", "user}", "{}", "a\tb", "ü", "a\\b", "\u007f", "{{user}}"})
    void refusesWhatIsNoPattern(String pattern) {
        assertThatIllegalArgumentException().isThrownBy(() -> new ChannelPattern(pattern));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{user}*", "*{user}", "inbox.{user}.*", "*-{user}", "{user}{user}:*", "a:{user}x:*"})
    void refusesAStarThatCouldEatAUser(String pattern) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ChannelPattern(pattern))
                .withMessageContaining("{user}");
    }

    @Test
    void hasTheLengthOfAChannelNameAtMost() {
        assertThat(new ChannelPattern("a".repeat(255)).value()).hasSize(255);
        assertThatIllegalArgumentException().isThrownBy(() -> new ChannelPattern("a".repeat(256)));
    }

    @Test
    void manyStarsDoNotTakeLong() {
        ChannelPattern pattern = new ChannelPattern("*a".repeat(120) + "*b");
        ChannelName name = new ChannelName("a".repeat(255));
        assertTimeoutPreemptively(Duration.ofSeconds(5), () -> {
            for (int i = 0; i < 1000; i++) {
                assertThat(pattern.matches(name, "alice")).isFalse();
            }
        });
    }

    @Test
    void agreesWithARegularExpression() {
        Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            String pattern = text(random, "ab*", 1 + random.nextInt(6));
            String name = text(random, "ab", 1 + random.nextInt(7));
            assertThat(matches(pattern, name, "u"))
                    .as("%s on %s", pattern, name)
                    .isEqualTo(Pattern.matches(pattern.replaceAll("\\*+", ".*"), name));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "inbox:{user}, inbox:alice, true",
        "inbox:{user}, inbox:, false",
        "inbox:{user}, inbox:a:b, false",
        "inbox:{user}, inbox:a/b, false",
        "inbox:{user}:*, inbox:a.b:new:1, true",
        "inbox:{user}:*, inbox::new, false",
        "*/{user}/*/x, a/b/c/d/x, true",
        "*/{user}/*/x, a//c/x, false",
        "a.{user}.b, a.x.b, true",
        "a.{user}.b, axxxb, false",
        "chat:*, chat:1, true",
        "chat:*, chats, false",
    })
    void isForAnyUser(String pattern, String channel, boolean matches) {
        assertThat(new ChannelPattern(pattern).forAnyUser().test(new ChannelName(channel)))
                .isEqualTo(matches);
    }

    @Test
    void isForAnyUserIfItIsForOne() {
        Random random = new Random(11);
        int matched = 0;
        for (int i = 0; i < 20_000; i++) {
            String text =
                    text(random, "ab:/*", random.nextInt(5)) + "{user}" + text(random, "ab:/*", random.nextInt(5));
            ChannelName name = new ChannelName(text(random, "aab::/", 1 + random.nextInt(9)));
            ChannelPattern pattern;
            try {
                pattern = new ChannelPattern(text);
            } catch (IllegalArgumentException starCouldEatAUser) {
                continue;
            }
            boolean forOne = isForOneUserAtLeast(pattern, name);
            matched += forOne ? 1 : 0;
            assertThat(pattern.forAnyUser().test(name))
                    .as("%s on %s", text, name)
                    .isEqualTo(forOne);
        }
        assertThat(matched).isGreaterThan(100);
    }

    private static boolean isForOneUserAtLeast(ChannelPattern pattern, ChannelName name) {
        String value = name.value();
        for (int from = 0; from < value.length(); from++) {
            for (int to = from + 1; to <= value.length(); to++) {
                if (pattern.matches(name, value.substring(from, to))) {
                    return true;
                }
            }
        }
        return false;
    }

    @Test
    void manyStarsDoNotTakeLongForAnyUserEither() {
        Predicate<ChannelName> pattern = new ChannelPattern("{user}:" + "*a".repeat(100) + "*b").forAnyUser();
        ChannelName name = new ChannelName("u:" + "a".repeat(253));
        assertTimeoutPreemptively(Duration.ofSeconds(5), () -> {
            for (int i = 0; i < 1000; i++) {
                assertThat(pattern.test(name)).isFalse();
            }
        });
    }

    private static String text(Random random, String alphabet, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append(alphabet.charAt(random.nextInt(alphabet.length())));
        }
        return text.toString();
    }

    private static boolean matches(String pattern, String channel, String user) {
        return new ChannelPattern(pattern).matches(new ChannelName(channel), user);
    }
}
