package dev.starling.security;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.web.server.MockServerWebExchange;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.core.OAuth2AuthenticationException;
import org.springframework.security.oauth2.server.resource.InvalidBearerTokenException;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

class UpgradeTokenConverterTests {

    @Test
    void findsTheTokenInItsThreePlaces() {
        assertToken(get("/ws").header("Authorization", "Bearer a.b.c"), "a.b.c");
        assertToken(get("/ws").header("Authorization", "bearer  a.b.c "), "a.b.c");
        assertToken(get("/ws").header("Sec-WebSocket-Protocol", "starling.v1, bearer.a.b.c"), "a.b.c");
        assertToken(get("/ws").header("Sec-WebSocket-Protocol", "starling.v1", "bearer.a.b.c"), "a.b.c");
        assertToken(get("/ws?x=1&access_token=a.b.c"), "a.b.c");
    }

    @Test
    void otherSchemesHideNoToken() {
        assertToken(get("/ws?access_token=query").header("Authorization", "Basic YTpi"), "query");
        assertToken(get("/ws").header("Authorization", "Basic YTpi", "bEARER header"), "header");
        assertToken(get("/ws").header("Authorization", "Bearer header", "Digest a=b"), "header");
        assertToken(get("/ws").header("Authorization", "Bearer\theader"), "header");
        assertToken(
                get("/ws").header("Authorization", "Basic YTpi").header("Sec-WebSocket-Protocol", "bearer.protocol"),
                "protocol");
        assertToken(get("/ws?access_token=query").header("Authorization", "Bearerish x"), "query");
        assertToken(get("/ws?access_token=query").header("Authorization", ""), "query");
    }

    @Test
    void sameTokenMayBeThereTwice() {
        assertToken(
                get("/ws?access_token=a.b&access_token=a.b")
                        .header("Sec-WebSocket-Protocol", "bearer.a.b")
                        .header("Authorization", "Bearer a.b", "bearer  a.b"),
                "a.b");
    }

    @Test
    void tokensThatDifferAreABadRequest() {
        assertSeveral(get("/ws").header("Authorization", "Bearer a", "Bearer b"));
        assertSeveral(get("/ws").header("Authorization", "Basic YTpi", "Bearer a", "bearer b"));
        assertSeveral(get("/ws?access_token=a").header("Authorization", "Bearer b"));
        assertSeveral(get("/ws?access_token=a").header("Authorization", "Bearer"));
        assertSeveral(get("/ws?access_token=a").header("Sec-WebSocket-Protocol", "bearer.b"));
        assertSeveral(get("/ws").header("Authorization", "Bearer a").header("Sec-WebSocket-Protocol", "bearer.b"));
        assertSeveral(get("/ws").header("Sec-WebSocket-Protocol", "bearer.a, bearer.b"));
        assertSeveral(get("/ws").header("Sec-WebSocket-Protocol", "bearer.a", "bearer.b"));
        assertSeveral(get("/ws?access_token=a&access_token=b"));
        assertSeveral(get("/ws?access_token=a&access_token="));
    }

    @Test
    void noTokenIsNoError() {
        StepVerifier.create(convert(get("/ws").header("Sec-WebSocket-Protocol", "starling.v1")))
                .verifyComplete();
        StepVerifier.create(convert(get("/ws?x=1"))).verifyComplete();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Bearer", "Bearer ", "Bearer a b", "Bearer ü", "Bearer =", "Bearer a=b", "Bearer a,b"})
    void malformedHeaderIsRefused(String header) {
        assertMalformed(get("/ws").header("Authorization", header));
    }

    @Test
    void malformedTokenElsewhereIsRefused() {
        assertMalformed(get("/ws").header("Sec-WebSocket-Protocol", "bearer."));
        assertMalformed(get("/ws?access_token="));
    }

    @Test
    void textOfAPresentedTokenDoesNotShowIt() {
        assertThat(new PresentedToken("abc.def.ghi").toString()).doesNotContain("abc", "def", "ghi");
    }

    private static MockServerHttpRequest.BodyBuilder get(String uri) {
        return MockServerHttpRequest.method(HttpMethod.GET, URI.create(uri));
    }

    private static Mono<Authentication> convert(MockServerHttpRequest.BaseBuilder<?> request) {
        return new UpgradeTokenConverter().convert(MockServerWebExchange.from(request));
    }

    private static void assertToken(MockServerHttpRequest.BaseBuilder<?> request, String token) {
        StepVerifier.create(convert(request))
                .assertNext(authentication ->
                        assertThat(authentication.getCredentials()).isEqualTo(token))
                .verifyComplete();
    }

    private static void assertSeveral(MockServerHttpRequest.BaseBuilder<?> request) {
        StepVerifier.create(convert(request))
                .verifyErrorSatisfies(error -> assertThat(((OAuth2AuthenticationException) error).getError())
                        .hasFieldOrPropertyWithValue("httpStatus", HttpStatus.BAD_REQUEST));
    }

    private static void assertMalformed(MockServerHttpRequest.BaseBuilder<?> request) {
        StepVerifier.create(convert(request)).verifyError(InvalidBearerTokenException.class);
    }
}
