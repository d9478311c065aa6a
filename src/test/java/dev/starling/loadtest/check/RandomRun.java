package dev.starling.loadtest.check;

import static dev.starling.loadtest.check.Run.CHANNEL;

import dev.starling.protocol.StreamPosition;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** What an honest server would do with one channel and some subscribers, drawn by lot, as steps that can be tampered with. */
final class RandomRun {

    /** One thing that happened to a subscriber, or, with none, to the publisher. */
    record Step(int subscriber, Kind kind, @Nullable StreamPosition position, boolean recovered, int sequence) {}

    enum Kind {
        PUBLISHED,
        SUBSCRIBED,
        MESSAGE,
        /** From the position to the offset {@code sequence}. */
        GAP,
        DISCONNECTED
    }

    private static final int SUBSCRIBERS = 3;
    private static final int NOBODY = -1;

    /** One subscriber as the server knows it. */
    private static final class Client {
        private @Nullable StreamPosition position;
        private boolean attached;
        private long gapFrom;
    }

    private final Random random;
    private final List<Step> steps = new ArrayList<>();
    private final List<Client> clients = new ArrayList<>();
    private int epoch = 1;
    private long top;
    private int sequence;
    private int firstOfEpoch = 1;

    private RandomRun(long seed) {
        random = new Random(seed);
        for (int i = 0; i < SUBSCRIBERS; i++) {
            clients.add(new Client());
        }
    }

    static List<Step> draw(long seed, int length) {
        RandomRun run = new RandomRun(seed);
        for (int i = 0; i < length; i++) {
            run.step();
        }
        for (int i = 0; i < SUBSCRIBERS; i++) {
            run.tellGap(i);
        }
        return run.steps;
    }

    /** What the checker says of them. */
    static DeliveryReport check(List<Step> steps) {
        DeliveryChecker checker = new DeliveryChecker();
        List<SubscriberLog> subscribers = new ArrayList<>();
        for (int i = 0; i < SUBSCRIBERS; i++) {
            subscribers.add(checker.subscriber("s" + i));
        }
        for (Step step : steps) {
            if (step.kind() == Kind.PUBLISHED) {
                checker.sent(CHANNEL, 0, step.sequence());
                checker.acknowledged(CHANNEL, 0, step.sequence(), step.position());
            } else {
                tell(subscribers.get(step.subscriber()), step);
            }
        }
        return checker.report();
    }

    private static void tell(SubscriberLog subscriber, Step step) {
        StreamPosition position = step.position();
        long offset = position == null ? 0 : position.offset();
        switch (step.kind()) {
            case SUBSCRIBED -> subscriber.subscribed(CHANNEL, position, step.recovered());
            case MESSAGE -> subscriber.message(CHANNEL, offset, 0, step.sequence());
            case GAP -> subscriber.gap(CHANNEL, offset, step.sequence());
            case DISCONNECTED -> subscriber.disconnected();
            case PUBLISHED -> throw new IllegalArgumentException("not to a subscriber");
        }
    }

    private void step() {
        int lot = random.nextInt(100);
        int subscriber = random.nextInt(SUBSCRIBERS);
        if (lot < 80) {
            publish();
        } else if (lot < 98) {
            comeOrGo(subscriber);
        } else {
            restart();
        }
    }

    private void publish() {
        top++;
        sequence++;
        steps.add(new Step(NOBODY, Kind.PUBLISHED, at(top), false, sequence));
        for (int i = 0; i < SUBSCRIBERS; i++) {
            Client client = clients.get(i);
            if (!client.attached) {
                continue;
            }
            if (random.nextInt(10) == 0) {
                client.gapFrom = client.gapFrom == 0 ? top : client.gapFrom;
            } else {
                tellGapBefore(i, top);
                steps.add(new Step(i, Kind.MESSAGE, at(top), false, sequence));
                client.position = at(top);
            }
        }
    }

    private void comeOrGo(int subscriber) {
        Client client = clients.get(subscriber);
        if (client.attached) {
            client.attached = false;
            client.gapFrom = 0;
            steps.add(new Step(subscriber, Kind.DISCONNECTED, null, false, 0));
            return;
        }
        client.attached = true;
        StreamPosition before = client.position;
        if (before != null && before.epoch().equals(at(0).epoch()) && random.nextInt(4) > 0) {
            steps.add(new Step(subscriber, Kind.SUBSCRIBED, before, true, 0));
            for (long offset = before.offset() + 1; offset <= top; offset++) {
                steps.add(new Step(subscriber, Kind.MESSAGE, at(offset), false, firstOfEpoch + (int) offset - 1));
            }
        } else {
            steps.add(new Step(subscriber, Kind.SUBSCRIBED, at(top), false, 0));
        }
        client.position = at(top);
    }

    private void restart() {
        epoch++;
        top = 0;
        firstOfEpoch = sequence + 1;
        for (int i = 0; i < SUBSCRIBERS; i++) {
            Client client = clients.get(i);
            client.gapFrom = 0;
            if (client.attached) {
                client.position = at(0);
                steps.add(new Step(i, Kind.SUBSCRIBED, at(0), false, 0));
            }
        }
        publish();
    }

    private void tellGap(int subscriber) {
        if (clients.get(subscriber).attached) {
            tellGapBefore(subscriber, top + 1);
        }
    }

    private void tellGapBefore(int subscriber, long offset) {
        Client client = clients.get(subscriber);
        if (client.gapFrom > 0) {
            steps.add(new Step(subscriber, Kind.GAP, at(client.gapFrom), false, (int) offset - 1));
            client.gapFrom = 0;
            client.position = at(offset - 1);
        }
    }

    private StreamPosition at(long offset) {
        return new StreamPosition("e" + epoch, offset);
    }
}
