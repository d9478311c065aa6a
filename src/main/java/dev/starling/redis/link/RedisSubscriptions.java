package dev.starling.redis.link;

/** The Redis channels that this node hears. No method blocks, and all may be called by any thread. */
public interface RedisSubscriptions {

    /** Hears a channel as soon as there is a link, and after each reconnect again; twice is as once. */
    void add(String channel);

    /** Hears it no more; add and remove net out in the order in which they were called. */
    void remove(String channel);

    /** Whether the link that serves (or would serve) the channel is up, so that an add will be answered soon. */
    boolean isUp(String channel);

    /**
     * Whether this node hears all that it wants to through the link that serves (or would serve) the channel: false from when
     * that is lost until Redis has confirmed each of its channels again. What is published meanwhile may reach nobody.
     */
    boolean isConfirmed(String channel);

    /** Whether this node's link was lost and is back, but those of the other nodes may not be. */
    boolean isJustBack(String channel);

    /**
     * Whether the server of the channel, which also does the commands for it, is known to answer nobody: what is asked of it
     * now would only fail later.
     */
    boolean isSilent(String channel);

    /** What comes through the links, on the reading thread of the connection: nothing here may block. */
    interface Listener {

        /** A message; the array is the listener's own. */
        void message(String channel, byte[] envelope);

        /**
         * Redis has confirmed a channel: nothing that is published from now on is missed. Called again for each channel
         * after each reconnect or move: then something may have been missed before.
         */
        void subscribed(String channel);
    }
}
