package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.loadtest.check.DeliveryChecker;
import dev.starling.loadtest.check.DeliveryReport;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** Publishers and subscribers on several nodes, and the proof of what they got. For one thread. */
final class CheckedRun implements AutoCloseable {

    private static final Duration BOUND = Duration.ofSeconds(30);
    private static final Duration POLL = Duration.ofMillis(20);

    private final DeliveryChecker checker = new DeliveryChecker();
    private final List<URI> nodes;
    private final ScheduledExecutorService timer = Executors.newScheduledThreadPool(2, task -> {
        Thread thread = new Thread(task, "checked-run");
        thread.setDaemon(true);
        return thread;
    });
    private final Queue<String> surprises = new ConcurrentLinkedQueue<>();
    private final List<CheckedSubscriber> subscribers = new ArrayList<>();
    private final List<CheckedPublisher> publishers = new ArrayList<>();

    CheckedRun(List<ServerProcess> nodes) {
        this(nodes.stream().map(ServerProcess::socket));
    }

    /** The same by other addresses, such as that of a proxy. */
    CheckedRun(Stream<URI> addresses) {
        this.nodes = addresses.toList();
    }

    /** A new client, first of this node; its subscriptions stand soon. */
    CheckedSubscriber subscribe(int node, String... channels) {
        String name = "s" + subscribers.size();
        CheckedSubscriber subscriber =
                new CheckedSubscriber(checker.subscriber(name), List.of(channels), nodes, node, timer, surprises);
        subscribers.add(subscriber);
        subscriber.connect();
        return subscriber;
    }

    /** A new client, first of this node, that begins to publish. */
    CheckedPublisher publish(int node, String channel, int perSecond) {
        CheckedPublisher publisher =
                new CheckedPublisher(checker, publishers.size(), channel, perSecond, nodes, node, timer, surprises);
        publishers.add(publisher);
        publisher.start();
        return publisher;
    }

    List<CheckedSubscriber> subscribers() {
        return List.copyOf(subscribers);
    }

    /** Waits until all subscriptions stand. */
    CheckedRun awaitStanding() {
        await("all subscriptions stand", this::allStand);
        return this;
    }

    private boolean allStand() {
        return subscribers.stream().allMatch(CheckedSubscriber::stands);
    }

    /** Waits until each publisher has so many more acknowledgements. */
    CheckedRun awaitPublished(int more) {
        List<Integer> before =
                publishers.stream().map(CheckedPublisher::acknowledged).toList();
        await("each publisher has published " + more, () -> {
            for (int i = 0; i < before.size(); i++) {
                if (publishers.get(i).acknowledged() < before.get(i) + more) {
                    return false;
                }
            }
            return true;
        });
        return this;
    }

    /** Waits until each subscriber has been told once more that the history is another one. */
    CheckedRun awaitTold(int times) {
        await(
                "each subscriber is told " + times + " times",
                () -> subscribers.stream().allMatch(subscriber -> subscriber.told() >= times));
        return this;
    }

    /** The publishers stop, what is under way arrives, and then: what came of it. Nobody saw a frame out of place. */
    DeliveryReport finish() {
        publishers.forEach(CheckedPublisher::stop);
        await("all is acknowledged", () -> publishers.stream().allMatch(CheckedPublisher::isDone));
        awaitStanding();
        // What is outstanding at the end is a loss: the report says whose.
        long deadline = System.nanoTime() + BOUND.toNanos();
        Awaitility.await()
                .atMost(BOUND.plusSeconds(5))
                .pollInterval(POLL)
                .until(() -> (checker.outstanding() == 0 && allStand()) || System.nanoTime() > deadline);
        // To who is away nothing is owed yet: a report would not miss what it lost.
        assertThat(allStand()).as("all subscriptions stand at the end").isTrue();
        DeliveryReport report = checker.report();
        assertThat(surprises).isEmpty();
        assertThat(report.delivered()).as("something was delivered").isPositive();
        return report;
    }

    /** The same where nothing may be lost, told or not. */
    DeliveryReport finishComplete() {
        DeliveryReport report = finishClean();
        assertThat(report.toldLost()).isZero();
        assertThat(report.refusals()).isZero();
        assertThat(report.rewritten()).isZero();
        return report;
    }

    /** The same where losses are allowed if they are told. */
    DeliveryReport finishClean() {
        DeliveryReport report = finish();
        assertThat(report.faults()).isEmpty();
        assertThat(report.faultCount()).isZero();
        return report;
    }

    private static void await(String what, Callable<Boolean> condition) {
        Awaitility.await(what).atMost(BOUND).pollInterval(POLL).until(condition);
    }

    @Override
    public void close() {
        publishers.forEach(CheckedPublisher::close);
        subscribers.forEach(CheckedSubscriber::close);
        timer.shutdownNow();
    }
}
