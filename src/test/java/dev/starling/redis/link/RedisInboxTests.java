package dev.starling.redis.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.starling.protocol.RefusedException;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class RedisInboxTests {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int ROOM = 1024;

    private final MeterRegistry meters = new SimpleMeterRegistry();
    private final RedisInbox inbox = new RedisInbox(new InboxMetrics(meters));
    private final List<String> heard = new CopyOnWriteArrayList<>();

    RedisInboxTests() {
        inbox.open("mine", new Recorder(), new AllHeard());
    }

    @AfterEach
    void end() {
        inbox.close();
    }

    @Test
    void whatIsHeardComesInOrderAndOnlyUnderNamesThatAreOpen() {
        inbox.message("mine", new byte[1]);
        inbox.message("another", new byte[2]);
        inbox.subscribed("another");
        inbox.subscribed("mine");
        inbox.message("mine", new byte[3]);

        await().atMost(PATIENCE).until(() -> heard.size() == 3);
        assertThat(heard).containsExactly("1", "confirmed", "3");
    }

    @Test
    void whatThereIsNoRoomForIsDroppedAndCountedAndThereIsRoomAgain() {
        CountDownLatch busy = new CountDownLatch(1);
        inbox.loop().execute(() -> awaitEnd(busy));

        IntStream.rangeClosed(1, ROOM + 5).forEach(length -> inbox.message("mine", new byte[length]));

        assertThat(dropped("full")).isEqualTo(5);
        busy.countDown();
        await().atMost(PATIENCE).until(() -> heard.size() == ROOM);
        inbox.message("mine", new byte[7]);
        await().atMost(PATIENCE).until(() -> heard.size() == ROOM + 1);
    }

    @Test
    void whatTheReceiverCanNotReadIsCountedAndTheNextIsHeard() {
        inbox.message("mine", new byte[0]);
        inbox.message("mine", new byte[1]);

        await().atMost(PATIENCE).until(() -> heard.equals(List.of("1")));
        assertThat(dropped("newer")).isEqualTo(1);
    }

    @Test
    void afterTheEndNothingIsPromised() {
        inbox.close();

        assertThatThrownBy(() -> inbox.then(() -> {}).block(PATIENCE)).isInstanceOf(RefusedException.class);
    }

    private double dropped(String reason) {
        return meters.get("ws.peers.dropped")
                .tag("reason", reason)
                .functionCounter()
                .count();
    }

    private static void awaitEnd(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Notes how long each message is. */
    private final class Recorder implements RedisInbox.Receiver {

        @Override
        public void heard(byte[] envelope) throws UnreadableEnvelopeException {
            if (envelope.length == 0) {
                throw new UnreadableEnvelopeException(true, "nothing");
            }
            heard.add(Integer.toString(envelope.length));
        }

        @Override
        public void confirmed() {
            heard.add("confirmed");
        }
    }

    /** Takes all names. */
    private static final class AllHeard implements RedisSubscriptions {

        @Override
        public void add(String channel) {}

        @Override
        public void remove(String channel) {}

        @Override
        public boolean isUp(String channel) {
            return true;
        }

        @Override
        public boolean isConfirmed(String channel) {
            return true;
        }

        @Override
        public boolean isJustBack(String channel) {
            return false;
        }

        @Override
        public boolean isSilent(String channel) {
            return false;
        }
    }
}
