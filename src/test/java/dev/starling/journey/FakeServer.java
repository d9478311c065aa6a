package dev.starling.journey;

import java.net.URI;
import java.time.Duration;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.websocket.WebsocketInbound;
import reactor.netty.http.websocket.WebsocketOutbound;

/** One channel and no rules, to test the rig itself: it delivers each message as often as it is told to. */
final class FakeServer implements AutoCloseable {

    private final Sinks.Many<String> messages = Sinks.many().multicast().directBestEffort();
    private final int copies;
    private final DisposableServer server;

    FakeServer(int copies) {
        this.copies = copies;
        this.server = HttpServer.create()
                .host("localhost")
                .port(0)
                .route(routes -> routes.ws("/ws", this::serve))
                .bindNow(Duration.ofSeconds(10));
    }

    int port() {
        return server.port();
    }

    URI address() {
        return URI.create("ws://localhost:" + port() + "/ws");
    }

    @Override
    public void close() {
        server.disposeNow(Duration.ofSeconds(10));
    }

    private Mono<Void> serve(WebsocketInbound in, WebsocketOutbound out) {
        Sinks.Many<String> replies = Sinks.many().unicast().onBackpressureBuffer();
        Flux<String> outbound = Flux.merge(Flux.just("{\"type\":\"welcome\"}"), replies.asFlux());
        Mono<Void> inbound = in.receive()
                .asString()
                .doOnNext(text -> answer(text, replies))
                .doFinally(signal -> replies.tryEmitComplete())
                .then();
        return out.sendString(outbound).then().and(inbound);
    }

    private void answer(String text, Sinks.Many<String> replies) {
        if (text.contains("\"subscribe\"")) {
            messages.asFlux().subscribe(replies::tryEmitNext);
            replies.tryEmitNext(text.replace("\"subscribe\"", "\"subscribed\""));
        } else if (text.contains("\"publish\"")) {
            for (int i = 0; i < copies; i++) {
                messages.tryEmitNext(text.replace("\"publish\"", "\"message\""));
            }
        } else {
            replies.tryEmitNext(text.replace("\"ping\"", "\"pong\""));
        }
    }
}
