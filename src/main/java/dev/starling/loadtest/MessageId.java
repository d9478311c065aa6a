package dev.starling.loadtest;

/** Publisher and sequence number in one long: positive, and never 0. */
final class MessageId {

    private MessageId() {}

    /** @throws IllegalArgumentException for a publisher below 0 or a sequence number below 1 */
    static long of(int publisher, int sequence) {
        if (publisher < 0 || sequence < 1) {
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
