package dev.starling.security;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.http.server.reactive.ContextPathCompositeHandler;
import org.springframework.http.server.reactive.HttpHandler;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.http.server.reactive.MockServerHttpResponse;
import reactor.core.publisher.Mono;

final class StrictBasePathTests {

    @ParameterizedTest
    @CsvSource({
        "/base, /base/ws, 1",
        "/base, /basement, 0",
        "/base, /base;x/ws, 0",
        "/base/, /base/ws, 1",
        "/base/, /basement, 0",
        "base, /base/ws, 1",
        "base, /basement, 0",
    })
    void onlyWholeSegmentsAreTheBasePath(String property, String path, int handled) {
        AtomicInteger count = new AtomicInteger();
        HttpHandler inner = (request, response) -> Mono.fromRunnable(count::incrementAndGet);
        HttpHandler strict = (HttpHandler) StrictBasePath.of(property)
                .postProcessAfterInitialization(new ContextPathCompositeHandler(Map.of("/base", inner)), "handler");
        MockServerHttpResponse response = new MockServerHttpResponse();

        strict.handle(MockServerHttpRequest.get(path).build(), response).block();

        assertThat(count.get()).isEqualTo(handled);
    }
}
