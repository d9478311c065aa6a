package dev.starling.loadtest;

import java.nio.charset.StandardCharsets;

/** The names of the protocol and of this tool's payloads, as {@link ServerText} wants them. */
final class Words {

    static final byte[] WELCOME = ServerText.type("welcome");
    static final byte[] SUBSCRIBED = ServerText.type("subscribed");
    static final byte[] PUBLISHED = ServerText.type("published");
    static final byte[] MESSAGE = ServerText.type("message");
    static final byte[] PONG = ServerText.type("pong");
    static final byte[] ERROR = ServerText.type("error");
    static final byte[] GAP = ServerText.type("gap");
    static final byte[] GOAWAY = ServerText.type("goaway");

    static final byte[] ID = ServerText.name("id");
    static final byte[] CODE = ServerText.name("code");
    static final byte[] CHANNEL = ServerText.name("channel");
    static final byte[] EPOCH = ServerText.name("epoch");
    static final byte[] OFFSET = ServerText.name("offset");
    static final byte[] RECOVERED = ServerText.name("recovered");
    static final byte[] FROM = ServerText.name("from");
    static final byte[] TO = ServerText.name("to");
    static final byte[] RECONNECT_AFTER = ServerText.name("reconnectAfter");

    /** In the payload: the publisher. */
    static final byte[] PUBLISHER = ServerText.name("p");
    /** In the payload: the number of the channel. */
    static final byte[] CHANNEL_NUMBER = ServerText.name("c");
    /** In the payload: the sequence number in that channel, from 1. */
    static final byte[] SEQUENCE = ServerText.name("n");
    /** In the payload: when it was meant to be sent, by the machine's monotonic clock in nanoseconds. */
    static final byte[] INTENDED = ServerText.name("t");

    static final byte[] TRUE = "true".getBytes(StandardCharsets.US_ASCII);
    static final byte[] FALSE = "false".getBytes(StandardCharsets.US_ASCII);

    private Words() {}
}
