package dev.starling.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.starling.broker.FreshBroker;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.RefusedException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.DefaultEventLoop;
import io.netty.util.concurrent.EventExecutor;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The hub with event loops that really run at the same time. */
final class ChannelHubLoopsTests {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final ChannelName CHANNEL = new ChannelName("chat");
    private static final int LOOPS = 3;
    private static final int PUBLISHERS = 3;
    private static final int MESSAGES = 3_000;

    private final List<EventExecutor> loops = IntStream.range(0, LOOPS)
            .mapToObj(i -> (EventExecutor) new DefaultEventLoop())
            .toList();
    private final ExecutorService publishers = Executors.newFixedThreadPool(PUBLISHERS);
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final ChannelHub hub = FreshHub.of(FreshBroker.inMemory(), FreshHub.LIMITS, registry);

    @AfterEach
    void stop() {
        hub.stop();
        publishers.shutdownNow();
        loops.forEach(loop -> loop.shutdownGracefully(0, 1, TimeUnit.SECONDS));
    }

    @Test
    void allLoopsDeliverTheSameOrderOnTheirOwnThread() throws Exception {
        List<RecordingReceiver> receivers = new ArrayList<>();
        AtomicBoolean strayed = new AtomicBoolean();
        for (EventExecutor loop : loops) {
            for (int i = 0; i < 5; i++) {
                RecordingReceiver receiver =
                        new RecordingReceiver().then(batch -> strayed.compareAndSet(false, !loop.inEventLoop()));
                receivers.add(receiver);
                join(loop, receiver);
            }
        }

        publishFromAllThreads();

        int total = PUBLISHERS * MESSAGES;
        for (RecordingReceiver receiver : receivers) {
            await().atMost(PATIENCE).until(() -> receiver.texts().size() >= total);
            assertThat(receiver.data())
                    .hasSize(total)
                    .isEqualTo(receivers.get(0).data());
        }
        assertThat(receivers.get(0).data()).doesNotHaveDuplicates();
        assertThat(strayed).isFalse();
        for (RecordingReceiver receiver : receivers) {
            await().atMost(PATIENCE).until(() -> receiver.frames().stream().allMatch(frame -> frame.refCnt() == 0));
        }
    }

    @Test
    void joiningAndLeavingAllTheTimeCostsThoseWhoStayNothing() throws Exception {
        List<RecordingReceiver> steady = new ArrayList<>();
        List<Churn> churns = new ArrayList<>();
        for (EventExecutor loop : loops.subList(0, 2)) {
            RecordingReceiver receiver = new RecordingReceiver();
            steady.add(receiver);
            join(loop, receiver);
        }
        for (EventExecutor loop : loops) { // on the last loop the fan-out itself comes and goes
            Churn churn = new Churn(loop);
            churns.add(churn);
            loop.execute(churn);
        }

        publishFromAllThreads();
        churns.forEach(churn -> churn.stopped.set(true));

        for (RecordingReceiver receiver : steady) {
            await().atMost(PATIENCE).until(() -> receiver.texts().size() >= PUBLISHERS * MESSAGES);
            assertThat(receiver.data()).hasSize(PUBLISHERS * MESSAGES).doesNotHaveDuplicates();
        }
        await().atMost(PATIENCE)
                .until(() -> registry.get("ws.subscriptions").gauge().value() == steady.size());
        assertThat(churns).allSatisfy(churn -> {
            assertThat(churn.joins).hasPositiveValue();
            assertThat(churn.strays).hasValue(0);
        });
    }

    /** Joins and leaves for ever, and counts what comes while it is out. */
    private final class Churn implements Runnable, Receiver {

        private final EventExecutor loop;
        private final AtomicBoolean stopped = new AtomicBoolean();
        private final AtomicInteger joins = new AtomicInteger();
        private final AtomicInteger strays = new AtomicInteger();
        private boolean in;

        private Churn(EventExecutor loop) {
            this.loop = loop;
        }

        @Override
        public void run() {
            hub.subscribe(CHANNEL, this, loop).subscribe(subscription -> {
                in = true;
                joins.incrementAndGet();
                loop.execute(() -> {
                    in = false;
                    hub.unsubscribe(subscription);
                    if (!stopped.get()) {
                        loop.execute(this);
                    }
                });
            });
        }

        @Override
        public void receive(MessageBatch batch) {
            if (!in) {
                strays.incrementAndGet();
            }
        }
    }

    private void join(EventExecutor loop, Receiver receiver) throws Exception {
        loop.submit(() -> hub.subscribe(CHANNEL, receiver, loop).subscribe())
                .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    private void publishFromAllThreads() throws Exception {
        List<Callable<Integer>> tasks = IntStream.range(0, PUBLISHERS)
                .mapToObj(publisher -> (Callable<Integer>) () -> publish(publisher))
                .toList();
        for (Future<Integer> task : publishers.invokeAll(tasks, PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            assertThat(task.get()).isEqualTo(MESSAGES);
        }
    }

    private int publish(int publisher) {
        int published = 0;
        while (published < MESSAGES) {
            byte[] data = (publisher + "." + published).getBytes(StandardCharsets.UTF_8);
            try {
                hub.publish(CHANNEL, data, null).block(PATIENCE);
                published++;
            } catch (RefusedException saturated) {
                Thread.onSpinWait(); // the loops are behind
            }
        }
        return published;
    }
}
