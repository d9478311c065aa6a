package dev.starling.journey;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import tools.jackson.databind.JsonNode;

/** Two nodes that share a Redis, each asked about both. */
abstract class FleetJourney {

    static final Duration BOUND = Duration.ofSeconds(10);

    static Nodes nodes;

    final String id = UUID.randomUUID().toString();
    final List<ClientSession> sessions = new ArrayList<>();

    @BeforeAll
    static void start() {
        nodes = Nodes.shared();
    }

    @AfterEach
    void close() {
        sessions.forEach(ClientSession::close);
    }

    static ApiClient api(int node) {
        return ApiClient.of(nodes.get(node));
    }

    ClientSession connect(int node, String user) {
        return connect(node, Tokens.standard().subject(user));
    }

    ClientSession connect(int node, Tokens token) {
        ClientSession session = ClientSession.open(nodes.get(node), token.sign());
        sessions.add(session);
        return session;
    }

    static List<String> texts(JsonNode page, String field) {
        List<String> texts = new ArrayList<>();
        page.get("items").forEach(item -> texts.add(item.get(field).asString()));
        return texts;
    }
}
