package dev.starling.security;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.reactive.ContextPathCompositeHandler;
import org.springframework.http.server.reactive.HttpHandler;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.util.StringUtils;
import reactor.core.publisher.Mono;

/**
 * Answers 404 to paths that begin with the characters of the base path but not with its segments, such as {@code /base;x} and {@code
 * /basement}: Spring fails on them, in front of all filters.
 */
final class StrictBasePath implements BeanPostProcessor {

    private final String base;

    private StrictBasePath(String base) {
        this.base = base;
    }

    /** @param property as Spring Boot reads it: with or without a slash at either end */
    static StrictBasePath of(String property) {
        String base = StringUtils.trimTrailingCharacter(property.strip(), '/');
        return new StrictBasePath(base.isEmpty() || base.startsWith("/") ? base : '/' + base);
    }

    @Override
    public Object postProcessAfterInitialization(Object bean, String name) {
        return bean instanceof ContextPathCompositeHandler handler
                ? (HttpHandler) (request, response) -> handle(request, response, handler)
                : bean;
    }

    private Mono<Void> handle(ServerHttpRequest request, ServerHttpResponse response, HttpHandler handler) {
        String path = request.getPath().value();
        if (path.startsWith(base) && path.length() > base.length() && path.charAt(base.length()) != '/') {
            response.setStatusCode(HttpStatus.NOT_FOUND);
            return response.setComplete();
        }
        return handler.handle(request, response);
    }
}
