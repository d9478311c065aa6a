package dev.starling.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.starling.protocol.ChannelName;
import dev.starling.protocol.EncodedMessage;
import dev.starling.protocol.ErrorCode;
import dev.starling.protocol.RefusedException;
import dev.starling.setting.ChannelOptions;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.EventExecutor;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;
import reactor.core.publisher.Mono;

final class DeliveryQueueTests {

    private final RecordingReceiver ann = new RecordingReceiver();
    private final RecordingReceiver bob = new RecordingReceiver();

    @Test
    void pastItsMessagesItDropsAndCounts() {
        try (HubFixture rig = HubFixture.withRoomFor(512, 128)) {
            rig.join("chat", ann);

            for (int i = 0; i < 600; i++) {
                rig.publishByBroker("chat", Integer.toString(i));
            }
            rig.run();

            assertThat(rig.value("ws.fanout.dropped")).isEqualTo(88);
            assertThat(ann.data())
                    .isEqualTo(
                            IntStream.range(0, 512).mapToObj(Integer::toString).toList());
            rig.publish("chat", "\"after\"");
            rig.run();
            assertThat(ann.data()).endsWith("\"after\"");
        }
    }

    @Test
    void pastItsBytesItDropsAndCounts() {
        try (HubFixture rig = HubFixture.withRoomFor(65_536, 1)) {
            rig.join("chat", ann);
            String large = '"' + "x".repeat(100_000) + '"';

            for (int i = 0; i < 12; i++) {
                rig.publishByBroker("chat", large);
            }
            rig.publishByBroker("chat", "\"small\"");
            rig.run();

            assertThat(rig.value("ws.fanout.dropped")).isEqualTo(2);
            assertThat(ann.data()).hasSize(11).endsWith("\"small\"");
            rig.publish("chat", large);
            rig.run();
            assertThat(ann.data()).hasSize(12);
        }
    }

    /** Or it could never be delivered. */
    @Test
    void aMessageThatIsLargerThanTheQueueFitsIntoAnEmptyOne() {
        try (HubFixture rig = HubFixture.withRoomFor(512, 1)) {
            rig.join("chat", ann);

            rig.publish("chat", '"' + "x".repeat(2_000_000) + '"');
            rig.run();

            assertThat(ann.texts()).hasSize(1);
        }
    }

    @Test
    void droppedMessagesAreReleased() {
        EncodedMessage message = message("1");
        try (Loop loop = new Loop(512)) {
            LoopFanout fanout = loop.fanout("chat");

            for (int i = 0; i < 600; i++) {
                loop.queue.offer(fanout, Emission.unplaced(message));
            }

            assertThat(message.refCnt()).isEqualTo(1 + 512);
            loop.run();
            assertThat(message.refCnt()).isEqualTo(1);
        }
        message.release();
    }

    @Test
    void publishersAreRefusedFromHalfOfTheMessagesOn() {
        try (HubFixture rig = HubFixture.withRoomFor(512, 128)) {
            rig.join("chat", ann);

            for (int i = 0; i < 257; i++) {
                rig.publish("chat", "1");
            }
            assertRefused(rig);
            assertThat(rig.value("ws.fanout.dropped")).isZero();
            assertThat(rig.value("ws.publishes.failed")).isEqualTo(1);

            rig.run();
            rig.publish("chat", "2");
            rig.run();
            assertThat(ann.data()).hasSize(258).endsWith("2");
        }
    }

    @Test
    void publishersAreRefusedFromHalfOfTheBytesOn() {
        try (HubFixture rig = HubFixture.withRoomFor(65_536, 1)) {
            rig.join("chat", ann);

            rig.publish("chat", '"' + "x".repeat(600_000) + '"');
            assertRefused(rig);
            assertThat(rig.value("ws.fanout.dropped")).isZero();

            rig.run();
            rig.publish("chat", "2");
            rig.run();
            assertThat(ann.data()).hasSize(2).endsWith("2");
        }
    }

    @Test
    void aFloodedLoopGetsToOtherWorkInBetween() {
        try (HubFixture rig = new HubFixture()) {
            rig.join("chat", ann);
            for (int i = 0; i < 1_000; i++) {
                rig.publish("chat", "1");
            }
            int[] deliveredBefore = {-1};

            rig.loop().execute(() -> deliveredBefore[0] = ann.texts().size());
            rig.run();

            assertThat(deliveredBefore[0]).isEqualTo(256);
            assertThat(ann.texts()).hasSize(1_000);
        }
    }

