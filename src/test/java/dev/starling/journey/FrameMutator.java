package dev.starling.journey;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Makes bad frames out of good ones; the same seed makes the same frames. */
final class FrameMutator {

    private static final List<String> SEEDS = List.of(
            "{\"type\":\"subscribe\",\"channel\":\"open:fuzz\"}",
            "{\"type\":\"subscribe\",\"channel\":\"open:fuzz\",\"recover\":{\"epoch\":\"e\",\"offset\":12}}",
            "{\"type\":\"unsubscribe\",\"channel\":\"open:fuzz\",\"id\":17}",
            "{\"type\":\"publish\",\"channel\":\"open:fuzz\",\"data\":{\"a\":[1,2.5e-3,null,\"\\u00e9é😀\"]},\"key\":\"k\"}",
            "{\"id\":\"x\",\"data\":\"text\",\"channel\":\"open:fuzz\",\"type\":\"publish\"}",
            "{\"type\":\"history\",\"channel\":\"open:fuzz\",\"limit\":100}",
            "{\"type\":\"presence\",\"channel\":\"open:fuzz\"}",
            "{\"type\":\"refresh\",\"token\":\"aaaa.bbbb.cccc\"}",
            "{\"type\":\"ping\",\"id\":1}");
    private static final String STRUCTURE = "{}[]\":,\\0123456789eE+-.tfn \t\n";

    private final Random random;

    FrameMutator(Random random) {
        this.random = random;
    }

    /** A legal text frame, mostly of ASCII; in one of 1,000 with bytes that may be no UTF-8, which closes the connection. */
    byte[] text() {
        byte[] text = seed();
        int mutations = 1 + random.nextInt(4);
        for (int i = 0; i < mutations; i++) {
            text = mutated(text);
        }
        if (random.nextInt(1000) != 0) {
            text = ascii(text);
        }
        return RawFrame.of(RawFrame.TEXT, text).encode();
    }

    /** Bytes that are probably no frame, or not one that may stand here. */
    byte[] brokenFrame() {
        if (random.nextInt(4) == 0) {
            byte[] noise = new byte[1 + random.nextInt(200)];
            random.nextBytes(noise);
            return noise;
        }
        byte[] frame = RawFrame.of(random.nextInt(16), seed())
                .reserved(random.nextInt(8))
                .encode();
        return random.nextBoolean() ? frame : mutated(frame);
    }

    /** A frame that says that it is deflated, or that is of a deflated message; mostly it is broken somewhere. */
    byte[] deflatedFrame(DeflatingClient client) {
        byte[] payload = client.deflated(random.nextInt(20) == 0 ? new byte[1 << 20] : seed());
        int opcode = random.nextInt(8) == 0 ? random.nextInt(16) : random.nextInt(3);
        RawFrame frame = RawFrame.of(opcode, random.nextBoolean() ? mutated(payload) : payload)
                .reserved(random.nextInt(4) == 0 ? random.nextInt(8) : opcode == 0 ? 0 : DeflatingClient.DEFLATED);
        byte[] bytes = (random.nextInt(3) == 0 ? frame.open() : frame).encode();
        return random.nextInt(10) == 0 ? mutated(bytes) : bytes;
    }

    /** An upgrade request of which lines are missing, doubled or changed. */
    byte[] handshake(String token) {
        String request = RawClient.upgradeRequest(
                "/ws",
                token,
                "Sec-WebSocket-Protocol: chat, starling.v1",
                DeflatingClient.OFFER + "; client_max_window_bits=\"10\", foo; bar=baz");
        StringBuilder changed = new StringBuilder();
        for (String line : request.strip().lines().toList()) {
            int times = random.nextInt(8) == 0 ? random.nextInt(3) : 1;
            byte[] bytes = line.getBytes(StandardCharsets.ISO_8859_1);
            byte[] other = random.nextInt(5) == 0 ? mutated(bytes) : bytes;
            changed.append((new String(other, StandardCharsets.ISO_8859_1) + "\r\n").repeat(times));
        }
        return changed.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    private byte[] seed() {
        return SEEDS.get(random.nextInt(SEEDS.size())).getBytes(StandardCharsets.UTF_8);
    }

    private byte[] mutated(byte[] bytes) {
        if (bytes.length == 0) {
            return new byte[] {'{'};
        }
        int at = random.nextInt(bytes.length);
        return switch (random.nextInt(5)) {
            case 0 -> Arrays.copyOf(bytes, at);
            case 1 -> replaced(bytes, at, (byte) random.nextInt(256));
            case 2 -> replaced(bytes, at, (byte) STRUCTURE.charAt(random.nextInt(STRUCTURE.length())));
            case 3 -> spliced(bytes, at, Arrays.copyOfRange(bytes, at, bytes.length));
            default -> spliced(bytes, at, seed());
        };
    }

    private static byte[] replaced(byte[] bytes, int at, byte value) {
        byte[] copy = bytes.clone();
        copy[at] = value;
        return copy;
    }

    private static byte[] spliced(byte[] bytes, int at, byte[] part) {
        byte[] joined = Arrays.copyOf(bytes, bytes.length + part.length);
        System.arraycopy(part, 0, joined, at, part.length);
        System.arraycopy(bytes, at, joined, at + part.length, bytes.length - at);
        return joined;
    }

    private static byte[] ascii(byte[] bytes) {
        byte[] copy = bytes.clone();
        for (int i = 0; i < copy.length; i++) {
            copy[i] &= 0x7f;
        }
        return copy;
    }
}
