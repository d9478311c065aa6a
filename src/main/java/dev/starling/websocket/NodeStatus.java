package dev.starling.websocket;

/** This node, to be looked at. Thread-safe. */
public final class NodeStatus {

    private final Node node;
    private final SessionDrain drain;

    NodeStatus(Node node, SessionDrain drain) {
        this.node = node;
        this.drain = drain;
    }

    /** What the node calls itself in {@code welcome} and in logs. */
    public String name() {
        return node.name();
    }

    /** How many connections are open. */
    public int connections() {
        return node.registry().size();
    }

    /** Whether it is about to stop, and sends its clients elsewhere. */
    public boolean isDraining() {
        return drain.isDraining();
    }
}
