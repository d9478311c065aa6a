package dev.starling.api;

import dev.starling.protocol.ChannelName;
import dev.starling.protocol.ClientFrame;
import dev.starling.protocol.FrameCodec;
import dev.starling.protocol.MalformedFrameException;
import dev.starling.protocol.StreamPosition;
import dev.starling.security.KnownCallers;
import dev.starling.security.VerifiedToken;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import reactor.core.publisher.Mono;

/**
 * What there is to know of a publish that takes the short way, see {@link PublishHandler}. That way is open to whoever Spring Security has
 * let in within the last minute by the same token, or who has a key, and for requests with nothing odd about them. All others, hence also
 * all that are refused by their headers, go the long way to {@link PublicationController}, and get the same answers there. Thread-safe.
 */
final class PublishShortcut {

    private static final String BEARER = "Bearer ";
    private static final String START = "/api/channels/";
    private static final String END = "/messages";
    private static final String SCOPE = "publish";
    private static final int MOST_DIGITS = 8;

    private final String start;
    private final FrameCodec codec;
    private final Publications publications;
    private final KnownCallers callers;
    private final RequestRate rate;
    private final BooleanSupplier closed;
    private final MeterRegistry registry;
    private final Timer published;

    /**
     * @param basePath what stands before each path of this server
     * @param closed whether nobody may go that way now
     */
    PublishShortcut(
            String basePath,
            FrameCodec codec,
            Publications publications,
            KnownCallers callers,
            RequestRate rate,
            BooleanSupplier closed,
            MeterRegistry registry) {
        this.start = basePath + START;
        this.codec = codec;
        this.publications = publications;
        this.callers = callers;
        this.rate = rate;
        this.closed = closed;
        this.registry = registry;
        this.published = timer(HttpStatus.OK);
    }

    /**
     * A publish without its body.
     *
     * @param length of the body
     * @param key what makes it idempotent
     */
    record Head(
            VerifiedToken caller,
            ChannelName channel,
            int length,
            @Nullable String key) {}

    /** What is to be published by a request, as far as its headers tell; null if it has to go the long way. */
    @Nullable
    Head head(HttpRequest request) {
        if (!HttpMethod.POST.equals(request.method()) || !request.uri().startsWith(start) || closed.getAsBoolean()) {
            return null;
        }
        HttpHeaders headers = request.headers();
        ChannelName channel = channel(request.uri());
        int length = length(headers);
        if (channel == null || length < 0 || !isOrdinary(request)) {
            return null;
        }
        VerifiedToken caller = caller(headers);
        return caller == null || rate.take(caller.user()) > 0
                ? null
                : new Head(caller, channel, length, headers.get("idempotency-key"));
    }

    private static boolean isOrdinary(HttpRequest request) {
        HttpHeaders headers = request.headers();
        return request.decoderResult().isSuccess()
                && HttpVersion.HTTP_1_1.equals(request.protocolVersion())
                && HttpUtil.isKeepAlive(request)
                && !headers.contains(HttpHeaderNames.TRANSFER_ENCODING)
                && !headers.contains(HttpHeaderNames.EXPECT)
                && !headers.contains(HttpHeaderNames.UPGRADE)
                && !headers.contains(HttpHeaderNames.ORIGIN);
    }

    private @Nullable ChannelName channel(String uri) {
        int end = uri.length() - END.length();
        if (end <= start.length() || !uri.endsWith(END)) {
            return null;
        }
        for (int i = start.length(); i < end; i++) {
            char c = uri.charAt(i);
            if (c == '/' || c == '%' || c == '?' || c == ';' || c == '#') {
                return null;
            }
        }
        try {
            return codec.channel(uri.substring(start.length(), end));
        } catch (MalformedFrameException e) {
            return null;
        }
    }

    private int length(HttpHeaders headers) {
        String length = headers.get(HttpHeaderNames.CONTENT_LENGTH);
        if (length == null
                || length.isEmpty()
                || length.length() > MOST_DIGITS
                || !length.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return -1;
        }
        int bytes = Integer.parseInt(length);
        return bytes <= publications.maxBytes() ? bytes : -1;
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

    /** Publishes it. Completes as {@link Publications#publish}, on any thread; what went wrong, {@link ApiProblems} says. */
    Mono<StreamPosition> publish(Head head, byte[] body) {
        try {
            PublicationController.checkKey(head.key());
            return publications.publish(
                    head.caller(), new ClientFrame.Publish(null, head.channel(), codec.value(body), head.key()));
        } catch (MalformedFrameException | InvalidParameterException fault) {
            return Mono.error(fault);
        }
    }

    /** Measures one, as Spring does those that go the long way. */
    void answered(HttpStatus status, long nanos) {
        Timer timer = status == HttpStatus.OK ? published : timer(status);
        timer.record(nanos, TimeUnit.NANOSECONDS);
    }

    private Timer timer(HttpStatus status) {
        return Timer.builder("http.server.requests")
                .tag("error", "none")
                .tag("exception", "none")
                .tag("method", "POST")
                .tag("outcome", outcome(status))
                .tag("status", Integer.toString(status.value()))
                .tag("uri", START + "{channel}" + END)
                .register(registry);
    }

    private static String outcome(HttpStatus status) {
        if (status.is2xxSuccessful()) {
            return "SUCCESS";
        }
        return status.is4xxClientError() ? "CLIENT_ERROR" : "SERVER_ERROR";
    }
}
