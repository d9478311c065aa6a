package dev.starling.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;

class ServerFrameTests {

    private static final ChannelName CHANNEL = new ChannelName("room:1");
    private static final RequestId ID = new RequestId("\"a\\n\"");

    private final FrameCodec codec = new FrameCodec(FrameLimits.DEFAULT);
    private final ObjectMapper mapper = JsonMapper.shared();
    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);

    @Test
    void welcomeTellsTheConnectionAndItsLimits() {
        assertFrame(
                new ServerFrame.Welcome("x1", "n1", 30_000, 65_536, 3_600_000L, 3_500_000L),
                "{'type':'welcome','connection':'x1','node':'n1','heartbeat':30000,'maxMessageBytes':65536,"
                        + "'expiresIn':3600000,'refreshIn':3500000}");
        assertFrame(
                new ServerFrame.Welcome("x1", "n1", 30_000, 65_536, null, null),
                "{'type':'welcome','connection':'x1','node':'n1','heartbeat':30000,'maxMessageBytes':65536}");
    }

    @Test
    void subscribedHasPositionAndRecoveryOnlyWhereThereAreSome() {
        assertFrame(
                new ServerFrame.Subscribed(ID, CHANNEL, new StreamPosition("e", 17), true),
                "{'type':'subscribed','channel':'room:1','epoch':'e','offset':17,'recovered':true,'id':'a\\n'}");
        assertFrame(
                new ServerFrame.Subscribed(null, CHANNEL, new StreamPosition("e", 0), false),
                "{'type':'subscribed','channel':'room:1','epoch':'e','offset':0,'recovered':false}");
        assertFrame(new ServerFrame.Subscribed(null, CHANNEL, null, null), "{'type':'subscribed','channel':'room:1'}");
    }

    @Test
    void repliesCarryTheIdOfTheRequest() {
        assertFrame(
                new ServerFrame.Unsubscribed(new RequestId("1.50"), CHANNEL),
                "{'type':'unsubscribed','channel':'room:1','id':1.50}");
        assertFrame(
                new ServerFrame.Published(ID, CHANNEL, new StreamPosition("e", 18)),
                "{'type':'published','channel':'room:1','epoch':'e','offset':18,'id':'a\\n'}");
        assertFrame(
                new ServerFrame.Published(ID, CHANNEL, null), "{'type':'published','channel':'room:1','id':'a\\n'}");
        assertFrame(
                new ServerFrame.Refreshed(ID, 10L, 5L),
                "{'type':'refreshed','expiresIn':10,'refreshIn':5,'id':'a\\n'}");
        assertFrame(new ServerFrame.Refreshed(null, null, null), "{'type':'refreshed'}");
    }

    @Test
    void pongTellsTheTime() {
        assertFrame(new ServerFrame.Pong(null, 1_764_000_000_000L), "{'type':'pong','ts':1764000000000}");
        assertFrame(new ServerFrame.Pong(ID, 1), "{'type':'pong','ts':1,'id':'a\\n'}");
    }

    @Test
    void goAwayTellsWhenToComeBack() {
        assertFrame(
                new ServerFrame.GoAway("shutdown", 2310, 20_000),
                "{'type':'goaway','reason':'shutdown','reconnectAfter':2310,'closeBy':20000}");
    }

    @ParameterizedTest
    @EnumSource(ErrorCode.class)
    void failureTellsCodeNameAndWhetherToRetry(ErrorCode code) {
        assertFrame(
                new ServerFrame.Failure(code, "why", null, null, null),
                "{'type':'error','code':" + code.code() + ",'error':'" + code.text() + "','message':'why','retry':"
                        + code.retry() + "}");
        assertFrame(
                new ServerFrame.Failure(code, "why", 250L, ID, CHANNEL),
                "{'type':'error','code':" + code.code() + ",'error':'" + code.text() + "','message':'why','retry':"
                        + code.retry() + ",'retryAfter':250,'id':'a\\n','channel':'room:1'}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"", "\\", "\n\r\t\b\f\u0000\u001f", "ä€😀\u2028", "</script>", "\u007f"})
    void textIsEscapedAsJsonAsksFor(String text) {
        JsonNode tree = payload(codec.encode(new ServerFrame.GoAway(text, 1, 1), allocator));
        assertThat(tree.path("reason").asString()).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 40, 41, 65_450, 65_451, 100_000})
    void theHeaderFitsTheLength(int length) {
        String text = "x".repeat(length);
        JsonNode tree = payload(codec.encode(new ServerFrame.GoAway(text, 1, 1), allocator));
        assertThat(tree.path("reason").asString()).isEqualTo(text);
    }

    @Test
    void theCallerOwnsTheOneBuffer() {
        ByteBuf frame = codec.encode(new ServerFrame.Pong(null, 1), allocator);
        assertThat(frame.isDirect()).isTrue();
        assertThat(frame.release()).isTrue();
        assertThat(allocator.metric().usedDirectMemory()).isZero();
    }

    private void assertFrame(ServerFrame frame, String json) {
        assertThat(payload(codec.encode(frame, allocator))).isEqualTo(mapper.readTree(json.replace('\'', '"')));
    }

    /** Reads the header by the book, then the text, which must end where the header says. */
    private JsonNode payload(ByteBuf frame) {
        try {
            assertThat(frame.readUnsignedByte()).as("final text frame").isEqualTo((short) 0x81);
            int length = frame.readUnsignedByte();
            if (length == 126) {
                length = frame.readUnsignedShort();
                assertThat(length).isGreaterThan(125);
            } else if (length == 127) {
                length = Math.toIntExact(frame.readLong());
                assertThat(length).isGreaterThan(65_535);
            }
            assertThat(frame.readableBytes()).isEqualTo(length);
            return mapper.readTree(frame.toString(StandardCharsets.UTF_8));
        } finally {
            frame.release();
        }
    }
}
