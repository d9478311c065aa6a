package dev.starling.api;

import dev.starling.protocol.ChannelName;
import dev.starling.protocol.ClientFrame;
import dev.starling.protocol.FrameCodec;
import dev.starling.protocol.MalformedFrameException;
import dev.starling.protocol.RefusedException;
import dev.starling.protocol.StreamPosition;
import dev.starling.security.ApiDoor;
import dev.starling.security.VerifiedToken;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.http.server.reactive.observation.ServerRequestObservationContext;
import org.springframework.web.server.MethodNotAllowedException;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPattern.PathMatchInfo;
import org.springframework.web.util.pattern.PathPatternParser;
import reactor.core.publisher.Mono;

/**
 * Publishes one message per request. A filter and not a method of {@link PublicationController}, because Spring Security's filter
 * chain and the dispatch to a method cost several times as much as the publish (src/docs/decisions/0018). Thread-safe.
 */
final class PublishFilter implements WebFilter, Ordered {

    static final PathPattern PATH = PathPatternParser.defaultInstance.parse("/api/channels/{channel}/messages");

    private static final String SCOPE = "publish";
    private static final int MAX_KEY = 128;

    private final ApplicationContext context;
    private final ApiDoor door;
    private final RequestRate rate;
    private final FrameCodec codec;
    private final RequestBody body;
    private final Publications publications;

    /** @param context of the main port; the management port publishes nothing */
    PublishFilter(
            ApplicationContext context,
            ApiDoor door,
            RequestRate rate,
            FrameCodec codec,
            RequestBody body,
            Publications publications) {
        this.context = context;
        this.door = door;
        this.rate = rate;
        this.codec = codec;
        this.body = body;
        this.publications = publications;
    }

    /** Behind the filters that look at the path and the client, in front of Spring Security. */
    @Override
    public int getOrder() {
        return Ordered.HIGHEST_PRECEDENCE + 20;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        PathMatchInfo match =
                PATH.matchAndExtract(exchange.getRequest().getPath().pathWithinApplication());
        if (match == null || exchange.getApplicationContext() != context) {
            return chain.filter(exchange);
        }
        ServerRequestObservationContext.findCurrent(exchange.getAttributes())
                .ifPresent(observed -> observed.setPathPattern(PATH.getPatternString()));
        HttpMethod method = exchange.getRequest().getMethod();
        String channel = Objects.requireNonNull(match.getUriVariables().get("channel"), "the pattern has it");
        Mono<Void> answer = method.equals(HttpMethod.POST)
                ? door.admit(exchange, SCOPE, caller -> publish(exchange, channel, caller))
                : Mono.error(() -> new MethodNotAllowedException(method, Set.of(HttpMethod.POST)));
        return answer.onErrorResume(failure -> ApiProblems.answer(failure, exchange));
    }

    private Mono<Void> publish(ServerWebExchange exchange, String channel, VerifiedToken caller) {
        ServerHttpRequest request = exchange.getRequest();
        try {
            rate.check(caller.user(), 1);
            ChannelName name = codec.channel(channel);
            String key = key(request);
            return body.read(request, publications.maxBytes())
                    .flatMap(text -> publish(caller, name, text, key))
                    .map(position -> answer(name, position))
                    .switchIfEmpty(Mono.fromSupplier(() -> answer(name, null)))
                    .flatMap(answer -> write(exchange.getResponse(), answer));
        } catch (MalformedFrameException | RefusedException | InvalidParameterException fault) {
            return Mono.error(fault);
        }
    }

    private Mono<StreamPosition> publish(VerifiedToken caller, ChannelName name, byte[] text, @Nullable String key) {
        try {
            return publications.publish(caller, new ClientFrame.Publish(null, name, codec.value(text), key));
        } catch (MalformedFrameException fault) {
            return Mono.error(fault);
        }
    }

    private static @Nullable String key(ServerHttpRequest request) {
        String key = request.getHeaders().getFirst("Idempotency-Key");
        if (key != null && (key.isEmpty() || key.length() > MAX_KEY)) {
            throw new InvalidParameterException("Idempotency-Key", "of 1 to " + MAX_KEY + " characters");
        }
        return key;
    }

    /** Neither a channel's name nor an epoch has anything to escape. */
    private static byte[] answer(ChannelName name, @Nullable StreamPosition position) {
        String place =
                position == null ? "" : ",\"epoch\":\"" + position.epoch() + "\",\"offset\":" + position.offset();
        return ("{\"channel\":\"" + name.value() + '"' + place + "}\n").getBytes(StandardCharsets.US_ASCII);
    }

    private static Mono<Void> write(ServerHttpResponse response, byte[] answer) {
        response.getHeaders().setContentType(MediaType.APPLICATION_JSON);
        response.getHeaders().setContentLength(answer.length);
        return response.writeWith(Mono.just(response.bufferFactory().wrap(answer)));
    }
}
