package dev.starling.api;

import dev.starling.protocol.FrameCodec;
import dev.starling.protocol.MalformedFrameException;
import dev.starling.protocol.StreamPosition;
import dev.starling.security.VerifiedToken;
import dev.starling.websocket.EventStreams;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/** What is said in a channel, as server-sent events. For whoever may subscribe to it. */
@RestController
final class EventStreamController {

    private static final String LAST_EVENT_ID = "Last-Event-ID";

    private final FrameCodec codec;
    private final EventStreams streams;

    EventStreamController(FrameCodec codec, EventStreams streams) {
        this.codec = codec;
        this.streams = streams;
    }

    /**
     * The stream.
     *
     * @param resumed where the client was when its stream broke, as a browser says by itself
     * @param since the same of a client that can't set headers, and begins; counts if the other one is missing
     */
    @GetMapping(path = EventStreams.PATH, produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    Mono<Void> events(
            @PathVariable String channel,
            @RequestHeader(name = LAST_EVENT_ID, defaultValue = "") String resumed,
            @RequestParam(name = "lastEventId", defaultValue = "") String since,
            @AuthenticationPrincipal VerifiedToken client,
            ServerWebExchange exchange)
            throws MalformedFrameException {
        return streams.serve(exchange, codec.channel(channel), position(resumed, since), client);
    }

    private static @Nullable StreamPosition position(String resumed, String since) {
        if (!resumed.isEmpty()) {
            return HistoryCursor.parse(LAST_EVENT_ID, resumed);
        }
        return since.isEmpty() ? null : HistoryCursor.parse("lastEventId", since);
    }
}
