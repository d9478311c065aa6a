package dev.starling.api;

import dev.starling.security.Problem;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.core.MethodParameter;
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

    @ExceptionHandler
    Mono<Void> invalid(InvalidParameterException failure, ServerWebExchange exchange) {
        return invalid(failure.getMessage()).write(exchange);
    }

    /** What Spring could not read into the parameter of a method, or into the body of a request. */
    @ExceptionHandler
    Mono<Void> unreadable(ServerWebInputException failure, ServerWebExchange exchange) {
        MethodParameter parameter = failure.getMethodParameter();
        return parameter == null
                ? refused(failure, exchange)
                : invalid(parameter.getParameterName() + " can't be read").write(exchange);
    }

    /** All else that is the client's fault: the code is the name of the status. Ours goes on to who logs it. */
    @ExceptionHandler
    Mono<Void> refused(ResponseStatusException failure, ServerWebExchange exchange) {
        HttpStatus status = Objects.requireNonNull(
                HttpStatus.resolve(failure.getStatusCode().value()), "a status without a name");
        if (!status.is4xxClientError()) {
            return Mono.error(failure);
        }
        exchange.getResponse().getHeaders().putAll(failure.getHeaders());
        return new Problem(status, status.getReasonPhrase(), null, status.name().toLowerCase(Locale.ROOT))
                .write(exchange);
    }

    private static Problem invalid(@Nullable String detail) {
        return new Problem(HttpStatus.BAD_REQUEST, "A parameter is not valid", detail, "invalid_parameter");
    }
}
