package dev.starling.redis.stream;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.starling.protocol.Arrival;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.Member;
import dev.starling.protocol.PresenceChange;
import dev.starling.protocol.Publication;
import dev.starling.protocol.StreamPosition;
import dev.starling.redis.link.UnreadableEnvelopeException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The envelope between nodes. Its first byte is its version, {@code 1}, and its second the kind:
 *
 * <pre>
 * 1m&lt;data>                            a message of a channel without history
 * 1p&lt;epoch>:&lt;offset>:&lt;data>           one with history; publish-kept.lua writes it, too
 * 1j&lt;since>:&lt;length>:&lt;connection>&lt;user>  somebody came; the length is that of the connection in bytes
 * 1l…                                 the same for somebody who left
 * </pre>
 *
 * The data is one JSON value, or the envelope is not ours: it goes into the frames of all subscribers as it is, and everybody who may
 * write to Redis may publish there.
 *
 * <p>A new kind, or a kind with more in it, is a new version: so that a node knows what it can't read.
 */
final class PublicationCodec {

    private static final byte VERSION = '1';
    private static final byte PLAIN = 'm';
    private static final byte POSITIONED = 'p';
    private static final byte JOINED = 'j';
    private static final byte LEFT = 'l';
    private static final int HEADER = 2;
    private static final int MAX_EPOCH = 64;
    private static final int MAX_DIGITS = 18;

    /** What stands in a text for bytes that are no UTF-8. */
    private static final char REPLACEMENT = '\uFFFD';

    private PublicationCodec() {}

    /** A message with its place in the history, or without one. */
    static byte[] encode(byte[] data, @Nullable StreamPosition position) {
        return position == null
                ? joined(PLAIN, "", data)
                : joined(POSITIONED, position.epoch() + ':' + position.offset() + ':', data);
    }

    /** Somebody who came or went. */
    static byte[] encode(PresenceChange change) {
        Member member = change.member();
        byte[] connection = member.connection().getBytes(UTF_8);
        byte[] user = member.user().getBytes(UTF_8);
        byte[] both = Arrays.copyOf(connection, connection.length + user.length);
        System.arraycopy(user, 0, both, connection.length, user.length);
        return joined(change.joined() ? JOINED : LEFT, member.sinceMillis() + ":" + connection.length + ':', both);
    }

    @SuppressWarnings("deprecation") // the ASCII way is the one that encodes straight into the array
    private static byte[] joined(byte kind, String header, byte[] body) {
        int start = HEADER + header.length();
        byte[] envelope = new byte[start + body.length];
        envelope[0] = VERSION;
        envelope[1] = kind;
        header.getBytes(0, header.length(), envelope, HEADER);
        System.arraycopy(body, 0, envelope, start, body.length);
        return envelope;
    }

    /** What an envelope of the channel says. */
    static Arrival decode(ChannelName channel, byte[] envelope) throws UnreadableEnvelopeException {
        if (envelope.length < HEADER || envelope[0] != VERSION) {
            throw UnreadableEnvelopeException.ofVersion(envelope, VERSION);
        }
        return switch (envelope[1]) {
            case PLAIN -> new Publication(channel, from(envelope, HEADER), null);
            case POSITIONED -> positioned(channel, envelope);
            case JOINED -> change(channel, envelope, true);
            case LEFT -> change(channel, envelope, false);
            default -> throw foreign("of no known kind");
        };
    }

    private static Publication positioned(ChannelName channel, byte[] in) throws UnreadableEnvelopeException {
        int epochEnd = colon(in, HEADER, MAX_EPOCH);
        int offsetEnd = colon(in, epochEnd + 1, MAX_DIGITS);
        String epoch = new String(in, HEADER, epochEnd - HEADER, ISO_8859_1);
        long offset = number(in, epochEnd + 1, offsetEnd);
        return new Publication(channel, from(in, offsetEnd + 1), new StreamPosition(epoch, offset));
    }

    private static PresenceChange change(ChannelName channel, byte[] in, boolean joined)
            throws UnreadableEnvelopeException {
        int sinceEnd = colon(in, HEADER, MAX_DIGITS);
        int lengthEnd = colon(in, sinceEnd + 1, MAX_DIGITS);
        long since = number(in, HEADER, sinceEnd);
        long length = number(in, sinceEnd + 1, lengthEnd);
        int start = lengthEnd + 1;
        if (length > in.length - start) {
            throw foreign("shorter than it says");
        }
        int userStart = start + (int) length;
        Member member = new Member(text(in, userStart, in.length - userStart), text(in, start, (int) length), since);
        return new PresenceChange(channel, joined, member);
    }

    private static String text(byte[] in, int start, int length) throws UnreadableEnvelopeException {
        String text = new String(in, start, length, UTF_8);
        if (text.indexOf(REPLACEMENT) >= 0
                && !Arrays.equals(text.getBytes(UTF_8), Arrays.copyOfRange(in, start, start + length))) {
            throw foreign("with a name that is no UTF-8");
        }
        return text;
    }

    private static byte[] from(byte[] in, int start) throws UnreadableEnvelopeException {
        if (!Publication.isData(in, start)) {
            throw foreign("without a JSON value");
        }
        return Arrays.copyOfRange(in, start, in.length);
    }

    /** Where the colon is that ends a field, which has 1 to {@code most} characters. */
    private static int colon(byte[] in, int start, int most) throws UnreadableEnvelopeException {
        int last = Math.min(in.length - 1, start + most);
        for (int i = start; i <= last; i++) {
            if (in[i] == ':' && i > start) {
                return i;
            }
            if (in[i] <= ' ') {
                break;
            }
        }
        throw foreign("with a field that is none");
    }

    private static long number(byte[] in, int start, int end) throws UnreadableEnvelopeException {
        long number = 0;
        for (int i = start; i < end; i++) {
            if (in[i] < '0' || in[i] > '9') {
                throw foreign("with a number that is none");
            }
            number = number * 10 + in[i] - '0';
        }
        return number;
    }

    /** The same for the message of a history, which has no envelope. */
    static void check(byte[] data) throws UnreadableEnvelopeException {
        if (!Publication.isData(data, 0)) {
            throw new UnreadableEnvelopeException(false, "an entry of a history without a JSON value");
        }
    }

    private static UnreadableEnvelopeException foreign(String what) {
        return new UnreadableEnvelopeException(false, "an envelope " + what);
    }
}