    @Test
    void whatFailsForOneChannelCostsTheOthersOfTheTurnNothing() {
        try (Loop loop = new Loop(512)) {
            LoopFanout broken = loop.fanout("broken");
            broken.join(ann);
            LoopFanout whole = loop.fanout("whole");
            whole.join(bob);
            EncodedMessage freed = message("1");
            EncodedMessage message = message("2");

            loop.queue.offer(broken, Emission.unplaced(freed));
            loop.queue.offer(whole, Emission.unplaced(message));
            freed.release(2);
            loop.run();

            assertThat(bob.data()).containsExactly("2");
            assertThat(message.refCnt()).isEqualTo(1);
            loop.queue.offer(whole, Emission.unplaced(message));
            loop.queue.offer(broken, Emission.unplaced(message));
            loop.run();
            assertThat(bob.data()).containsExactly("2", "2");
            assertThat(ann.data()).as("it recovers").containsExactly("2");
            assertThat(message.release()).isTrue();
        }
    }

    @Test
    void whatFailsInAFullBatchCostsNothingElseEither() {
        try (Loop loop = new Loop(512)) {
            LoopFanout broken = loop.fanout("broken");
            broken.join(ann);
            LoopFanout whole = loop.fanout("whole");
            whole.join(bob);
            EncodedMessage freed = message("1");
            EncodedMessage message = message("2");

            loop.queue.offer(whole, Emission.unplaced(message));
            for (int i = 0; i < 16; i++) {
                loop.queue.offer(broken, Emission.unplaced(freed));
            }
            loop.queue.offer(whole, Emission.unplaced(message));
            freed.release(17);
            loop.run();

            assertThat(bob.data()).containsExactly("2", "2");
            assertThat(message.release()).isTrue();
        }
    }

    /** As one does that is about to end, or that is full. */
    @Test
    void aLoopThatRefusesWorkOnceDeliversWithTheNextMessage() {
        AtomicBoolean refuses = new AtomicBoolean(true);
        EmbeddedChannel channel = new EmbeddedChannel();
        EventExecutor loop = new RefusingLoop(refuses, channel.eventLoop());
        DeliveryQueue queue = new DeliveryQueue(loop, FreshHub.LIMITS, new ChannelMetrics(new SimpleMeterRegistry()));
        LoopFanout fanout = new Channel(new ChannelName("chat"), ChannelOptions.DEFAULTS).fanout(queue);
        fanout.join(ann);

        EncodedMessage first = message("1");
        queue.offer(fanout, Emission.unplaced(first));
        channel.runPendingTasks();
        assertThat(ann.texts()).isEmpty();
        refuses.set(false);
        EncodedMessage second = message("2");
        queue.offer(fanout, Emission.unplaced(second));
        channel.runPendingTasks();

        assertThat(ann.data()).containsExactly("1", "2");
        assertThat(first.release()).isTrue();
        assertThat(second.release()).isTrue();
        channel.finishAndReleaseAll();
    }

    @Test
    void theTimeUntilDeliveryIsMeasuredOncePerTurn() {
        try (HubFixture rig = new HubFixture()) {
            rig.join("chat", ann);
            rig.publish("chat", "1");
            rig.publish("chat", "2");
            rig.run();

            assertThat(rig.registry.get("ws.fanout.duration").timer().count()).isEqualTo(1);
        }
    }

    private static void assertRefused(HubFixture rig) {
        Mono<?> publish = rig.hub.publish(new ChannelName("chat"), new byte[] {'1'}, null);
        assertThatThrownBy(() -> publish.block(HubFixture.PATIENCE))
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        refused -> assertThat(refused.code()).isEqualTo(ErrorCode.BROKER_UNAVAILABLE));
    }

    private static EncodedMessage message(String data) {
        return EncodedMessage.of(
                new ChannelName("chat"), data.getBytes(StandardCharsets.UTF_8), 0, UnpooledByteBufAllocator.DEFAULT);
    }

    /** Takes no work as long as it is told to. */
    private static final class RefusingLoop extends DefaultEventLoop {

        private final AtomicBoolean refuses;
        private final EventExecutor loop;

        private RefusingLoop(AtomicBoolean refuses, EventExecutor loop) {
            this.refuses = refuses;
            this.loop = loop;
        }

        @Override
        public void execute(Runnable task) {
            if (refuses.get()) {
                throw new RejectedExecutionException("the test says so");
            }
            loop.execute(task);
        }
    }

    /** A queue alone, without a hub. */
    private static final class Loop implements AutoCloseable {

        private final EmbeddedChannel channel = new EmbeddedChannel();
        private final DeliveryQueue queue;

        private Loop(int messages) {
            queue = new DeliveryQueue(
                    channel.eventLoop(),
                    new ChannelProperties(messages, DataSize.ofMegabytes(1)),
                    new ChannelMetrics(new SimpleMeterRegistry()));
        }

        private LoopFanout fanout(String name) {
            return new Channel(new ChannelName(name), ChannelOptions.DEFAULTS).fanout(queue);
        }

        private void run() {
            channel.runPendingTasks();
        }

        @Override
        public void close() {
            channel.finishAndReleaseAll();
        }
    }
}
