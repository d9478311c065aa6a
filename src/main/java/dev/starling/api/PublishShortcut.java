package dev.starling.api;

import dev.starling.protocol.ChannelName;
import dev.starling.protocol.ClientFrame;
import dev.starling.protocol.ErrorCode;
import dev.starling.protocol.FrameCodec;
import dev.starling.protocol.MalformedFrameException;
import dev.starling.protocol.RefusedException;
import dev.starling.protocol.StreamPosition;
import dev.starling.security.KnownCallers;
import dev.starling.security.VerifiedToken;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.reactor.netty.NettyRouteProvider;
import org.springframework.http.HttpStatus;
import org.springframework.web.server.ResponseStatusException;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;
import reactor.netty.http.server.HttpServerRoutes;

/**
 * The short way of a publish by a back end that publishes all day: past Spring's filters and handlers, which cost ten times what the
 * publish costs. It is open to whoever Spring Security has let in within the last minute by the same token, or who has a key, and for
 * requests with nothing odd about them; all others, hence also all that are refused by their headers, go the long way to
 * {@link PublicationController}, and get the same answers there.
 */
final class PublishShortcut implements NettyRouteProvider {

    private static final Logger log = LoggerFactory.getLogger(PublishShortcut.class);
    private static final String BEARER = "Bearer ";
    private static final String START = "/api/channels/";
    private static final String END = "/messages";
    private static final String SCOPE = "publish";

    private final String start;
    private final FrameCodec codec;
    private final Publications publications;
    private final KnownCallers callers;
    private final RequestRate rate;
    private final long bodyTimeoutNanos;
    private final MeterRegistry registry;
    private final Timer published;

    /**
     * @param basePath what stands before each path of this server
     * @param bodyTimeout how long a body may take
     */
    PublishShortcut(
            String basePath,
            FrameCodec codec,
            Publications publications,
            KnownCallers callers,
            RequestRate rate,
            Duration bodyTimeout,
            MeterRegistry registry) {
        this.start = basePath + START;
        this.codec = codec;
        this.publications = publications;
        this.callers = callers;
        this.rate = rate;
        this.bodyTimeoutNanos = bodyTimeout.toNanos();
        this.registry = registry;
        this.published = timer(HttpStatus.OK);
    }

    @Override
    public HttpServerRoutes apply(HttpServerRoutes routes) {
        return routes.route(this::isPlain, this::publish);
    }

    private boolean isPlain(HttpServerRequest request) {
        return HttpMethod.POST.equals(request.method())
                && channel(request.uri()) != null
                && hasPlainBody(request.requestHeaders())
                && caller(request.requestHeaders()) != null;
    }

    /** The channel that is published to; null if it takes more to tell. */
    private @Nullable ChannelName channel(String uri) {
        if (!uri.startsWith(start) || !uri.endsWith(END)) {
            return null;
        }
        for (int i = start.length(); i < uri.length() - END.length(); i++) {
            char c = uri.charAt(i);
            if (c == '/' || c == '%' || c == '?' || c == ';') {
                return null;
            }
        }
        try {
            return codec.channel(uri.substring(start.length(), Math.max(start.length(), uri.length() - END.length())));
        } catch (MalformedFrameException e) {
            return null;
        }
    }

    private boolean hasPlainBody(HttpHeaders headers) {
        String length = headers.get(HttpHeaderNames.CONTENT_LENGTH);
        return length != null
                && length.length() <= 8
                && Integer.parseInt(length) <= publications.maxBytes()
                && !headers.contains(HttpHeaderNames.EXPECT)
                && !headers.contains(HttpHeaderNames.ORIGIN);
    }

    private @Nullable VerifiedToken caller(HttpHeaders headers) {
        String key = headers.get("x-api-key");
        if (key != null) {
            return callers.byKey(key, SCOPE);
        }
        String authorization = headers.get(HttpHeaderNames.AUTHORIZATION);
        return authorization != null && authorization.startsWith(BEARER)
                ? callers.byToken(authorization.substring(BEARER.length()), SCOPE)
                : null;
    }

