package dev.starling.loadtest;

import dev.starling.loadtest.client.Client;
import dev.starling.loadtest.client.ClientConnection;
import dev.starling.loadtest.client.Ending;
import dev.starling.loadtest.client.LoopDesk;
import dev.starling.loadtest.client.ServerText;
import dev.starling.loadtest.client.Words;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** Who was told to go to another node, and whose connection the server ended otherwise. Each client's event loop owns its part. */
final class GoawayLog {

    private final boolean[] told;
    private final LongAdder goaways = new LongAdder();
    private final LongAdder untold = new LongAdder();
    private final LongAdder abrupt = new LongAdder();

    /** @param clients how many there are */
    GoawayLog(int clients) {
        this.told = new boolean[clients];
    }

    /** A client got this {@code goaway}; if it {@code leaves}, then when the frame says. */
    void told(Client client, LoopDesk desk, ServerText frame, boolean leaves) {
        goaways.increment();
        told[client.number()] = true;
        client.avoidThisNode();
        if (leaves) {
            ClientConnection old = client.connection();
            desk.loop().schedule(old::leave, Math.max(0, frame.number(Words.RECONNECT_AFTER)), TimeUnit.MILLISECONDS);
        }
    }

    /** Its connection has ended; it had been ready if {@code ready}. Returns whether it had been told. */
    boolean ended(Client client, Ending ending, boolean ready) {
        boolean wasTold = told[client.number()];
        told[client.number()] = false;
        if (ready && !ending.asked() && !wasTold) {
            untold.increment();
        } else if (ready && !ending.asked() && ending.code() == 0) {
            abrupt.increment();
        }
        return wasTold;
    }

    long goaways() {
        return goaways.sum();
    }

    /** How many ready connections the server ended without a {@code goaway}. */
    long untold() {
        return untold.sum();
    }

    /** How many it ended after one, but without a close frame. */
    long abrupt() {
        return abrupt.sum();
    }
}
