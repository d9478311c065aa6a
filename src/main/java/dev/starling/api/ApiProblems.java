package dev.starling.api;

import dev.starling.protocol.ErrorCode;
import dev.starling.protocol.MalformedFrameException;
import dev.starling.protocol.RefusedException;
import dev.starling.security.Problem;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.MethodParameter;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.ServerWebInputException;
import reactor.core.publisher.Mono;

/** Answers requests that nobody can serve with {@code application/problem+json}, as those that were not let in are. */
@RestControllerAdvice
final class ApiProblems {

    private static final Logger log = LoggerFactory.getLogger(ApiProblems.class);

    /** What a broker that is away takes to come back at the least, in milliseconds. */
    private static final int BROKER_MILLIS = 1000;

    /** What Spring could not read into the parameter of a method, or into the body of a request. */
    @ExceptionHandler
    Mono<Void> unreadable(ServerWebInputException failure, ServerWebExchange exchange) {
        MethodParameter parameter = failure.getMethodParameter();
        return parameter == null || BrokenRequests.isOver(failure, exchange)
                ? answer(failure, exchange)
                : invalid(parameter.getParameterName() + " can't be read").write(exchange);
    }

    @ExceptionHandler
    Mono<Void> failed(Exception failure, ServerWebExchange exchange) {
        return answer(failure, exchange);
    }

    /** Answers a failure, or passes it on to {@link BrokenRequests}. */
    static Mono<Void> answer(Throwable failure, ServerWebExchange exchange) {
        if (BrokenRequests.isOver(failure, exchange)) {
            return Mono.error(failure);
        }
        if (failure instanceof ResponseStatusException refused) {
            HttpHeaders headers = exchange.getResponse().getHeaders();
            headers.putAll(refused.getHeaders());
            if (HttpStatus.REQUEST_TIMEOUT.equals(refused.getStatusCode())) {
                headers.setConnection("close"); // the rest of the body may never come (RFC 9110, section 15.5.9)
            }
        }
        return of(failure).write(exchange);
    }

    /** The code is the name of the status. */
    private static Answer of(ResponseStatusException failure) {
        if (!failure.getStatusCode().is4xxClientError()) {
            return fault(failure);
        }
        HttpStatus status = Objects.requireNonNull(
                HttpStatus.resolve(failure.getStatusCode().value()), "a status without a name");
        String code = status.name().toLowerCase(Locale.ROOT);
        return new Answer(new Problem(status, status.getReasonPhrase(), null, code), 0);
    }

    private static Problem invalid(@Nullable String detail) {
        return new Problem(HttpStatus.BAD_REQUEST, "A parameter is not valid", detail, "invalid_parameter");
    }

    /** What to say of a failure; logs those that are ours. */
    static Answer of(Throwable failure) {
        if (failure instanceof MalformedFrameException malformed) {
            return of(malformed.code(), malformed.message(), 0);
        } else if (failure instanceof RefusedException refused) {
            return of(refused.code(), refused.message(), 0);
        } else if (failure instanceof InvalidParameterException invalid) {
            return new Answer(invalid(invalid.getMessage()), 0);
        } else if (failure instanceof RateLimitedException limited) {
            return of(ErrorCode.RATE_LIMITED, limited.getMessage(), limited.waitMillis());
        } else if (failure instanceof ResponseStatusException other) {
            return of(other);
        }
        return fault(failure);
    }

    private static Answer fault(Throwable failure) {
        log.atError().setCause(failure).log("api.failed");
        return of(ErrorCode.INTERNAL, "it is logged there", 0);
    }

    /**
     * What the protocol says by a code, said by HTTP.
     *
     * @param waitMillis how long to wait at least; 0 = what the code suggests
     */
    static Answer of(ErrorCode code, @Nullable String detail, long waitMillis) {
        Problem problem = new Problem(status(code), title(code), detail, code.text());
        return new Answer(problem, waitMillis == 0 && code.retry() ? BROKER_MILLIS : waitMillis);
    }

    /** A problem, and how long to wait before the same is asked again; 0 = that does not help. */
    record Answer(Problem problem, long waitMillis) {

        /** Makes it the response. */
        Mono<Void> write(ServerWebExchange exchange) {
            String retryAfter = retryAfter();
            if (retryAfter != null) {
                exchange.getResponse().getHeaders().set(HttpHeaders.RETRY_AFTER, retryAfter);
            }
            return problem.write(exchange);
        }

        /** In whole seconds, up to half more, since not all are to come back at once; null if that does not help. */
        @Nullable
        String retryAfter() {
            if (waitMillis == 0) {
                return null;
            }
            long jittered = waitMillis + ThreadLocalRandom.current().nextLong(waitMillis / 2 + 1);
            return Long.toString(TimeUnit.MILLISECONDS.toSeconds(jittered + 999));
        }
    }

    private static HttpStatus status(ErrorCode code) {
        return switch (code) {
            case MALFORMED, UNKNOWN_TYPE, INVALID_CHANNEL -> HttpStatus.BAD_REQUEST;
            case INVALID_TOKEN -> HttpStatus.UNAUTHORIZED;
            case FORBIDDEN -> HttpStatus.FORBIDDEN;
            case NOT_SUBSCRIBED -> HttpStatus.NOT_FOUND;
            case UNRECOVERABLE_POSITION -> HttpStatus.GONE;
            case TOO_LARGE -> HttpStatus.CONTENT_TOO_LARGE;
            case TOO_MANY_SUBSCRIPTIONS, RATE_LIMITED -> HttpStatus.TOO_MANY_REQUESTS;
            case BROKER_UNAVAILABLE -> HttpStatus.SERVICE_UNAVAILABLE;
            case INTERNAL -> HttpStatus.INTERNAL_SERVER_ERROR;
        };
    }

    private static String title(ErrorCode code) {
        return switch (code) {
            case MALFORMED, UNKNOWN_TYPE -> "The request can't be read";
            case INVALID_CHANNEL -> "The channel's name is not allowed";
            case INVALID_TOKEN -> "The token is not valid";
            case FORBIDDEN -> "This is not allowed";
            case NOT_SUBSCRIBED -> "There is no such subscription";
            case UNRECOVERABLE_POSITION -> "This part of the history is not there";
            case TOO_LARGE -> "The request is too large";
            case TOO_MANY_SUBSCRIPTIONS, RATE_LIMITED -> "Too many requests";
            case BROKER_UNAVAILABLE -> "The broker can't be reached";
            case INTERNAL -> "The server failed";
        };
    }
}
