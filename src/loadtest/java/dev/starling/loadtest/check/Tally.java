package dev.starling.loadtest.check;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/** Running counts and faults. Any thread may add. */
final class Tally {

    final LongAdder sent = new LongAdder();
    final LongAdder acknowledged = new LongAdder();
    final LongAdder delivered = new LongAdder();
    final LongAdder toldLost = new LongAdder();
    final LongAdder lostWithoutHistory = new LongAdder();
    final LongAdder recoveries = new LongAdder();
    final LongAdder refusals = new LongAdder();
    final LongAdder restarts = new LongAdder();
    final LongAdder rewritten = new LongAdder();

    private final List<DeliveryFault> faults = new ArrayList<>();
    private long faultCount;

    synchronized void fault(DeliveryFault.Kind kind, String channel, String subscriber, String detail) {
        faultCount++;
        if (faults.size() < DeliveryReport.MAX_FAULTS) {
            faults.add(new DeliveryFault(kind, channel, subscriber, detail));
        }
    }

    synchronized List<DeliveryFault> faults() {
        return List.copyOf(faults);
    }

    synchronized long faultCount() {
        return faultCount;
    }

    /** To be added to without a change of this one. */
    Tally copy() {
        Tally copy = new Tally();
        copy.sent.add(sent.sum());
        copy.acknowledged.add(acknowledged.sum());
        copy.delivered.add(delivered.sum());
        copy.toldLost.add(toldLost.sum());
        copy.lostWithoutHistory.add(lostWithoutHistory.sum());
        copy.recoveries.add(recoveries.sum());
        copy.refusals.add(refusals.sum());
        copy.restarts.add(restarts.sum());
        copy.rewritten.add(rewritten.sum());
        synchronized (this) {
            copy.faults.addAll(faults);
            copy.faultCount = faultCount;
        }
        return copy;
    }
}
