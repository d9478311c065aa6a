package dev.starling.journey;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** A TCP connection that can say anything, right or wrong, and that reads only when told to. For one thread. */
final class RawClient implements AutoCloseable {

    private static final Duration BOUND = Duration.ofSeconds(10);

    private final Socket socket;
    private final DataInputStream in;

    private RawClient(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    }

    /** A connection without any request yet. */
    static RawClient connect(int port) {
        return connect(port, 1, 0);
    }

    /** The same from the loopback address 127.0.0.{@code host}. */
    static RawClient connectFrom(int host, int port) {
        return connect(port, host, 0);
    }

    /** The same with a receive buffer of this many bytes, so that a reader that stalls stalls soon. */
    static RawClient connectNarrow(int port, int receiveBufferBytes) {
        return connect(port, 1, receiveBufferBytes);
    }

    /** A WebSocket that has had its {@code welcome}. */
    static RawClient open(int port, String token) {
        return connect(port).opened(token);
    }

    private static RawClient connect(int port, int fromHost, int receiveBufferBytes) {
        try {
            Socket socket = new Socket();
            if (receiveBufferBytes > 0) {
                socket.setReceiveBufferSize(receiveBufferBytes);
            }
            if (fromHost != 1) {
                byte[] address = {127, 0, 0, (byte) fromHost};
                socket.bind(new InetSocketAddress(InetAddress.getByAddress(address), 0));
            }
            socket.setTcpNoDelay(true);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), (int) BOUND.toMillis());
            return new RawClient(socket);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Upgrades this connection and takes the {@code welcome}. */
    RawClient opened(String token) {
        HttpAnswer answer = upgrade("/ws", "Authorization: Bearer " + token);
        if (answer.status() != 101) {
            throw new AssertionError("no upgrade: " + answer);
        }
        await(frame -> frame.text().contains("\"welcome\""));
        return this;
    }

    /** Asks for a WebSocket with these header lines beside the usual ones, and returns the answer. */
    HttpAnswer upgrade(String path, String... headerLines) {
        send(upgradeRequest(path, headerLines).getBytes(StandardCharsets.ISO_8859_1));
        return answer();
    }

