package dev.starling.loadtest.client;

import java.nio.charset.StandardCharsets;

/** The names of the protocol and of this tool's payloads, as {@link ServerText} wants them. */
public final class Words {

    static final byte[] WELCOME = ServerText.type("welcome");
    public static final byte[] SUBSCRIBED = ServerText.type("subscribed");
    public static final byte[] PUBLISHED = ServerText.type("published");
    public static final byte[] MESSAGE = ServerText.type("message");
    public static final byte[] PONG = ServerText.type("pong");
    public static final byte[] ERROR = ServerText.type("error");
    public static final byte[] GAP = ServerText.type("gap");
    public static final byte[] GOAWAY = ServerText.type("goaway");

    public static final byte[] ID = ServerText.name("id");
    public static final byte[] CODE = ServerText.name("code");
    public static final byte[] CHANNEL = ServerText.name("channel");
    public static final byte[] EPOCH = ServerText.name("epoch");
    public static final byte[] OFFSET = ServerText.name("offset");
    public static final byte[] RECOVERED = ServerText.name("recovered");
    public static final byte[] FROM = ServerText.name("from");
    public static final byte[] TO = ServerText.name("to");
    public static final byte[] RECONNECT_AFTER = ServerText.name("reconnectAfter");

    /** In the payload: the publisher. */
    public static final byte[] PUBLISHER = ServerText.name("p");
    /** In the payload: the number of the channel. */
    public static final byte[] CHANNEL_NUMBER = ServerText.name("c");
    /** In the payload: the sequence number in that channel, from 1. */
    public static final byte[] SEQUENCE = ServerText.name("n");
    /** In the payload: when it was meant to be sent, by the machine's monotonic clock in nanoseconds. */
    public static final byte[] INTENDED = ServerText.name("t");

    public static final byte[] TRUE = "true".getBytes(StandardCharsets.US_ASCII);
    public static final byte[] FALSE = "false".getBytes(StandardCharsets.US_ASCII);

    private Words() {}
}
