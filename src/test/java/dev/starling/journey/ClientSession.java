package dev.starling.journey;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A well-behaved client on the JDK's WebSocket. Frames wait in its inbox until a test takes them. */
final class ClientSession implements AutoCloseable {

    /** How a connection ended; 1006 if without a close frame (RFC 6455, section 7.1.5). */
    record Closed(int code, String reason) {}

    private static final Duration BOUND = Duration.ofSeconds(15);
    private static final JsonMapper JSON = new JsonMapper();
    private static final HttpClient HTTP =
            HttpClient.newBuilder().connectTimeout(BOUND).build();

    private final Ear ear = new Ear();
    private final WebSocket socket;

    private ClientSession(HttpClient http, URI address, String token) {
        socket = join(http.newWebSocketBuilder()
                .connectTimeout(BOUND)
                .header("Authorization", "Bearer " + token)
                .buildAsync(address, ear));
    }

    /** A session for alice that has not yet taken its {@code welcome}. */
    static ClientSession open(ServerProcess server) {
        return open(server, Tokens.standard().sign());
    }

    /** The same with this token. */
    static ClientSession open(ServerProcess server, String token) {
        return open(HTTP, server.socket(), token);
    }

    /** The same with a client of one's own. */
    static ClientSession open(HttpClient http, URI address, String token) {
        return new ClientSession(http, address, token);
    }

    /** Opens a session, takes the {@code welcome} and subscribes. */
    static ClientSession subscribed(ServerProcess server, String channel) {
        ClientSession session = open(server);
        session.await("welcome");
        session.subscribe(channel);
        return session;
    }

    ClientSession send(String json) {
        join(socket.sendText(json, true));
        return this;
    }

    /** Subscribes and waits until that stands. */
    ClientSession subscribe(String channel) {
        send("{\"type\":\"subscribe\",\"channel\":\"" + channel + "\"}");
        await(frame -> is(frame, "subscribed", channel));
        return this;
    }

    /** Publishes a JSON value. */
    ClientSession publish(String channel, String data) {
        return send("{\"type\":\"publish\",\"channel\":\"" + channel + "\",\"data\":" + data + "}");
    }

    /** Takes the first frame of this type out of the inbox, waiting for it. */
    JsonNode await(String type) {
        return await(frame -> frame.path("type").asString().equals(type));
    }

    /** Takes the first frame that matches out of the inbox, waiting for it; all others stay. */
    JsonNode await(Predicate<JsonNode> wanted) {
        return JSON.readTree(awaitText(text -> wanted.test(JSON.readTree(text))));
    }

    /** The same for the text of a frame. */
    String awaitText(Predicate<String> wanted) {
        return ear.inbox.take(wanted, BOUND);
    }

    /** Takes the next message and returns its data. */
    JsonNode awaitData() {
        return await("message").get("data");
    }

    /** Sends a {@code ping} and returns all that was in the inbox before its {@code pong}: what can be said to have come. */
    List<JsonNode> drain() {
        send("{\"type\":\"ping\",\"id\":\"drain\"}");
        await(frame -> frame.path("id").asString("").equals("drain"));
        return ear.inbox.takeAll().stream().map(text -> JSON.readTree(text)).toList();
    }

    /** Waits for the end of the connection. */
    Closed awaitClosed() {
        return awaitClosed(BOUND);
    }

    Closed awaitClosed(Duration bound) {
        try {
            return ear.closed.get(bound.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError("still open after " + bound + ", inbox " + ear.inbox.all(), e);
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError(e);
        }
    }

    boolean closed() {
        return ear.closed.isDone();
    }

    /** How many protocol-level pings have come. */
    int pings() {
        return ear.pings;
    }

    /** Says good-bye with 1000 and waits for the answer. */
    void leave() {
        join(socket.sendClose(WebSocket.NORMAL_CLOSURE, ""));
        awaitClosed();
    }

    /** Cuts the connection. */
    @Override
    public void close() {
        socket.abort();
    }

    static boolean is(JsonNode frame, String type, String channel) {
        return frame.path("type").asString().equals(type)
                && frame.path("channel").asString("").equals(channel);
    }

    private static <T> T join(CompletableFuture<T> future) {
        try {
            return future.get(BOUND.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    /** Puts what comes into the inbox. The socket calls it one call at a time. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    private static final class Ear implements WebSocket.Listener {

        final CompletableFuture<Closed> closed = new CompletableFuture<>();
        final Inbox inbox = new Inbox();
        private final StringBuilder part = new StringBuilder();
        volatile int pings;

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            part.append(data);
            if (last) {
                inbox.add(part.toString());
                part.setLength(0);
            }
            socket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onPing(WebSocket socket, ByteBuffer message) {
            pings++;
            socket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            closed.complete(new Closed(code, reason));
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            closed.complete(new Closed(1006, String.valueOf(error)));
        }
    }
}
