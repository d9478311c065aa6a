package dev.starling.journey;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/** A WebSocket with permessage-deflate that sends what it is told, right or wrong. For one thread. */
final class DeflatingClient implements AutoCloseable {

    static final String OFFER = "Sec-WebSocket-Extensions: permessage-deflate";

    /** The bit that says that a message is deflated (RFC 7692, section 6). */
    static final int DEFLATED = 4;

    private static final int TAIL_BYTES = 4;
    private static final byte[] TAIL = {0, 0, -1, -1};

    final RawClient wire;
    private final Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
    private final Inflater inflater = new Inflater(true);

    private DeflatingClient(RawClient wire) {
        this.wire = wire;
    }

    static DeflatingClient open(int port) {
        RawClient wire = RawClient.connect(port);
        HttpAnswer answer = wire.upgrade(
                "/ws", OFFER, "Authorization: Bearer " + Tokens.standard().sign());
        if (!"permessage-deflate".equals(answer.header("sec-websocket-extensions"))) {
            throw new AssertionError("no compression: " + answer);
        }
        DeflatingClient client = new DeflatingClient(wire);
        client.awaitText("\"welcome\"");
        return client;
    }

    /** The bytes of a message as they go into its frame. */
    byte[] deflated(byte[] text) {
        deflater.setInput(text);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] part = new byte[8192];
        int length;
        do {
            length = deflater.deflate(part, 0, part.length, Deflater.SYNC_FLUSH);
            out.write(part, 0, length);
        } while (length == part.length || !deflater.needsInput());
        byte[] all = out.toByteArray();
        return Arrays.copyOf(all, all.length - TAIL_BYTES);
    }

    byte[] deflated(String text) {
        return deflated(text.getBytes(StandardCharsets.UTF_8));
    }

    /** How the next messages are deflated; see {@link Deflater}. */
    DeflatingClient level(int level, int strategy) {
        deflater.setLevel(level);
        deflater.setStrategy(strategy);
        return this;
    }

    /** Sends a frame that says that it begins a deflated message. */
    DeflatingClient send(int opcode, byte[] payload) {
        wire.send(RawFrame.of(opcode, payload).reserved(DEFLATED));
        return this;
    }

    DeflatingClient send(String text) {
        return send(RawFrame.TEXT, deflated(text));
    }

    /** The text of the first message that contains this; what comes before is dropped. */
    String awaitText(String part) {
        while (true) {
            RawFrame frame = wire.await(next -> next.opcode() == RawFrame.TEXT || next.opcode() == RawFrame.CLOSE);
            if (frame.opcode() == RawFrame.CLOSE) {
                throw new AssertionError("closed with " + frame.closeCode() + " before " + part);
            }
            String text = frame.reserved() == DEFLATED ? inflated(frame.payload()) : frame.text();
            if (text.contains(part)) {
                return text;
            }
        }
    }

    private String inflated(byte[] payload) {
        try {
            ByteArrayOutputStream text = new ByteArrayOutputStream();
            byte[] part = new byte[8192];
            for (byte[] input : new byte[][] {payload, TAIL}) {
                inflater.setInput(input);
                for (int length = inflater.inflate(part); length > 0; length = inflater.inflate(part)) {
                    text.write(part, 0, length);
                }
            }
            return text.toString(StandardCharsets.UTF_8);
        } catch (DataFormatException e) {
            throw new AssertionError("not deflated", e);
        }
    }

    /** The code of the server's close frame, after whose answer the connection ends at once. */
    int awaitEnd() {
        return BadInputIT.awaitEnd(wire, true);
    }

    @Override
    public void close() {
        deflater.end();
        inflater.end();
        wire.close();
    }
}
