package dev.starling.redis.peer;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.starling.broker.PeerReply;
import dev.starling.redis.link.UnreadableEnvelopeException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The envelope between a node that asks and one that answers. Its first byte is its version, {@code 1}, and its second the kind;
 * numbers are big-endian:
 *
 * <pre>
 * 1q&lt;number: 8>&lt;most bytes: 4>&lt;millis: 4>&lt;length of the asker: 1>&lt;asker>&lt;question>
 * 1a&lt;number: 8>&lt;a, or why there is none: 1>&lt;answer>
 * </pre>
 */
final class PeerCodec {

    /** What one node says to another, see {@link PeerCodec}. */
    sealed interface Envelope {

        /**
         * Of the node that asks.
         *
         * @param number is repeated by the answer
         * @param asker whose inbox the answer goes to
         * @param mostBytes that the answer may have
         * @param millis for which the answer is waited for
         */
        record Question(long number, String asker, int mostBytes, int millis, byte[] body) implements Envelope {}

        /**
         * Of the node that was asked.
         *
         * @param missing why there is no answer; null if the body is one
         */
        record Answer(long number, PeerReply.@Nullable Reason missing, byte[] body) implements Envelope {}
    }

    private static final byte VERSION = '1';
    private static final byte QUESTION = 'q';
    private static final byte ANSWER = 'a';
    private static final byte ANSWERED = 'a';
    private static final byte SILENT = 's';
    private static final byte FAILED = 'f';
    private static final byte TOO_LARGE = 'l';
    private static final int QUESTION_HEADER = 2 + 8 + 4 + 4 + 1;
    private static final int ANSWER_HEADER = 2 + 8 + 1;
    private static final int LONGEST_MILLIS = 60_000;
    private static final Pattern NODE = Pattern.compile("[0-9a-z]{1,32}");

    private PeerCodec() {}

    static byte[] encode(Envelope.Question question) {
        byte[] asker = question.asker().getBytes(US_ASCII);
        return ByteBuffer.allocate(QUESTION_HEADER + asker.length + question.body().length)
                .put(VERSION)
                .put(QUESTION)
                .putLong(question.number())
                .putInt(question.mostBytes())
                .putInt(question.millis())
                .put((byte) asker.length)
                .put(asker)
                .put(question.body())
                .array();
    }

    static byte[] encode(Envelope.Answer answer) {
        return ByteBuffer.allocate(ANSWER_HEADER + answer.body().length)
                .put(VERSION)
                .put(ANSWER)
                .putLong(answer.number())
                .put(outcome(answer.missing()))
                .put(answer.body())
                .array();
    }

    private static byte outcome(PeerReply.@Nullable Reason missing) {
        if (missing == null) {
            return ANSWERED;
        }
        return switch (missing) {
            case SILENT -> SILENT;
            case FAILED -> FAILED;
            case TOO_LARGE -> TOO_LARGE;
        };
    }

    static Envelope decode(byte[] envelope) throws UnreadableEnvelopeException {
        if (envelope.length < 2 || envelope[0] != VERSION) {
            throw UnreadableEnvelopeException.ofVersion(envelope, VERSION);
        }
        ByteBuffer in = ByteBuffer.wrap(envelope, 2, envelope.length - 2);
        try {
            return switch (envelope[1]) {
                case QUESTION -> question(in);
                case ANSWER -> answer(in);
                default -> throw foreign("of no known kind");
            };
        } catch (BufferUnderflowException e) {
            throw foreign("shorter than it says");
        }
    }

    private static Envelope question(ByteBuffer in) throws UnreadableEnvelopeException {
        long number = in.getLong();
        int mostBytes = in.getInt();
        int millis = in.getInt();
        byte[] asker = new byte[Byte.toUnsignedInt(in.get())];
        in.get(asker);
        String node = new String(asker, US_ASCII);
        if (mostBytes < 0
                || millis < 1
                || millis > LONGEST_MILLIS
                || !NODE.matcher(node).matches()) {
            throw foreign("with a field that is none");
        }
        return new Envelope.Question(number, node, mostBytes, millis, rest(in));
    }

    private static Envelope answer(ByteBuffer in) throws UnreadableEnvelopeException {
        long number = in.getLong();
        PeerReply.Reason missing = switch (in.get()) {
            case ANSWERED -> null;
            case SILENT -> PeerReply.Reason.SILENT;
            case FAILED -> PeerReply.Reason.FAILED;
            case TOO_LARGE -> PeerReply.Reason.TOO_LARGE;
            default -> throw foreign("with a field that is none");
        };
        return new Envelope.Answer(number, missing, rest(in));
    }

    private static byte[] rest(ByteBuffer in) {
        byte[] rest = new byte[in.remaining()];
        in.get(rest);
        return rest;
    }

    private static UnreadableEnvelopeException foreign(String what) {
        return new UnreadableEnvelopeException(false, "an envelope " + what);
    }
}
