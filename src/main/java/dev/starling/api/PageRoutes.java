package dev.starling.api;

import java.net.URI;
import java.util.function.Consumer;
import org.springframework.context.ApplicationContext;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.RequestPredicate;
import org.springframework.web.reactive.function.server.RequestPredicates;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * Where the pages are: the client at {@code /client/}, for pages of any origin to import, what the API is in {@code /api/}, likewise,
 * and the console at {@code /console/}, to which {@code /} leads and which runs and reaches nothing but what comes from this node. Browsers ask at each use whether what they have is still of this
 * version, so that a deployment never mixes two.
 */
final class PageRoutes {

    /** {@code 'self'} has the WebSocket of the same host in it (CSP 3, section 6.7.2.8), in Safari since 16. */
    private static final String CONSOLE_POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
                    + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static final String CONSOLE = "/console/";

    private final ApplicationContext context;
    private final StaticPages pages;
    private final boolean console;

    /**
     * @param context of the main port; that of a management port serves no pages
     * @param console whether there is a console
     */
    PageRoutes(ApplicationContext context, StaticPages pages, boolean console) {
        this.context = context;
        this.pages = pages;
        this.console = console;
    }

    RouterFunction<ServerResponse> routes() {
        RouterFunctions.Builder routes = RouterFunctions.route()
                .route(at("/client/**"), this::forAllOrigins)
                .route(at("/api/*.yaml"), this::forAllOrigins);
        if (console) {
            routes.route(at("/").or(at("/console")), request -> toConsole()).route(at("/console/**"), this::console);
        }
        return routes.build();
    }

    private RequestPredicate at(String pattern) {
        return RequestPredicates.path(pattern)
                .and(RequestPredicates.methods(HttpMethod.GET, HttpMethod.HEAD))
                .and(request -> request.exchange().getApplicationContext() == context);
    }

    private Mono<ServerResponse> forAllOrigins(ServerRequest request) {
        return answer(request, path(request), headers -> {
            headers.setAccessControlAllowOrigin("*");
            headers.set("Cross-Origin-Resource-Policy", "cross-origin");
        });
    }

    /** Relative to the path that the browser has asked for, whatever stands before it. */
    private static Mono<ServerResponse> toConsole() {
        return ServerResponse.status(HttpStatus.FOUND)
                .location(URI.create("console/"))
                .build();
    }

    private Mono<ServerResponse> console(ServerRequest request) {
        String path = path(request);
        return answer(request, path.equals(CONSOLE) ? CONSOLE + "index.html" : path, headers -> {
            headers.set("Content-Security-Policy", CONSOLE_POLICY);
            headers.set("Cross-Origin-Opener-Policy", "same-origin");
            headers.set("Referrer-Policy", "no-referrer");
        });
    }

    private static String path(ServerRequest request) {
        return request.requestPath().pathWithinApplication().value();
    }

    /** Spring Security adds what all answers have: no sniffing, no frames. */
    private Mono<ServerResponse> answer(ServerRequest request, String path, Consumer<HttpHeaders> headers) {
        StaticPages.Page page = pages.at(path);
        if (page == null) {
            return ServerResponse.notFound().headers(headers).build();
        }
        request.exchange().getResponse().getHeaders().setCacheControl(CacheControl.noCache());
        headers.accept(request.exchange().getResponse().getHeaders());
        return request.checkNotModified(page.etag())
                .switchIfEmpty(Mono.defer(() -> ServerResponse.ok()
                        .eTag(page.etag())
                        .contentType(page.type())
                        .bodyValue(page.content())));
    }
}
