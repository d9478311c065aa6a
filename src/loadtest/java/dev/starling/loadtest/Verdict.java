package dev.starling.loadtest;

import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** A result, and what of it passes a limit. Not thread-safe. */
final class Verdict {

    private final Result result;
    private final List<String> complaints = new ArrayList<>();

    Verdict(Result result) {
        this.result = result;
    }

    Result result() {
        return result;
    }

    /** At most so many may there be. */
    Verdict most(String what, Number is, @Nullable Number limit) {
        if (limit != null && is.doubleValue() > limit.doubleValue()) {
            complaints.add(what + ": " + Result.rounded(is.doubleValue()) + ", at most " + limit);
        }
        return this;
    }

    /** At least so many must there be. */
    Verdict least(String what, Number is, Number limit) {
        if (is.doubleValue() < limit.doubleValue()) {
            complaints.add(what + ": " + Result.rounded(is.doubleValue()) + ", at least "
                    + Result.rounded(limit.doubleValue()));
        }
        return this;
    }

    /** This must be so. */
    Verdict must(boolean is, String complaint) {
        if (!is) {
            complaints.add(complaint);
        }
        return this;
    }

    Verdict p99(Histogram nanos, @Nullable Double limitMillis) {
        return nanos.getTotalCount() == 0
                ? this
                : most("p99 in ms", Result.millis(nanos.getValueAtPercentile(99)), limitMillis);
    }

    boolean isFine() {
        return complaints.isEmpty();
    }

    /** The result, with what is wrong. */
    Result finish() {
        return result.put("passed", isFine()).put("complaints", complaints);
    }
}
