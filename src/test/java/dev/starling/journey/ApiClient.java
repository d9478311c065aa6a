package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A back end or an operator who talks to a node's API. */
final class ApiClient {

    /** What {@link #withKey} presents, and its hash is known to {@link StandardServer} and {@link Nodes}. */
    static final String KEY = "a-key-of-a-back-end-that-is-long-enough";

    /** What such a node has to know: the SHA-256 of {@link #KEY}, made by {@code sha256sum}. */
    static final String[] KEY_PROPERTIES = {
        "starling.api.keys[0].name=billing",
        "starling.api.keys[0].hashes=6e7a58974c86ce251396ce113d4099314dc5e67b3af62a59d09133250569c80a",
        "starling.api.keys[0].scopes=publish,read",
        "starling.api.keys[0].publish=open:*,kept:*",
        "starling.api.keys[0].channels=open:*,kept:*",
    };

    private static final JsonMapper JSON = new JsonMapper();

    private final ServerProcess server;
    private final String header;
    private final String credentials;

    private ApiClient(ServerProcess server, String header, String credentials) {
        this.server = server;
        this.header = header;
        this.credentials = credentials;
    }

    /** With all scopes and all channels. */
    static ApiClient of(ServerProcess server) {
        return with(
                server,
                Tokens.standard().scope("publish read ops").channels("*").publish("*"));
    }

    static ApiClient with(ServerProcess server, Tokens token) {
        return new ApiClient(server, "Authorization", "Bearer " + token.sign());
    }

    static ApiClient withKey(ServerProcess server, String key) {
        return new ApiClient(server, "X-API-Key", key);
    }

    HttpResponse<String> get(String path) {
        return server.get(path, header, credentials);
    }

    HttpResponse<String> post(String path, String body, String... headers) {
        return send("POST", path, body, headers);
    }

    HttpResponse<String> send(String method, String path, String body, String... headers) {
        String[] all = new String[headers.length + 2];
        System.arraycopy(headers, 0, all, 2, headers.length);
        all[0] = header;
        all[1] = credentials;
        return server.send(method, path, body, all);
    }

    /** The body of an answer that says that all is well. */
    static JsonNode json(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JSON.readTree(answer.body());
    }

    /** The answer to a {@code GET}, which is well. */
    JsonNode ask(String path) {
        return json(get(path));
    }

    /** The problem that an answer says, with this status and code. */
    static JsonNode problem(HttpResponse<String> answer, int status, String code) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        JsonNode problem = JSON.readTree(answer.body());
        assertThat(problem.get("status").asInt()).isEqualTo(status);
        assertThat(problem.get("code").asString()).isEqualTo(code);
        return problem;
    }
}
