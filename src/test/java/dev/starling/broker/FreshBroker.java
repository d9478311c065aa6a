package dev.starling.broker;

/** New brokers, for the tests and benchmarks of other rooms. */
public final class FreshBroker {

    private static final int CAPACITY = 1 << 16;

    private FreshBroker() {}

    /** One of a node that is alone. */
    public static Broker inMemory() {
        return new InMemoryBroker(CAPACITY);
    }
}
