package dev.starling.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds the two readings of a frame together, and both to a third one. */
class EnvelopeScannerPropertyTests {

    private static final int INPUTS = 200_000;
    private static final int MARGIN = 16;

    private final ChannelNameRule names = new ChannelNameRule(FrameLimits.DEFAULT);
    private final EnvelopeScanner scanner = new EnvelopeScanner(names, FrameLimits.DEFAULT.maxNesting());
    private final EnvelopeParser parser = new EnvelopeParser(names, FrameLimits.DEFAULT.maxNesting());
    private final TreeOracle oracle = new TreeOracle();

    @Test
    void whatTheScannerAcceptsTheParserReadsAlike() {
        RandomMessages messages = new RandomMessages(20_251_124);
        int scanned = 0;
        int parsed = 0;
        for (int i = 0; i < INPUTS; i++) {
            byte[] message = messages.next();
            ClientFrame fast = scan(message);
            ClientFrame full = parse(message);
            if (fast != null && !(full != null && describe(fast).equals(describe(full)))) {
                throw new AssertionError("scanner and parser differ on " + text(message));
            }
            scanned += fast == null ? 0 : 1;
            parsed += full == null ? 0 : 1;
        }
        // A generator that makes only nonsense would prove nothing.
        assertThat(scanned).isBetween(INPUTS / 10, INPUTS);
        assertThat(parsed).isBetween(INPUTS / 4, INPUTS * 3 / 4);
    }

    @Test
    void whatTheParserSaysIsWhatATreeOfTheMessageSays() {
        RandomMessages messages = new RandomMessages(4_711);
        int agreed = 0;
        for (int i = 0; i < INPUTS / 2; i++) {
            byte[] message = messages.next();
            ClientFrame frame = parse(message);
            if (frame != null) {
                boolean same = oracle.isJson(message, false)
                        && oracle.list(frame).equals(oracle.read(message))
                        && isInside(frame, message);
                assertThat(same).as(text(message)).isTrue();
                agreed++;
            } else if (oracle.isJson(message, true) && !hasWhatATreeForgets(message)) {
                assertThat(oracle.read(message)).as(text(message)).isNull();
            }
        }
        assertThat(agreed).isGreaterThan(INPUTS / 8);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type':'ping'}",
                "{'type':'ping','id':17}",
                "{'type':'subscribe','channel':'room:1','id':'a-1'}",
                "{'type':'subscribe','channel':'room:1','token':'a.b-c_d'}",
                "{'id':1,'channel':'room:1','type':'unsubscribe'}",
                "{'type':'presence','channel':'room:1'}",
                "{ 'type': 'publish', 'channel': 'room:1', 'data': { 'text': 'ä€😀 \\n \\ud83d\\ude00', 'n': [1, -2.5e3, true, null] } }",
                "{'type':'publish','channel':'room:1','data':null,'key':'0f1e','id':1}"
            })
    void whatClientsSendAllDayIsScanned(String message) {
        assertThat(scan(json(message))).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type':'\\u0070ing'}",
                "{'\\u0074ype':'ping'}",
                "{'type':'ping','v':1}",
                "{'type':'ping','id':'ä'}",
                "{'type':'presence','channel':'a\\/b'}",
                "{'type':'publish','channel':'c','data':1,'key':'ä'}",
                "{'type':'subscribe','channel':'c','recover':{'epoch':'e','offset':1}}",
                "{'type':'refresh','token':'t'}",
                "{'type':'history','channel':'c'}"
            })
    void whatIsOddIsLeftToTheParser(String message) {
        assertThat(scan(json(message))).isNull();
        assertThat(parse(json(message))).isNotNull();
    }

    @Test
    void aScanRemembersNothingOfTheLast() {
        assertThat(scan(json("{'type':'publish','channel':'c','data':1,'id':1}")))
                .isNotNull();
        assertThat(scan(json("{'channel':'c','data':1}"))).isNull();
        assertThat(scan(json("{'type':'ping'}"))).isEqualTo(new ClientFrame.Ping(null));
    }

    @Test
    void aTypeThatIsNotThereIsNotSoughtBeforeTheMessage() {
        byte[] nine = json("{'type':1}");
        byte[] buffer = json("'publish'{'channel':'c','data':1}");
        assertThat(scanner.scan(nine, 0, nine.length)).isNull();
        assertThat(scanner.scan(buffer, 9, buffer.length - 9)).isNull();
    }

    /** Between bytes that would change the meaning if they were read. */
    private @Nullable ClientFrame scan(byte[] message) {
        byte[] buffer = new byte[message.length + 2 * MARGIN];
        Arrays.fill(buffer, (byte) '"');
        System.arraycopy(message, 0, buffer, MARGIN, message.length);
        Arrays.fill(buffer, MARGIN + message.length, buffer.length, (byte) '}');
        return scanner.scan(buffer, MARGIN, message.length);
    }

    private @Nullable ClientFrame parse(byte[] message) {
        try {
            return parser.parse(message, 0, message.length);
        } catch (MalformedFrameException | InvalidTextException e) {
            return null;
        }
    }

    /** A tree knows neither how long the text of a number was nor that a zero was negative. */
    private boolean hasWhatATreeForgets(byte[] message) {
        if (text(message).contains("-0")) {
            return true;
        }
        try {
            parser.parse(message, 0, message.length);
            return false;
        } catch (MalformedFrameException e) {
            return e.message().startsWith("id is longer");
        } catch (InvalidTextException e) {
            return false;
        }
    }

    private static boolean isInside(ClientFrame frame, byte[] message) {
        if (frame instanceof ClientFrame.Publish publish) {
            String data = text(publish.data());
            return text(message).contains(data) && data.equals(data.strip());
        }
        return true;
    }

    private static String describe(ClientFrame frame) {
        return frame instanceof ClientFrame.Publish publish
                ? "Publish" + publish.id() + publish.channel() + publish.key() + text(publish.data())
                : frame.toString();
    }

    private static byte[] json(String message) {
        return message.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
