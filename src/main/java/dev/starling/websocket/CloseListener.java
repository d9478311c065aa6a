package dev.starling.websocket;

/** Is told of each connection that has ended. */
@FunctionalInterface
public interface CloseListener {

    /** Called once per connection, on its event loop, which it must not hold; it must not throw. */
    void closed(ClosedConnection connection);
}
