package dev.starling.channel;

/** Who gets what is said in a channel on this node. Called on the event loop it subscribed on, and must not block. */
@FunctionalInterface
public interface Receiver {

    /** Takes the frames, in order. The batch is valid during the call only. */
    void receive(MessageBatch batch);

    /** Told after it threw on frames of a channel with history: to go on would leave something out. */
    default void failed() {}
}
