package dev.starling.local;

import io.netty.channel.local.LocalChannel;

/** The client's end of a connection, which counts what came. Owned by its event loop; others may read once that is at rest. */
final class LocalClient extends LocalChannel {

    private final int index;
    private int messages;
    private int pings;

    LocalClient(int index) {
        this.index = index;
    }

    /** Which of the clients it is, from 0. */
    int index() {
        return index;
    }

    void countMessage() {
        messages++;
    }

    int messages() {
        return messages;
    }

    /** Whether this ping was its first. */
    boolean countPing() {
        return pings++ == 0;
    }
}
