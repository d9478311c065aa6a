package dev.starling.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameCodecTests {

    private final FrameCodec codec = new FrameCodec(FrameLimits.DEFAULT);

    // What a frame may be

    @Test
    void everyTypeIsReadWithAllItsFields() {
        assertThat(decode("{'type':'subscribe','channel':'c','recover':{'epoch':'e','offset':12},'token':'t','id':1}"))
                .isEqualTo(new ClientFrame.Subscribe(
                        new RequestId("1"), new ChannelName("c"), new StreamPosition("e", 12), "t"));
        assertThat(decode("{'type':'unsubscribe','channel':'c','id':'a'}"))
                .isEqualTo(new ClientFrame.Unsubscribe(new RequestId("\"a\""), new ChannelName("c")));
        assertThat(decode("{'type':'history','channel':'c','limit':100,'since':{'epoch':'e','offset':0}}"))
                .isEqualTo(new ClientFrame.History(null, new ChannelName("c"), 100, new StreamPosition("e", 0)));
        assertThat(decode("{'type':'presence','channel':'c'}"))
                .isEqualTo(new ClientFrame.Presence(null, new ChannelName("c")));
        assertThat(decode("{'type':'refresh','token':'t','id':-1.5e3}"))
                .isEqualTo(new ClientFrame.Refresh(new RequestId("-1.5e3"), "t"));
        assertThat(decode("{'type':'ping'}")).isEqualTo(new ClientFrame.Ping(null));

        ClientFrame.Publish publish = publish("{'type':'publish','channel':'c','data':{'a':1},'key':'k','id':2}");
        assertThat(publish.id()).isEqualTo(new RequestId("2"));
        assertThat(publish.channel()).isEqualTo(new ChannelName("c"));
        assertThat(publish.key()).isEqualTo("k");
        assertThat(text(publish.data())).isEqualTo("{\"a\":1}");
    }

    @Test
    void optionalFieldsMayBeAbsent() {
        assertThat(decode("{'type':'subscribe','channel':'c'}"))
                .isEqualTo(new ClientFrame.Subscribe(null, new ChannelName("c"), null, null));
        assertThat(decode("{'type':'history','channel':'c'}"))
                .isEqualTo(new ClientFrame.History(null, new ChannelName("c"), 0, null));
        assertThat(publish("{'type':'publish','channel':'c','data':1}").key()).isNull();
    }

    @Test
    void fieldsComeInAnyOrderWithAnyJsonWhiteSpace() {
        assertThat(decode(" \t\r\n{ 'id'\n:\t7 ,\r'channel' : 'c','type' :'unsubscribe' } \n"))
                .isEqualTo(new ClientFrame.Unsubscribe(new RequestId("7"), new ChannelName("c")));
    }

    @Test
    void escapesInNamesAndValuesMeanTheirCharacters() {
        assertThat(decode("{'\\u0074ype':'\\u0070ing'}")).isEqualTo(new ClientFrame.Ping(null));
        assertThat(decode("{'type':'presence','channel':'a\\/b'}"))
                .isEqualTo(new ClientFrame.Presence(null, new ChannelName("a/b")));
    }

    @Test
    void unknownFieldsAndFieldsOfOtherTypesAreIgnored() {
        assertThat(decode("{'type':'ping','v':[1,{'x':null}],'channel':7,'data':{},'recover':0,'limit':'x'}"))
                .isEqualTo(new ClientFrame.Ping(null));
        assertThat(decode("{'type':'subscribe','channel':'c','since':5,'recover':{'offset':1,'epoch':'e','x':{}}}"))
                .isEqualTo(new ClientFrame.Subscribe(null, new ChannelName("c"), new StreamPosition("e", 1), null));
    }

    @Test
    void theBufferMayBeUsedAgainAfterwards() throws Exception {
        byte[] message = json("{'type':'publish','channel':'c','data':'kept','key':'k','id':'i'}");
        byte[] buffer = new byte[message.length + 20];
        Arrays.fill(buffer, (byte) '}');
        System.arraycopy(message, 0, buffer, 10, message.length);

        ClientFrame.Publish publish = (ClientFrame.Publish) codec.decode(buffer, 10, message.length);
        Arrays.fill(buffer, (byte) 'x');

        assertThat(text(publish.data())).isEqualTo("\"kept\"");
        assertThat(publish.channel().value()).isEqualTo("c");
        assertThat(publish.id()).isEqualTo(new RequestId("\"i\""));
    }

    @Test
    void whatAnEarlierMessageLeftInTheBufferIsNotRead() {
        byte[] buffer = json("{'type':'ping'}");
        for (int length = 0; length < buffer.length; length++) {
            int part = length;
            assertThatThrownBy(() -> codec.decode(buffer, 0, part)).isInstanceOf(MalformedFrameException.class);
        }
    }

    // data

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "true",
                "false",
                "0",
                "-0",
                "12",
                "-12.50E+07",
                "1e5",
                "''",
                "'a'",
                "'ä€😀'",
                "'\\ud83d\\ude00'",
                "'\\\\\\u0000\\n'",
                "{}",
                "[]",
                "{ 'a' : [ 1 , 2 ] }",
                "[[],{},'ü']",
                "{'a':1,'a':2}"
            })
    void dataIsExactlyTheBytesOfTheValue(String value) {
        for (String format : new String[] {
            "{'type':'publish','channel':'c','data':%s}",
            "{'type':'publish','channel':'c','data' : \t%s\n }",
            "{'data':%s,'type':'publish','channel':'c'}",
            "{'data': %s ,'type':'publish','channel':'c','x':'ö'}",
            "{'x':'ö€😀','\\u0064ata':%s,'type':'publish','channel':'c'}",
        }) {
            assertThat(text(publish(String.format(format, value)).data())).isEqualTo(value.replace('\'', '"'));
        }
    }

    @Test
    void longDataIsReadOnBothPaths() {
        String value = "'" + "ä€😀x".repeat(50_000) + "'";
        assertThat(text(publish("{'type':'publish','channel':'c','data':" + value + "}")
                        .data()))
                .isEqualTo(value.replace('\'', '"'));
        assertThat(text(publish("{'x':0,'type':'publish','channel':'c','data':" + value + ",'y':1}")
                        .data()))
                .isEqualTo(value.replace('\'', '"'));
    }

    @Test
    void aNumberMayBeOfAnyLength() {
        String digits = "1".repeat(5_000);
        assertThat(text(publish("{'x':0,'type':'publish','channel':'c','data':" + digits + "}")
                        .data()))
                .isEqualTo(digits);
    }

    @Test
    void publishNeedsData() {
        assertThat(refused("{'type':'publish','channel':'c','id':1}").code()).isEqualTo(ErrorCode.MALFORMED);
    }

    // What is no JSON

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "ping",
                "[]",
                "'ping'",
                "null",
                "1",
                "{",
                "{}}",
                "{'type':'ping'",
                "{'type':'ping'}x",
                "{'type':'ping'}{}",
                "{'type':'ping'},",
                "{'type':'ping',}",
                "{,'type':'ping'}",
                "{'type':'ping' 'id':1}",
                "{'type' 'ping'}",
                "{type:'ping'}",
                "{'type':'ping','x':NaN}",
                "{'type':'ping','x':Infinity}",
                "{'type':'ping','x':-Infinity}",
                "{'type':'ping','x':01}",
                "{'type':'ping','x':-01}",
                "{'type':'ping','x':+1}",
                "{'type':'ping','x':.5}",
                "{'type':'ping','x':1.}",
                "{'type':'ping','x':-}",
                "{'type':'ping','x':1e}",
                "{'type':'ping','x':1x}",
                "{'type':'ping','x':0x1}",
                "{'type':'ping','x':truE}",
                "{'type':'ping','x':truex}",
                "{'type':'ping','x':}",
                "{'type':'ping','x':[1,]}",
                "{'type':'ping','x':[1}",
                "{'type':'ping','x':[1}]",
                "{'type':'ping','x':{'a'}}",
                "{'type':'ping','x':{'a':1,}}",
                "{'type':'ping'/**/}",
                "{'type':'ping'}//",
                "{'type':'ping'}#",
                "{'type':'ping','x':'\\x'}",
                "{'type':'ping','x':'\\u12g4'}",
                "{'type':'ping','x':'\\u+123'}",
                "{'type':'ping','x':'\n'}",
                "{'type':'ping','x':'\u0000'}",
                "{'type':'ping','x':'a}",
                "{'type':'ping'}\u0000",
                "\u0000{'type':'ping'}",
                "{'type':'ping'}\u00a0",
                "\u001e{'type':'ping'}",
                "\ufeff{'type':'ping'}"
            })
    void whatIsNoJsonObjectIsMalformed(String message) {
        assertThat(refused(message).code()).isEqualTo(ErrorCode.MALFORMED);
        assertThat(refused(message.replace("ping", "publish','channel':'c','data':'d"))
                        .code())
                .isEqualTo(ErrorCode.MALFORMED);
        assertThat(refused(message.replace("'x'", "'data'")).code()).isEqualTo(ErrorCode.MALFORMED);
    }

    @Test
    void singleQuotesAreMalformed() {
        assertThat(refusedRaw("{'type':'ping'}".getBytes(StandardCharsets.UTF_8))
                        .code())
                .isEqualTo(ErrorCode.MALFORMED);
    }

    @Test
    void otherEncodingsOfUnicodeAreMalformed() {
        assertThat(refusedRaw("{\"type\":\"ping\"}".getBytes(StandardCharsets.UTF_16LE))
                        .code())
                .isEqualTo(ErrorCode.MALFORMED);
        assertThat(refusedRaw("{\"type\":\"ping\"}".getBytes(StandardCharsets.UTF_16BE))
                        .code())
                .isEqualTo(ErrorCode.MALFORMED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type':'ping','type':'ping'}",
                "{'type':'ping','\\u0074ype':'ping'}",
                "{'type':'ping','id':1,'id':1}",
                "{'type':'ping','x':1,'x':1}",
                "{'type':'publish','channel':'c','data':1,'data':1}",
                "{'type':'subscribe','channel':'c','recover':{'epoch':'e','offset':1,'offset':1}}",
                "{'type':'subscribe','channel':'c','recover':{'epoch':'e','offset':1,'x':1,'x':1}}",
                "{'type':'history','channel':'c','since':{'epoch':'e','epoch':'e','offset':1}}"
            })
    void aFieldTwiceIsMalformed(String message) {
        assertThat(refused(message).code()).isEqualTo(ErrorCode.MALFORMED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'\\ud800'",
                "'\\udc00'",
                "'\\ude00\\ud83d'",
                "'\\ud83dx'",
                "'\\ud83d\\n'",
                "'\\ud83d😀'",
                "{'\\ud800':1}",
                "[['\\uDFFF']]"
            })
    void halfASurrogatePairIsMalformed(String value) {
        assertThat(refused("{'type':'publish','channel':'c','data':" + value + "}")
                        .code())
                .isEqualTo(ErrorCode.MALFORMED);
        assertThat(refused("{'type':'ping','x':" + value + "}").code()).isEqualTo(ErrorCode.MALFORMED);
        assertThat(refused("{'type':'ping','\\ud800':1}").code()).isEqualTo(ErrorCode.MALFORMED);
    }

    @Test
    void badUtf8IsNoTextAnywhereInTheMessage() {
        byte[][] sequences = {
            {(byte) 0x80},
            {(byte) 0xff},
            {(byte) 0xc0, (byte) 0x80},
            {(byte) 0xc1, (byte) 0xbf},
            {(byte) 0xc3},
            {(byte) 0xc3, 'x'},
            {(byte) 0xe0, (byte) 0x9f, (byte) 0xbf},
            {(byte) 0xe2, (byte) 0x82},
            {(byte) 0xed, (byte) 0xa0, (byte) 0x80},
            {(byte) 0xed, (byte) 0xbf, (byte) 0xbf},
            {(byte) 0xf0, (byte) 0x8f, (byte) 0xbf, (byte) 0xbf},
            {(byte) 0xf0, (byte) 0x9f, (byte) 0x98},
            {(byte) 0xf4, (byte) 0x90, (byte) 0x80, (byte) 0x80},
            {(byte) 0xf5, (byte) 0x80, (byte) 0x80, (byte) 0x80},
        };
        for (byte[] sequence : sequences) {
            for (String message : new String[] {
                "{'type':'publish','channel':'c','data':'@'}",
                "{'type':'ping','x':'@'}",
                "{'type':'ping','@':1}",
                "{'type':'ping','id':'@'}",
                "{'type':'presence','channel':'@'}",
                "{'type':'ping'}@",
                "@{'type':'ping'}",
                "nonsense @"
            }) {
                byte[] bytes = splice(message, sequence);
                assertThatThrownBy(() -> codec.decode(bytes, 0, bytes.length))
                        .as(message + " with " + Arrays.toString(sequence))
                        .isInstanceOf(InvalidTextException.class);
            }
        }
    }

    @Test
    void theEdgesOfUtf8AreText() {
        for (int character : new int[] {0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff}) {
            String value = "\"" + Character.toString(character) + "\"";
            assertThat(text(publish("{'type':'publish','channel':'c','data':" + value + "}")
                            .data()))
                    .isEqualTo(value);
        }
    }

    @Test
    void nestingEndsAtTheLimitTheFrameItselfIncluded() {
        for (int maxNesting : new int[] {1, 2, 3, 63, 64, 65, 200, FrameLimits.MAX_NESTING}) {
            FrameCodec nested = new FrameCodec(new FrameLimits(255, "a-z", maxNesting));
            String format = "{'type':'publish','channel':'c','data':%s%s}";
            int depth = maxNesting - 1;
            byte[] allowed = json(String.format(format, "[".repeat(depth), depth == 0 ? "1" : "]".repeat(depth)));
            byte[] deeper = json(String.format(format, "[".repeat(depth + 1), "]".repeat(depth + 1)));

            assertThat(decode(nested, allowed)).isInstanceOf(ClientFrame.Publish.class);
            assertThat(refused(nested, deeper).code()).isEqualTo(ErrorCode.MALFORMED);
        }
        assertThat(refused("{'type':'ping','x':" + "{'a':".repeat(20_000)).code())
                .isEqualTo(ErrorCode.MALFORMED);
    }

    // The fields

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{'id':1}",
                "{'type':1}",
                "{'type':null}",
                "{'type':'pong'}",
                "{'type':''}",
                "{'type':'PING'}"
            })
    void aTypeThatIsMissingOrUnknownHasItsOwnCode(String message) {
        assertThat(refused(message).code()).isEqualTo(ErrorCode.UNKNOWN_TYPE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"true", "null", "{}", "[]"})
    void anIdIsANumberOrAString(String id) {
        assertThat(refused("{'type':'ping','id':" + id + "}").code()).isEqualTo(ErrorCode.MALFORMED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-0.0", "1E+2", "''", "'a b'", "'\\u00e4\\n'", "'ä😀'"})
    void anIdIsKeptAsItWasWritten(String id) {
        assertThat(decode("{'type':'ping','id':" + id + "}"))
                .isEqualTo(new ClientFrame.Ping(new RequestId(id.replace('\'', '"'))));
    }

    @Test
    void anIdHasUpTo64Characters() {
        for (String id : new String[] {"1".repeat(64), "'" + "a".repeat(64) + "'", "'" + "ä".repeat(64) + "'"}) {
            assertThat(decode("{'type':'ping','id':" + id + "}").id()).isNotNull();
            String longer = id.replaceFirst("^('?)", "$11");
            assertThat(refused("{'type':'ping','id':" + longer + "}").code()).isEqualTo(ErrorCode.TOO_LARGE);
        }
    }

    @Test
    void aChannelMustBeThere() {
        for (String type : new String[] {"subscribe", "unsubscribe", "publish", "history", "presence"}) {
            assertThat(refused("{'type':'" + type + "','data':1}").code()).isEqualTo(ErrorCode.INVALID_CHANNEL);
            assertThat(refused("{'type':'" + type + "','data':1,'channel':7}").code())
                    .isEqualTo(ErrorCode.MALFORMED);
            assertThat(refused("{'type':'" + type + "','data':1,'channel':null}")
                            .code())
                    .isEqualTo(ErrorCode.MALFORMED);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a b", "a*", "{a}", "a\\\"b", "a\\\\b", "a\\nb", "ä", "😀", "\u007f"})
    void aChannelWithACharacterThatNoNameHasIsInvalid(String name) {
        assertThat(refused("{'type':'presence','channel':'" + name + "'}").code())
                .isEqualTo(ErrorCode.INVALID_CHANNEL);
    }

    @Test
    void aChannelKeepsToTheLimitsOfTheNode() {
        FrameCodec strict = new FrameCodec(new FrameLimits(10, "a-z:", 64));
        assertThat(decode(strict, json("{'type':'presence','channel':'abcdefgh:z'}")))
                .isEqualTo(new ClientFrame.Presence(null, new ChannelName("abcdefgh:z")));
        for (String name : new String[] {"abcdefgh:zz", "A", "a.b"}) {
            assertThat(refused(strict, json("{'type':'presence','channel':'" + name + "'}"))
                            .code())
                    .isEqualTo(ErrorCode.INVALID_CHANNEL);
        }
    }

    @Test
    void aChannelHasUpTo255Characters() {
        String name = "c".repeat(255);
        assertThat(decode("{'type':'presence','channel':'" + name + "'}"))
                .isEqualTo(new ClientFrame.Presence(null, new ChannelName(name)));
        assertThat(refused("{'type':'presence','channel':'" + name + "c'}").code())
                .isEqualTo(ErrorCode.INVALID_CHANNEL);
    }

    @Test
    void aKeyHas1To128Characters() {
        for (String key : new String[] {"k".repeat(128), "ä".repeat(128), "\\u00e4".repeat(128)}) {
            assertThat(publish("{'type':'publish','channel':'c','data':1,'key':'" + key + "'}")
                            .key())
                    .hasSize(128);
            assertThat(refused("{'type':'publish','channel':'c','data':1,'key':'" + key + "k'}")
                            .code())
                    .isEqualTo(ErrorCode.TOO_LARGE);
        }
        assertThat(refused("{'type':'publish','channel':'c','data':1,'key':''}").code())
                .isEqualTo(ErrorCode.MALFORMED);
        assertThat(refused("{'type':'publish','channel':'c','data':1,'key':1}").code())
                .isEqualTo(ErrorCode.MALFORMED);
    }

    @Test
    void aTokenHasUpTo8192Characters() {
        String token = "t".repeat(8192);
        assertThat(decode("{'type':'refresh','token':'" + token + "'}"))
                .isEqualTo(new ClientFrame.Refresh(null, token));
        assertThat(decode("{'type':'subscribe','channel':'c','token':'" + token + "'}"))
                .isEqualTo(new ClientFrame.Subscribe(null, new ChannelName("c"), null, token));
        assertThat(refused("{'type':'refresh','token':'" + token + "t'}").code())
                .isEqualTo(ErrorCode.TOO_LARGE);
        assertThat(refused("{'type':'subscribe','channel':'c','token':'" + token + "t'}")
                        .code())
                .isEqualTo(ErrorCode.TOO_LARGE);
        assertThat(refused("{'type':'subscribe','channel':'c','token':{}}").code())
                .isEqualTo(ErrorCode.MALFORMED);
        assertThat(refused("{'type':'refresh'}").code()).isEqualTo(ErrorCode.MALFORMED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "1",
                "[]",
                "{}",
                "{'epoch':'e'}",
                "{'offset':1}",
                "{'epoch':1,'offset':1}",
                "{'epoch':'','offset':1}",
                "{'epoch':'e','offset':'1'}",
                "{'epoch':'e','offset':-1}",
                "{'epoch':'e','offset':-0}",
                "{'epoch':'e','offset':1.0}",
                "{'epoch':'e','offset':1e3}",
                "{'epoch':'e','offset':9223372036854775808}",
                "{'epoch':'e','offset':9999999999999999999}",
                "{'epoch':'e','offset':18446744073709551616}"
            })
    void aPositionIsAnEpochAndAnOffset(String position) {
        assertThat(refused("{'type':'subscribe','channel':'c','recover':" + position + "}")
                        .code())
                .isEqualTo(ErrorCode.MALFORMED);
        assertThat(refused("{'type':'history','channel':'c','since':" + position + "}")
                        .code())
                .isEqualTo(ErrorCode.MALFORMED);
    }

    @Test
    void anOffsetGoesUpToTheLargestLong() {
        assertThat(decode("{'type':'history','channel':'c','since':{'epoch':'e','offset':9223372036854775807}}"))
                .isEqualTo(new ClientFrame.History(
                        null, new ChannelName("c"), 0, new StreamPosition("e", Long.MAX_VALUE)));
    }

    @Test
    void anEpochHasUpTo64Characters() {
        String format = "{'type':'history','channel':'c','since':{'epoch':'%s','offset':1}}";
        assertThat(decode(String.format(format, "e".repeat(64)))).isInstanceOf(ClientFrame.History.class);
        assertThat(refused(String.format(format, "e".repeat(65))).code()).isEqualTo(ErrorCode.TOO_LARGE);
    }

    @Test
    void aLimitIsFrom1To1000() {
        for (int limit : new int[] {1, 1000}) {
            assertThat(decode("{'type':'history','channel':'c','limit':" + limit + "}"))
                    .isEqualTo(new ClientFrame.History(null, new ChannelName("c"), limit, null));
        }
        for (String limit : new String[] {"0", "1001", "-1", "1.5", "'1'", "null"}) {
            assertThat(refused("{'type':'history','channel':'c','limit':" + limit + "}")
                            .code())
                    .isEqualTo(ErrorCode.MALFORMED);
        }
    }

    // What an error tells

    @Test
    void anErrorCarriesWhatIsKnownOfTheFrame() {
        MalformedFrameException missing = refused("{'id':'i','type':'publish','channel':'c'}");
        assertThat(missing.id()).isEqualTo(new RequestId("\"i\""));
        assertThat(missing.channel()).isEqualTo(new ChannelName("c"));

        MalformedFrameException broken = refused("{'id':5,'channel':'c','type':oops");
        assertThat(broken.id()).isEqualTo(new RequestId("5"));
        assertThat(broken.channel()).isEqualTo(new ChannelName("c"));

        MalformedFrameException unknown = refused("{'id':{},'channel':'a b','type':'publish','data':1}");
        assertThat(unknown.id()).isNull();
        assertThat(unknown.channel()).isNull();
    }

    @Test
    void anErrorShowsLittleOfTheClientsTextAndThatAsPrintableAscii() {
        for (String message : new String[] {
            "{'type':'" + "ä\\u0000\\n<😀".repeat(1_000) + "'}",
            "{'" + "ä\\u0000\\n<😀".repeat(1_000) + "':1,'" + "ä\\u0000\\n<😀".repeat(1_000) + "':1}",
            "{'type':" + "ä<".repeat(1_000) + "}",
            "{'type':'presence','channel':'" + "ä<".repeat(1_000) + "'}"
        }) {
            assertThat(refused(message).message()).hasSizeLessThan(100).matches("[ -~]+");
        }
    }

    @Test
    void anErrorHasNoStackTrace() {
        assertThat(refused("nonsense").getStackTrace()).isEmpty();
        byte[] bad = {(byte) 0xff};
        assertThatThrownBy(() -> codec.decode(bad, 0, 1))
                .satisfies(e -> assertThat(e.getStackTrace()).isEmpty());
    }

    @Test
    void oneCodecServesManyThreads() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<Boolean>> results = new ArrayList<>();
            for (int thread = 0; thread < 4; thread++) {
                String data = String.valueOf(thread).repeat(10 + thread);
                results.add(threads.submit(() -> readsOnly(data)));
            }
            for (Future<Boolean> result : results) {
                assertThat(result.get(30, TimeUnit.SECONDS)).isTrue();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private boolean readsOnly(String data) {
        for (int i = 0; i < 5_000; i++) {
            String scanned = text(publish("{'type':'publish','channel':'c','data':'" + data + "'}")
                    .data());
            String parsed = text(publish("{'type':'publish','channel':'c','data':'" + data + "','x':1}")
                    .data());
            if (!scanned.equals('"' + data + '"') || !parsed.equals(scanned)) {
                return false;
            }
        }
        return true;
    }

    private ClientFrame.Publish publish(String message) {
        return (ClientFrame.Publish) decode(message);
    }

    private ClientFrame decode(String message) {
        return decode(codec, json(message));
    }

    private static ClientFrame decode(FrameCodec codec, byte[] message) {
        try {
            return codec.decode(message, 0, message.length);
        } catch (MalformedFrameException | InvalidTextException e) {
            throw new AssertionError(text(message), e);
        }
    }

    private MalformedFrameException refused(String message) {
        return refusedRaw(json(message));
    }

    private MalformedFrameException refusedRaw(byte[] message) {
        return refused(codec, message);
    }

    private static MalformedFrameException refused(FrameCodec codec, byte[] message) {
        @Nullable
        MalformedFrameException refusal =
                catchThrowableOfType(MalformedFrameException.class, () -> codec.decode(message, 0, message.length));
        assertThat(refusal).as(text(message)).isNotNull();
        return refusal;
    }

    /** Tests write JSON with single quotes. */
    private static byte[] json(String message) {
        return message.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] splice(String message, byte[] sequence) {
        byte[] before = json(message.substring(0, message.indexOf('@')));
        byte[] after = json(message.substring(message.indexOf('@') + 1));
        byte[] all = Arrays.copyOf(before, before.length + sequence.length + after.length);
        System.arraycopy(sequence, 0, all, before.length, sequence.length);
        System.arraycopy(after, 0, all, before.length + sequence.length, after.length);
        return all;
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