    private Publisher<Void> publish(HttpServerRequest request, HttpServerResponse response) {
        long start = System.nanoTime();
        VerifiedToken caller = caller(request.requestHeaders());
        ChannelName channel = channel(request.uri());
        if (caller == null || channel == null) { // refused, or a minute old, in between
            return answer(response, start, ApiProblems.of(ErrorCode.INVALID_TOKEN, "present the token again", 0));
        }
        long wait = rate.take(caller.user());
        if (wait > 0) {
            return answer(response, start, rate.refusal(wait));
        }
        String key = request.requestHeaders().get("idempotency-key");
        return body(request)
                .flatMap(text -> publish(caller, channel, text, key))
                .map(position -> PublicationController.answer(channel, position))
                .switchIfEmpty(Mono.fromSupplier(() -> PublicationController.answer(channel, null)))
                .flatMap(answer -> {
                    published.record(System.nanoTime() - start, TimeUnit.NANOSECONDS);
                    return send(response, "application/json", answer);
                })
                .onErrorResume(failure -> answer(response, start, problem(failure)));
    }

    /** Who keeps one waiting is not waited for without end. Reactor's timeout would wake another thread for each request. */
    private Mono<byte[]> body(HttpServerRequest request) {
        CompletableFuture<byte[]> body = request.receive()
                .aggregate()
                .asByteArray()
                .defaultIfEmpty(new byte[0])
                .toFuture();
        request.withConnection(connection -> {
            ScheduledFuture<?> end = connection
                    .channel()
                    .eventLoop()
                    .schedule(() -> body.completeExceptionally(timeout()), bodyTimeoutNanos, TimeUnit.NANOSECONDS);
            body.whenComplete((bytes, failure) -> end.cancel(false));
        });
        return Mono.fromFuture(body);
    }

    private static ResponseStatusException timeout() {
        return new ResponseStatusException(HttpStatus.REQUEST_TIMEOUT);
    }

    private Mono<StreamPosition> publish(VerifiedToken caller, ChannelName channel, byte[] text, @Nullable String key) {
        try {
            PublicationController.checkKey(key);
            return publications.publish(caller, new ClientFrame.Publish(null, channel, codec.value(text), key));
        } catch (MalformedFrameException fault) {
            return Mono.error(fault);
        }
    }

    private static ApiProblems.Answer problem(Throwable failure) {
        if (failure instanceof MalformedFrameException malformed) {
            return ApiProblems.of(malformed.code(), malformed.message(), 0);
        } else if (failure instanceof RefusedException refused) {
            return ApiProblems.of(refused.code(), refused.message(), 0);
        } else if (failure instanceof ResponseStatusException timeout) {
            return ApiProblems.of(timeout);
        } else if (failure instanceof InvalidParameterException invalid) {
            return ApiProblems.of(invalid);
        }
        log.atError().setCause(failure).log("api.publish_failed");
        return ApiProblems.of(ErrorCode.INTERNAL, "it is logged there", 0);
    }

    private Mono<Void> answer(HttpServerResponse response, long start, ApiProblems.Answer answer) {
        HttpStatus status = answer.problem().status();
        timer(status).record(System.nanoTime() - start, TimeUnit.NANOSECONDS);
        response.status(HttpResponseStatus.valueOf(status.value()));
        String retryAfter = answer.retryAfter();
        if (retryAfter != null) {
            response.header(HttpHeaderNames.RETRY_AFTER, retryAfter);
        }
        return send(response, "application/problem+json", answer.problem().body());
    }

    private static Mono<Void> send(HttpServerResponse response, String type, byte[] body) {
        return response.header(HttpHeaderNames.CONTENT_TYPE, type)
                .header(HttpHeaderNames.CONTENT_LENGTH, Integer.toString(body.length))
                .header(HttpHeaderNames.CACHE_CONTROL, "no-store")
                .header("x-content-type-options", "nosniff")
                .send(Mono.just(Unpooled.wrappedBuffer(body)))
                .then();
    }

    /** As Spring's own metrics have it for those that go the long way. */
    private Timer timer(HttpStatus status) {
        return Timer.builder("http.server.requests")
                .tag("error", "none")
                .tag("exception", "none")
                .tag("method", "POST")
                .tag(
                        "outcome",
                        status.is2xxSuccessful()
                                ? "SUCCESS"
                                : status.is4xxClientError() ? "CLIENT_ERROR" : "SERVER_ERROR")
                .tag("status", Integer.toString(status.value()))
                .tag("uri", START + "{channel}" + END)
                .register(registry);
    }
}
