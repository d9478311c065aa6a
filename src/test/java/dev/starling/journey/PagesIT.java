package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a browser loads from a node. */
class PagesIT {

    private static ServerProcess server;

    @BeforeAll
    static void start() {
        server = StandardServer.get();
    }

    @Test
    void clientIsForPagesOfAllOrigins() {
        HttpResponse<String> answer = server.get("/client/index.js", "Origin", "https://app.example");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isNotEmpty();
        assertThat(header(answer, "Content-Type")).isEqualTo("text/javascript;charset=UTF-8");
        assertThat(header(answer, "Access-Control-Allow-Origin")).isEqualTo("*");
        assertThat(header(answer, "Cross-Origin-Resource-Policy")).isEqualTo("cross-origin");
    }

    @Test
    void typesOfTheClientLieBesideIt() {
        HttpResponse<String> answer = server.get("/client/index.d.ts");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(header(answer, "Content-Type")).isEqualTo("text/plain;charset=UTF-8");
    }

    @Test
    void consoleReachesNothingButThisNode() {
        HttpResponse<String> answer = server.get("/console/");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).contains("<title>");
        assertThat(header(answer, "Content-Type")).isEqualTo("text/html;charset=UTF-8");
        assertThat(header(answer, "Content-Security-Policy"))
                .isEqualTo(
                        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
                                + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
        assertThat(header(answer, "X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(header(answer, "X-Frame-Options")).isEqualTo("DENY");
        assertThat(header(answer, "Referrer-Policy")).isEqualTo("no-referrer");
        assertThat(header(answer, "Cross-Origin-Opener-Policy")).isEqualTo("same-origin");
        assertThat(answer.headers().map()).doesNotContainKey("access-control-allow-origin");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/console"})
    void addressWithoutAPathLeadsToTheConsole(String path) {
        HttpResponse<String> answer = server.get(path);

        assertThat(answer.statusCode()).isEqualTo(302);
        assertThat(header(answer, "Location")).isEqualTo("console/");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/console/", "/client/index.js"})
    void browserAsksWhetherWhatItHasIsStillOfThisVersion(String path) {
        HttpResponse<String> first = server.get(path);
        HttpResponse<String> again = server.get(path, "If-None-Match", header(first, "ETag"));

        assertThat(header(first, "Cache-Control")).isEqualTo("no-cache");
        assertThat(again.statusCode()).isEqualTo(304);
        assertThat(again.body()).isEmpty();
        assertThat(header(again, "ETag")).isEqualTo(header(first, "ETag"));
        assertThat(header(again, "Cache-Control")).isEqualTo("no-cache");
        assertThat(server.get(path, "If-None-Match", "\"another\"").statusCode())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/client/nothing.js",
                "/client/",
                "/client/..%2F..%2Fapplication.yml",
                "/client/%2e%2e/%2e%2e/application.yml",
                "/console/nothing.js",
                "/console/../application.yml",
                "/static/client/index.js",
                "/application.yml",
                "/index.html",
                "/clients/index.js",
            })
    void nothingElseIsThere(String path) {
        assertThat(server.get(path).statusCode()).isBetween(400, 404);
        assertThat(server.get(
                                path,
                                "Authorization",
                                "Bearer " + Tokens.standard().sign())
                        .statusCode())
                .isIn(400, 404);
    }

    private static String header(HttpResponse<String> answer, String name) {
        return answer.headers()
                .firstValue(name)
                .orElseThrow(() -> new AssertionError(name + " in " + answer.headers()));
    }
}
