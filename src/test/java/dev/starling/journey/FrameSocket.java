package dev.starling.journey;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A connection that hands each frame on as it comes, one at a time; a thousand of them need few threads. */
final class FrameSocket {

    private static final Duration BOUND = Duration.ofSeconds(20);
    private static final JsonMapper JSON = new JsonMapper();
    private static final HttpClient HTTP =
            HttpClient.newBuilder().connectTimeout(BOUND).build();

    private final Consumer<JsonNode> frames;
    private final Runnable end;
    private final AtomicBoolean ended = new AtomicBoolean();
    private CompletableFuture<@Nullable WebSocket> ready;

    private FrameSocket(URI address, String token, Consumer<JsonNode> frames, Runnable end) {
        this.frames = frames;
        this.end = end;
        CompletableFuture<@Nullable WebSocket> opening = HTTP.newWebSocketBuilder()
                .connectTimeout(BOUND)
                .header("Authorization", "Bearer " + token)
                .buildAsync(address, new Ear())
                .thenApply(socket -> socket);
        this.ready = opening.whenComplete((socket, failure) -> endAfter(failure));
    }

    /** Opens one in the background. {@code end} runs once, when it can't be opened or when it has ended. */
    static FrameSocket open(URI address, String token, Consumer<JsonNode> frames, Runnable end) {
        return new FrameSocket(address, token, frames, end);
    }

    /** Sends after what was sent before. */
    synchronized void send(String json) {
        ready = ready.thenCompose(socket ->
                        socket == null ? CompletableFuture.completedFuture(null) : socket.sendText(json, true))
                .whenComplete((socket, failure) -> endAfter(failure));
    }

    /** Cuts the connection; some frame may still be on its way. */
    synchronized void abort() {
        ready = ready.thenApply(socket -> {
            if (socket != null) {
                socket.abort();
            }
            endOnce();
            return null;
        });
    }

    private void endAfter(@Nullable Throwable failure) {
        if (failure != null) {
            endOnce();
        }
    }

    private void endOnce() {
        if (ended.compareAndSet(false, true)) {
            end.run();
        }
    }

    private final class Ear implements WebSocket.Listener {

        private final StringBuilder part = new StringBuilder();

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            part.append(data);
            if (last) {
                JsonNode frame = JSON.readTree(part.toString());
                part.setLength(0);
                frames.accept(frame);
            }
            socket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onPing(WebSocket socket, ByteBuffer message) {
            socket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            endOnce();
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            endOnce();
        }
    }
}
