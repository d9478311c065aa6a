package dev.starling.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What one message costs to read and to write, with {@code -prof gc} also in bytes of garbage. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class CodecBenchmark {

    private static final int SMALL = 158;
    private static final int LARGE = 976;

    private final FrameCodec codec = new FrameCodec(FrameLimits.DEFAULT);
    private final ChannelNameRule names = new ChannelNameRule(FrameLimits.DEFAULT);
    private final EnvelopeScanner scanner = new EnvelopeScanner(names, FrameLimits.DEFAULT.maxNesting());
    private final EnvelopeParser parser = new EnvelopeParser(names, FrameLimits.DEFAULT.maxNesting());
    private final PooledByteBufAllocator allocator = PooledByteBufAllocator.DEFAULT;

    private final byte[] small = publish(SMALL);
    private final byte[] large = publish(LARGE);
    private final byte[] ping = "{\"type\":\"ping\"}".getBytes(StandardCharsets.UTF_8);
    private final ChannelName channel = new ChannelName("room:1234");
    private final byte[] smallData = data(100);
    private final byte[] largeData = data(900);
    private final ServerFrame pong = new ServerFrame.Pong(null, 1_764_000_000_000L);

    /** Reads a small publish with the scanner alone. */
    @Benchmark
    public @Nullable ClientFrame scanSmallPublish() {
        return scanner.scan(small, 0, small.length);
    }

    /** Reads a small publish with the parser alone. */
    @Benchmark
    public ClientFrame parseSmallPublish() throws Exception {
        return parser.parse(small, 0, small.length);
    }

    /** Reads a large publish with the scanner alone. */
    @Benchmark
    public @Nullable ClientFrame scanLargePublish() {
        return scanner.scan(large, 0, large.length);
    }

    /** Reads a large publish with the parser alone. */
    @Benchmark
    public ClientFrame parseLargePublish() throws Exception {
        return parser.parse(large, 0, large.length);
    }

    /** Reads a small publish as a session does. */
    @Benchmark
    public ClientFrame decodeSmallPublish() throws Exception {
        return codec.decode(small, 0, small.length);
    }

    /** Reads a ping as a session does. */
    @Benchmark
    public ClientFrame decodePing() throws Exception {
        return codec.decode(ping, 0, ping.length);
    }

    /** Writes a pong. */
    @Benchmark
    public int encodePong() {
        ByteBuf frame = codec.encode(pong, allocator);
        int size = frame.readableBytes();
        frame.release();
        return size;
    }

    /** Writes a small message. */
    @Benchmark
    public int encodeSmallMessage() {
        return encode(smallData);
    }

    /** Writes a large message. */
    @Benchmark
    public int encodeLargeMessage() {
        return encode(largeData);
    }

    private int encode(byte[] data) {
        EncodedMessage message = EncodedMessage.of(channel, data, 18, allocator);
        int size = message.size();
        message.release();
        return size;
    }

    /** A chat message as clients write them, of exactly so many bytes. */
    private static byte[] publish(int length) {
        String head = "{\"type\":\"publish\",\"channel\":\"room:1234\",\"data\":";
        String tail = ",\"id\":123456}";
        byte[] data = data(length - head.length() - tail.length());
        return (head + new String(data, StandardCharsets.UTF_8) + tail).getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] data(int length) {
        String head = "{\"user\":\"u-17\",\"at\":1764000000000,\"text\":\"";
        String tail = "\",\"seen\":[1,2,3]}";
        String words = "Who is coming to lunch today? ".repeat(length / 30 + 1);
        String text = words.substring(0, length - head.length() - tail.length());
        return (head + text + tail).getBytes(StandardCharsets.UTF_8);
    }
}
