package dev.starling.journey;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.netty.DisposableServer;
import reactor.netty.NettyOutbound;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.websocket.WebsocketInbound;
import reactor.netty.http.websocket.WebsocketOutbound;
import reactor.netty.tcp.TcpServer;

/** A server with one fault planted, which a tool that looks for faults must find. */
final class FaultyServer implements AutoCloseable {

    /** What it does wrong. */
    enum Fault {
        NONE,
        LOSES,
        DOUBLES,
        SWAPS,
        /** Neither answers publishes nor hands them on. */
        SWALLOWS,
        /** Ends every connection after a second. */
        ENDS,
        /** Holds all messages back from the {@value #STALL_FROM}th on, for two seconds. */
        STALLS,
        IS_BUSY,
        NEVER_ANSWERS,
        WRONG_KEY
    }

    private static final int STALL_FROM = 45;

    private final Fault fault;
    private final Sinks.Many<String> messages = Sinks.many().multicast().directBestEffort();
    private final Queue<String> held = new ArrayDeque<>();
    private final DisposableServer server;
    private int count;
    private boolean stalled;

    FaultyServer(Fault fault) {
        this.fault = fault;
        this.server = switch (fault) {
            case NEVER_ANSWERS -> raw("");
            case WRONG_KEY ->
                raw(answer(
                        "101 Switching Protocols",
                        "Upgrade: websocket",
                        "Connection: Upgrade",
                        "Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA="));
            case IS_BUSY -> raw(answer("503 Service Unavailable", "Retry-After: 5", "Content-Length: 0"));
            default ->
                HttpServer.create()
                        .host("localhost")
                        .port(0)
                        .route(routes -> routes.ws("/ws", this::serve))
                        .bindNow(Duration.ofSeconds(10));
        };
    }

    private static String answer(String status, String... headers) {
        return "HTTP/1.1 " + status + "\r\n" + String.join("\r\n", headers) + "\r\n\r\n";
    }

    private static DisposableServer raw(String answer) {
        return TcpServer.create()
                .host("localhost")
                .port(0)
                .handle((in, out) -> {
                    NettyOutbound said = answer.isEmpty()
                            ? out
                            : out.sendString(in.receive().asString().take(1).map(request -> answer));
                    return answer.isEmpty() ? in.receive().then() : said.then().then(Mono.never());
                })
                .bindNow(Duration.ofSeconds(10));
    }

    URI address() {
        return URI.create("ws://localhost:" + server.port() + "/ws");
    }

    @Override
    public void close() {
        server.disposeNow(Duration.ofSeconds(10));
    }

    private Mono<Void> serve(WebsocketInbound in, WebsocketOutbound out) {
        Sinks.Many<String> replies = Sinks.many().unicast().onBackpressureBuffer();
        Mono<Void> inbound = in.receive()
                .asString()
                .doOnNext(text -> answer(text, replies))
                .doFinally(signal -> replies.tryEmitComplete())
                .then();
        Mono<Void> served = out.sendString(Flux.merge(Flux.just("{\"type\":\"welcome\"}"), replies.asFlux()))
                .then()
                .and(inbound);
        return fault == Fault.ENDS
                ? Mono.firstWithSignal(served, Mono.delay(Duration.ofSeconds(1)).then(out.sendClose(1011, "")))
                : served;
    }

    private synchronized void answer(String text, Sinks.Many<String> replies) {
        if (text.contains("\"subscribe\"")) {
            messages.asFlux().subscribe(replies::tryEmitNext);
            replies.tryEmitNext(text.replace("\"subscribe\"", "\"subscribed\""));
        } else if (text.contains("\"publish\"") && fault != Fault.SWALLOWS) {
            replies.tryEmitNext(text.replace("\"publish\"", "\"published\""));
            deliver(text.replace("\"publish\"", "\"message\""));
        }
    }

    private void deliver(String message) {
        boolean now = ++count == 10;
        if (now && fault == Fault.LOSES) {
            return;
        }
        if ((now && fault == Fault.SWAPS) || isStalling()) {
            held.add(message);
            if (count == STALL_FROM) {
                Mono.delay(Duration.ofSeconds(2)).subscribe(over -> goOn());
            }
            return;
        }
        messages.tryEmitNext(message);
        if (now && fault == Fault.DOUBLES) {
            messages.tryEmitNext(message);
        }
        release();
    }

    private boolean isStalling() {
        return fault == Fault.STALLS && count >= STALL_FROM && !stalled;
    }

    private synchronized void goOn() {
        stalled = true;
        release();
    }

    private void release() {
        while (!held.isEmpty()) {
            messages.tryEmitNext(held.remove());
        }
    }
}
