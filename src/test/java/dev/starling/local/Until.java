package dev.starling.local;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;

/** Waits for a condition, with a bound. */
final class Until {

    private Until() {}

    static void holds(String what, Duration bound, BooleanSupplier condition) {
        Awaitility.await(what)
                .pollInSameThread()
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .atMost(bound)
                .until(condition::getAsBoolean);
    }
}
