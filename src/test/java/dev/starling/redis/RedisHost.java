package dev.starling.redis;

/** Where one {@code redis-server} runs: the same server, the same data and the same port through all its starts. */
interface RedisHost {

    /** Starts it with what data it has; it need not be ready when this returns. */
    void start();

    boolean isAlive();

    /** Sends a signal such as {@code STOP} to the server. */
    void signal(String name);

    /** Ends it as {@code kill -9} does, and returns when it is gone; nothing if it is gone already. */
    void kill();

    /** Forgets the data of a server that is not running. */
    void wipe();

    /** What it has written so far. */
    String output();
}
