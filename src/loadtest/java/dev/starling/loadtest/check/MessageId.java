package dev.starling.loadtest.check;

/** Publisher and sequence number in one long: positive, and never 0. */
public final class MessageId {

    private MessageId() {}

    /** Whether these numbers can be those of a message. */
    public static boolean isOne(long publisher, long sequence) {
        return publisher >= 0 && publisher <= Integer.MAX_VALUE && sequence >= 1 && sequence <= Integer.MAX_VALUE;
    }

    /** @throws IllegalArgumentException for a publisher below 0 or a sequence number below 1 */
    static long of(int publisher, int sequence) {
        if (!isOne(publisher, sequence)) {
            throw new IllegalArgumentException("no message: " + publisher + "#" + sequence);
        }
        return (long) publisher << 32 | sequence;
    }

    static int publisher(long id) {
        return (int) (id >>> 32);
    }

    static int sequence(long id) {
        return (int) id;
    }

    static String text(long id) {
        return publisher(id) + "#" + sequence(id);
    }
}
