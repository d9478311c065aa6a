package dev.starling.loadtest.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.protocol.StreamPosition;

/** A run that a test makes up: one channel with history, one publisher, one subscriber, unless it says more. */
final class Run {

    static final String CHANNEL = "c";
    static final String UNKEPT = "u";

    final DeliveryChecker checker = new DeliveryChecker();
    final SubscriberLog subscriber = checker.subscriber("s");

    static StreamPosition at(String epoch, long offset) {
        return new StreamPosition(epoch, offset);
    }

    /** Publisher 0 publishes the messages with these numbers at these offsets. */
    Run published(String epoch, int from, int to) {
        for (int i = from; i <= to; i++) {
            published(i, at(epoch, i));
        }
        return this;
    }

    Run published(int sequence, StreamPosition position) {
        checker.sent(CHANNEL, 0, sequence);
        checker.acknowledged(CHANNEL, 0, sequence, position);
        return this;
    }

    Run subscribed(StreamPosition position) {
        subscriber.subscribed(CHANNEL, position, null);
        return this;
    }

    /** The subscriber gets what {@link #published(String, int, int)} published. */
    Run got(int from, int to) {
        for (int i = from; i <= to; i++) {
            subscriber.message(CHANNEL, i, 0, i);
        }
        return this;
    }

    /** The same in the channel without history, there and back. */
    Run publishedUnkept(int from, int to) {
        for (int i = from; i <= to; i++) {
            checker.sent(UNKEPT, 0, i);
            checker.acknowledged(UNKEPT, 0, i, null);
        }
        return this;
    }

    Run gotUnkept(int... sequences) {
        for (int sequence : sequences) {
            subscriber.message(UNKEPT, 0, 0, sequence);
        }
        return this;
    }

    DeliveryReport clean() {
        DeliveryReport report = checker.report();
        assertThat(report.faults()).isEmpty();
        assertThat(report.faultCount()).isZero();
        return report;
    }

    DeliveryReport faulty(DeliveryFault.Kind... kinds) {
        DeliveryReport report = checker.report();
        assertThat(report.faults()).extracting(DeliveryFault::kind).containsExactly(kinds);
        assertThat(report.faultCount()).isEqualTo(kinds.length);
        return report;
    }
}
