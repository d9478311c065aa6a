package dev.starling.channel;

import static dev.starling.channel.HistoryFixture.NEWS;
import static dev.starling.channel.HistoryFixture.at;
import static dev.starling.channel.HistoryFixture.gap;
import static dev.starling.channel.HistoryFixture.message;
import static dev.starling.channel.HistoryFixture.messages;
import static dev.starling.channel.HistoryFixture.publication;
import static dev.starling.channel.HistoryFixture.restarted;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.starling.protocol.Hole;
import dev.starling.protocol.Restart;
import dev.starling.setting.ChannelOptions;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;
import reactor.core.publisher.Mono;

/** What a channel with history, at offset 5, tells its subscribers when direct memory runs out. */
final class ScarceMemoryTests {

    private final ScarceMemory memory = new ScarceMemory();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final EmbeddedChannel loop = new EmbeddedChannel();
    private final DeliveryQueue queue = new DeliveryQueue(
            loop.eventLoop(), new ChannelProperties(512, DataSize.ofMegabytes(1)), new ChannelMetrics(registry));
    private final Channel channel = new Channel(NEWS, ChannelOptions.DEFAULTS, Mono.just(at("e", 5)), memory);
    private final RecordingReceiver ann = new RecordingReceiver();

    @BeforeEach
    void join() {
        channel.ready().block(HubFixture.PATIENCE);
        channel.fanout(queue).join(ann);
    }

    @AfterEach
    void nothingLeaks() {
        loop.finishAndReleaseAll();
        assertThat(memory.taken()).extracting(ByteBuf::refCnt).containsOnly(0);
    }

    @Test
    void framesThatCanNotBePutTogetherAreDeliveredOneByOne() {
        for (int i = 0; i < 3; i++) {
            channel.fanout(queue).join(new RecordingReceiver());
        }
        arrive(6, 8);
        memory.leave(0);

        loop.runPendingTasks();

        assertThat(ann.texts()).isEqualTo(messages(6, 8));
        assertThat(ann.joined()).isEmpty();
    }

    @Test
    void aLossThatCanNotBeToldYetIsToldWithWhatComesMeanwhile() {
        loop.freezeTime();
        arrive(6, 600);
        memory.leave(0);
        loop.runPendingTasks();
        assertThat(ann.texts()).isEqualTo(messages(6, 517));

        memory.leave(1);
        arrive(601, 601);
        loop.runPendingTasks();
        assertThat(ann.texts()).hasSize(512);

        memory.refill();
        arrive(602, 602);
        loop.runPendingTasks();

        assertThat(ann.texts().subList(512, ann.texts().size())).containsExactly(gap(518, 601), message(602));
        assertThat(registry.get("ws.fanout.dropped").functionCounter().count()).isEqualTo(600 - 517 + 1);
    }

    @Test
    void aLossThatCanNotBeToldYetIsToldByItselfWhenThereIsMemory() {
        loop.freezeTime();
        arrive(6, 600);
        memory.leave(0);
        loop.runPendingTasks();
        assertThat(ann.texts()).hasSize(512);

        memory.refill();
        loop.advanceTimeBy(100, TimeUnit.MILLISECONDS);
        loop.runScheduledPendingTasks();
        loop.runPendingTasks();

        assertThat(ann.texts()).hasSize(513).endsWith(gap(518, 600));
    }

    @Test
    void aGapThatCanNotBeToldIsToldWithTheNextMessage() {
        memory.leave(1);
        assertThatThrownBy(() -> arrive(8, 8)).isInstanceOf(OutOfMemoryError.class);
        memory.refill();

        arrive(9, 9);
        loop.runPendingTasks();

        assertThat(ann.texts()).containsExactly(gap(6, 8), message(9));
    }

    @Test
    void aHoleThatCanNotBeToldIsToldWithTheNextMessage() {
        memory.leave(0);
        assertThatThrownBy(() -> channel.arrive(new Hole(NEWS, 6, 7))).isInstanceOf(OutOfMemoryError.class);
        memory.refill();

        arrive(8, 8);
        loop.runPendingTasks();

        assertThat(ann.texts()).containsExactly(gap(6, 7), message(8));
    }

    @Test
    void aRestartThatCanNotBeToldIsToldWithTheNextMessage() {
        memory.leave(0);
        assertThatThrownBy(() -> channel.arrive(new Restart(NEWS, at("f", 2), false)))
                .isInstanceOf(OutOfMemoryError.class);
        memory.leave(1);
        assertThatThrownBy(() -> channel.arrive(publication("f", 3))).isInstanceOf(OutOfMemoryError.class);
        memory.refill();

        channel.arrive(publication("f", 4));
        loop.runPendingTasks();

        assertThat(ann.texts()).containsExactly(restarted("f", 3), message(4));
    }

    private void arrive(long from, long to) {
        for (long offset = from; offset <= to; offset++) {
            channel.arrive(publication("e", offset));
        }
    }
}