    /** Asks for anything with these header lines beside that of the host, and returns the answer. */
    HttpAnswer request(String method, String path, String... headerLines) {
        StringBuilder request = new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n");
        for (String line : headerLines) {
            request.append(line).append("\r\n");
        }
        send(request.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
        return answer();
    }

    static String upgradeRequest(String path, String... headerLines) {
        StringBuilder request = new StringBuilder("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n")
                .append("Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n")
                .append("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
        for (String line : headerLines) {
            request.append(line).append("\r\n");
        }
        return request.append("\r\n").toString();
    }

    /** Reads the answer to what was sent as HTTP. */
    HttpAnswer answer() {
        return answer(HttpAnswer::read);
    }

    /** The same without a body, such as that to {@code HEAD}. */
    HttpAnswer answerHead() {
        return answer(HttpAnswer::readHead);
    }

    private interface Reading {
        HttpAnswer read(DataInputStream in) throws IOException;
    }

    private HttpAnswer answer(Reading reading) {
        try {
            socket.setSoTimeout((int) BOUND.toMillis());
            return reading.read(in);
        } catch (SocketException e) {
            return new HttpAnswer(0, Map.of(), "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What follows the head of an answer. */
    InputStream body() {
        return in;
    }

    RawClient send(String json) {
        return send(RawFrame.text(json));
    }

    RawClient send(RawFrame frame) {
        return send(frame.encode());
    }

    RawClient send(byte[] bytes) {
        try {
            socket.getOutputStream().write(bytes);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The next frame within ten seconds; empty if the peer has closed the connection. */
    Optional<RawFrame> read() {
        return read(BOUND);
    }

    /** The next frame; empty if the peer has closed the connection. */
    Optional<RawFrame> read(Duration bound) {
        try {
            socket.setSoTimeout((int) Math.max(1, bound.toMillis()));
            int first = in.read();
            return first < 0 ? Optional.empty() : Optional.of(frame(first));
        } catch (SocketTimeoutException e) {
            throw new AssertionError("nothing within " + bound, e);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** The first frame that matches; what comes before is dropped. */
    RawFrame await(Predicate<RawFrame> wanted) {
        long deadline = System.nanoTime() + BOUND.toNanos();
        while (true) {
            RawFrame frame = read(left(deadline))
                    .orElseThrow(() -> new AssertionError("closed without the frame that was waited for"));
            if (wanted.test(frame)) {
                return frame;
            }
        }
    }

    /** The text of the first text frame that contains this. */
    String awaitText(String part) {
        return await(frame -> frame.opcode() == RawFrame.TEXT && frame.text().contains(part))
                .text();
    }

    /** The close frame; what comes before is dropped. */
    RawFrame awaitClose() {
        return await(frame -> frame.opcode() == RawFrame.CLOSE);
    }

    /** Reads until the peer ends the connection, at most {@code bound}; the close frame, if that was the last. */
    Optional<RawFrame> awaitEnd(Duration bound) {
        long deadline = System.nanoTime() + bound.toNanos();
        Optional<RawFrame> last = Optional.empty();
        for (Optional<RawFrame> next = read(left(deadline)); next.isPresent(); next = read(left(deadline))) {
            last = next;
        }
        return last.filter(frame -> frame.opcode() == RawFrame.CLOSE);
    }

    /** Whether the peer has ended the connection, waiting so long for it; what it sends meanwhile is dropped. */
    boolean endedWithin(Duration bound) {
        long deadline = System.nanoTime() + bound.toNanos();
        try {
            do {
                socket.setSoTimeout((int) Math.max(1, left(deadline).toMillis()));
            } while (in.read() >= 0);
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    /** Whether the peer has ended the connection within that time, after all that it had to send. */
    boolean endedAfterRest(Duration bound) {
        try {
            socket.setSoTimeout((int) bound.toMillis());
            in.readAllBytes();
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    /** The next chunk of a body; empty if it was the last one, or if the peer has closed the connection. */
    String readChunk() {
        try {
            socket.setSoTimeout((int) BOUND.toMillis());
            StringBuilder size = new StringBuilder();
            for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
                size.append((char) next);
            }
            if (size.isEmpty()) {
                return "";
            }
            byte[] chunk = in.readNBytes(Integer.parseInt(size.toString().strip(), 16));
            in.skipNBytes(2);
            return new String(chunk, StandardCharsets.UTF_8);
        } catch (SocketException | EOFException e) {
            return "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits for the peer's end of the connection, and fails if it says more, takes longer, or resets the connection. */
    void awaitOrderlyEnd(Duration bound) {
        try {
            socket.setSoTimeout((int) bound.toMillis());
            int next = in.read();
            if (next >= 0) {
                throw new AssertionError("the peer goes on with " + next);
            }
        } catch (IOException e) {
            throw new AssertionError("no end within " + bound, e);
        }
    }

    /** Sends to a peer that may be gone. */
    void trySend(byte[] bytes) {
        try {
            send(bytes);
        } catch (UncheckedIOException e) {
            // gone: the next read tells
        }
    }

    /** Sends no more, but can still read. */
    void endOutput() {
        try {
            socket.shutdownOutput();
        } catch (IOException e) {
            // gone already
        }
    }

    /** Ends the connection with a reset. */
    void reset() {
        try {
            socket.setSoLinger(true, 0);
        } catch (SocketException e) {
            // gone already
        }
        close();
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Duration left(long deadline) {
        return Duration.ofNanos(Math.max(TimeUnit.MILLISECONDS.toNanos(1), deadline - System.nanoTime()));
    }

    private RawFrame frame(int first) throws IOException {
        int second = in.readUnsignedByte();
        long length = second & 0x7f;
        if (length == 126) {
            length = in.readUnsignedShort();
        } else if (length == 127) {
            length = in.readLong();
        }
        byte[] payload = in.readNBytes(Math.toIntExact(length));
        return new RawFrame((first & 0x80) != 0, first >> 4 & 7, first & 15, (second & 0x80) != 0, 0, length, payload);
    }
}
