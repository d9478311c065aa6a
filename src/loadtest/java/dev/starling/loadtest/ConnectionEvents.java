package dev.starling.loadtest;

/** What a connection tells its owner, always on the connection's event loop. */
interface ConnectionEvents {

    /** A text frame; it may be looked at until this returns. */
    void frame(ClientConnection connection, ServerText frame);

    /** The answer to a WebSocket ping. */
    default void pong(ClientConnection connection) {}

    /** It has ended, or never opened. Called once. */
    void ended(ClientConnection connection, Ending ending);
}
