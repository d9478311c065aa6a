package dev.starling.loadtest;

/** What a scenario makes of what its clients hear. On the client's event loop; frames are valid until the call returns. */
interface ClientSink {

    /** A {@code message} frame. */
    default void message(Client client, LoopDesk desk, ServerText frame) {}

    /** Any other frame but {@code welcome}: answers, {@code error}, {@code goaway}, {@code gap}. */
    default void other(Client client, LoopDesk desk, ServerText frame) {}

    /** A {@code pong} frame, or the answer to a WebSocket ping. */
    default void pong(Client client, LoopDesk desk) {}

    /** The frame with which a client subscribes. */
    default String subscribe(Client client, String channel) {
        return "{\"type\":\"subscribe\",\"channel\":\"" + channel + "\"}";
    }

    /** Whether an ending that nobody here asked for is no failure. */
    default boolean excuses(Client client, Ending ending) {
        return false;
    }

    /** The client has all that it wanted: connected, and subscribed. */
    default void ready(Client client) {}

    /** The connection has ended; it had been ready if {@code ready}. */
    default void ended(Client client, Ending ending, boolean ready) {}
}
