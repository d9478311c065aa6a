package dev.starling.protocol;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Messages as clients might send them, right and wrong, the same ones for the same seed. */
final class RandomMessages {

    private static final String[] TYPES = {
        "publish",
        "publish",
        "publish",
        "subscribe",
        "unsubscribe",
        "presence",
        "ping",
        "history",
        "refresh",
        "nonsense"
    };
    private static final String[] OTHER_FIELDS = {"key", "token", "recover", "since", "limit", "v", "", "ä"};
    private static final String[] SCALARS = {
        "null",
        "true",
        "false",
        "0",
        "1",
        "-12",
        "3.25",
        "1e5",
        "-0.5E-3",
        "1001",
        "9223372036854775807",
        "\"\"",
        "\"e\""
    };
    private static final String[] CHARACTERS = {
        "a",
        "Z",
        "7",
        ":",
        " ",
        "/",
        "ä",
        "€",
        "😀",
        "\\n",
        "\\\"",
        "\\\\",
        "\\/",
        "\\u0041",
        "\\ud83d\\ude00",
        "\\u20AC"
    };
    private static final String[] BAD_CHARACTERS = {"\\ud800", "\\udc00", "\\x", "\\u12", "\n", "\u0000", "*"};
    private static final String[] SPACES = {"", "", "", "", " ", "\n", "\t\r\n "};
    private static final byte[] TELLING = "{}[]\",:\\u0-+.eE tfn/'#x\u0000\n\u007f".getBytes(StandardCharsets.US_ASCII);

    private final Random random;

    RandomMessages(long seed) {
        random = new Random(seed);
    }

    byte[] next() {
        byte[] message = frame().getBytes(StandardCharsets.UTF_8);
        int mutations = random.nextInt(5) < 2 ? 0 : random.nextInt(3);
        for (int i = 0; i < mutations; i++) {
            message = mutated(message);
        }
        return message;
    }

    private String frame() {
        List<String> fields = new ArrayList<>();
        fields.add(field("type", string(oneOf(TYPES))));
        if (random.nextInt(10) > 0) {
            fields.add(field("channel", rarely() ? value(0) : string("room:" + random.nextInt(1000))));
        }
        if (random.nextBoolean()) {
            fields.add(field("id", rarely() ? value(1) : random.nextBoolean() ? oneOf(SCALARS) : text()));
        }
        if (random.nextInt(4) > 0) {
            fields.add(field("data", value(0)));
        }
        while (random.nextInt(3) == 0) {
            fields.add(otherField());
        }
        if (random.nextInt(20) == 0) {
            fields.add(fields.get(random.nextInt(fields.size())));
        }
        Collections.shuffle(fields, random);
        return space() + "{" + space() + String.join(space() + "," + space(), fields) + space() + "}" + space();
    }

    private String otherField() {
        String name = oneOf(OTHER_FIELDS);
        switch (name) {
            case "recover":
            case "since":
                return field(name, rarely() ? value(1) : position());
            case "limit":
                return field(name, rarely() ? value(1) : String.valueOf(random.nextInt(1200)));
            default:
                return field(name, random.nextBoolean() ? text() : value(1));
        }
    }

    private String position() {
        return "{" + field("epoch", text()) + "," + space() + field("offset", oneOf(SCALARS)) + "}";
    }

    private String field(String name, String value) {
        return string(name) + space() + ":" + space() + value;
    }

    private String value(int depth) {
        int kind = random.nextInt(depth > 4 ? 4 : 6);
        if (kind < 2) {
            return oneOf(SCALARS);
        }
        if (kind < 4) {
            return text();
        }
        List<String> parts = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            parts.add(kind == 4 ? value(depth + 1) : field("k" + i, value(depth + 1)));
        }
        String inside = space() + String.join(space() + "," + space(), parts) + space();
        return kind == 4 ? "[" + inside + "]" : "{" + inside + "}";
    }

    private String text() {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(rarely() ? 150 : 12); i > 0; i--) {
            text.append(oneOf(random.nextInt(500) == 0 ? BAD_CHARACTERS : CHARACTERS));
        }
        return "\"" + text + "\"";
    }

    /** Now and then with an escape that need not be. */
    private String string(String word) {
        if (rarely() && !word.isEmpty()) {
            int i = random.nextInt(word.length());
            return "\"" + word.substring(0, i) + String.format("\\u%04x", (int) word.charAt(i)) + word.substring(i + 1)
                    + "\"";
        }
        return "\"" + word + "\"";
    }

    private byte[] mutated(byte[] message) {
        int at = random.nextInt(message.length + 1);
        int cut = random.nextInt(4) == 0 ? random.nextInt(12) : random.nextInt(2);
        int end = Math.min(message.length, at + cut);
        byte[] insertion = new byte[random.nextInt(3)];
        for (int i = 0; i < insertion.length; i++) {
            insertion[i] = random.nextBoolean()
                    ? TELLING[random.nextInt(TELLING.length)]
                    : random.nextInt(3) == 0 ? (byte) random.nextInt(256) : message[random.nextInt(message.length)];
        }
        byte[] all = Arrays.copyOf(message, message.length - (end - at) + insertion.length);
        System.arraycopy(insertion, 0, all, at, insertion.length);
        System.arraycopy(message, end, all, at + insertion.length, message.length - end);
        return all.length == 0 ? new byte[] {'{'} : all;
    }

    private boolean rarely() {
        return random.nextInt(15) == 0;
    }

    private String space() {
        return oneOf(SPACES);
    }

    private String oneOf(String[] choices) {
        return choices[random.nextInt(choices.length)];
    }
}
