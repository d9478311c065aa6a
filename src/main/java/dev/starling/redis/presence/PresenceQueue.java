package dev.starling.redis.presence;

import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The channels of one master of Redis that have something to tell it. Each master has a queue and places of its own, so that
 * a master that does not answer does not delay the others. Owned by the presence thread.
 */
final class PresenceQueue {

    /** The most batches that one master is working on for this node. */
    static final int MOST_UNDER_WAY = 16;

    private final Set<OwnMembers> due = new LinkedHashSet<>();
    private final Set<OwnMembers> paused = new LinkedHashSet<>();
    private int underWay;
    private boolean failing;

    /** Each channel waits here at most once. */
    void add(OwnMembers members) {
        due.add(members);
    }

    /** Whether one may be taken now. */
    boolean hasNext() {
        return underWay < MOST_UNDER_WAY && !due.isEmpty();
    }

    /** Takes the next one, which is under way from now on. */
    OwnMembers next() {
        Iterator<OwnMembers> first = due.iterator();
        OwnMembers next = first.next();
        first.remove();
        underWay++;
        return next;
    }

    /** A batch that was under way has been answered. */
    void answered(boolean failed) {
        underWay--;
        failing = failed;
    }

    /** Whether the last answer was a failure. */
    boolean isFailing() {
        return failing;
    }

    boolean isCrowded() {
        return due.size() >= MOST_UNDER_WAY;
    }

    void pause(OwnMembers members) {
        paused.add(members);
    }

    /** Ends a pause; false if it has been ended before. */
    boolean resume(OwnMembers members) {
        return paused.remove(members);
    }

    List<OwnMembers> paused() {
        return List.copyOf(paused);
    }

    /** Takes one out, whether it is due or pauses; false if it is neither. */
    boolean remove(OwnMembers members) {
        return due.remove(members) || paused.remove(members);
    }

    /** Whether nothing is due, paused or under way. */
    boolean isIdle() {
        return due.isEmpty() && paused.isEmpty() && underWay == 0;
    }
}
