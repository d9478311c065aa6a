package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Who may subscribe and publish where; the rules are those of {@link ServerLaunch#with}. */
class ChannelRulesIT {

    private static final int FORBIDDEN = 105;
    private static final int INVALID_TOKEN = 112;

    private static ServerProcess server;

    private final List<ClientSession> sessions = new ArrayList<>();

    @BeforeAll
    static void start() {
        server = StandardServer.get();
    }

    @AfterEach
    void leave() {
        sessions.forEach(ClientSession::close);
    }

    @Test
    void channelOfAnyoneIsOpenToAllWithAToken() {
        ClientSession session = open(Tokens.standard());

        assertThat(subscribe(session, "open:rules")).isZero();
        assertThat(publish(session, "open:rules")).isZero();
    }

    @Test
    void channelWithoutARuleIsClosed() {
        ClientSession session = open(Tokens.standard());

        assertThat(subscribe(session, "elsewhere")).isEqualTo(FORBIDDEN);
        assertThat(publish(session, "elsewhere")).isEqualTo(FORBIDDEN);
    }

    @Test
    void claimsOpenChannelsEachForItsOwnVerb() {
        ClientSession session =
                open(Tokens.standard().channels("token:a*", "elsewhere").publish("token:b"));

        assertThat(subscribe(session, "token:a")).isZero();
        assertThat(subscribe(session, "token:abc")).isZero();
        assertThat(subscribe(session, "elsewhere")).isZero();
        assertThat(subscribe(session, "token:b")).isEqualTo(FORBIDDEN);
        assertThat(publish(session, "token:b")).isZero();
        assertThat(publish(session, "token:a")).isEqualTo(FORBIDDEN);
    }

    @Test
    void channelOfNobodyStaysShutWhateverTheTokenSays() {
        ClientSession session = open(Tokens.standard().channels("*", "shut:*").publish("*", "shut:*"));

        assertThat(subscribe(session, "shut:door")).isEqualTo(FORBIDDEN);
        assertThat(publish(session, "shut:door")).isEqualTo(FORBIDDEN);
    }

    @Test
    void userInAPatternIsTheSubject() {
        ClientSession session = open(Tokens.standard().subject("carol"));

        assertThat(subscribe(session, "inbox:carol:new")).isZero();
        assertThat(subscribe(session, "inbox:dave:new")).isEqualTo(FORBIDDEN);
        assertThat(publish(session, "inbox:carol:new")).isEqualTo(FORBIDDEN);
    }

    @Test
    void subjectIsNoPattern() {
        ClientSession session = open(Tokens.standard().subject("*"));

        assertThat(subscribe(session, "inbox:dave:new")).isEqualTo(FORBIDDEN);
    }

    @Test
    void tokenOfASubscribeOpensItsChannel() {
        ClientSession session = open(Tokens.standard());

        assertThat(subscribe(
                        session,
                        "token:x",
                        Tokens.standard().channels("token:x").sign()))
                .isZero();
        assertThat(subscribe(
                        session,
                        "token:y",
                        Tokens.standard().channels("token:x").sign()))
                .isEqualTo(FORBIDDEN);
    }

    @Test
    void badTokenOfASubscribeIsAnError() {
        ClientSession session = open(Tokens.standard());
        Tokens expired = Tokens.standard().channels("token:x").expires(Duration.ofMinutes(-5));
        Tokens foreign = Tokens.standard().channels("token:x").subject("mallory");

        assertThat(subscribe(session, "token:x", "nonsense")).isEqualTo(INVALID_TOKEN);
        assertThat(subscribe(session, "token:x", expired.sign())).isEqualTo(INVALID_TOKEN);
        assertThat(subscribe(session, "token:x", foreign.sign())).isEqualTo(INVALID_TOKEN);
    }

    @Test
    void refreshBringsTheRightsOfTheNewToken() {
        ClientSession session = open(Tokens.standard());
        assertThat(subscribe(session, "token:new")).isEqualTo(FORBIDDEN);

        String token = Tokens.standard().channels("token:new").sign();
        session.send("{\"type\":\"refresh\",\"id\":1,\"token\":\"" + token + "\"}")
                .await("refreshed");

        assertThat(subscribe(session, "token:new")).isZero();
    }

    @Test
    void refreshWithABadTokenIsAnErrorAndTheOldOneHolds() {
        ClientSession session = open(Tokens.standard());
        String foreign = Tokens.standard().subject("mallory").sign();

        for (String token : List.of("nonsense", foreign, Tokens.standard().unsigned())) {
            JsonNode error = session.send("{\"type\":\"refresh\",\"token\":\"" + token + "\"}")
                    .await("error");
            PublishIT.assertError(error, INVALID_TOKEN, "invalid_token");
        }
        assertThat(subscribe(session, "open:rules")).isZero();
    }

    private ClientSession open(Tokens token) {
        ClientSession session = ClientSession.open(server, token.sign());
        sessions.add(session);
        session.await("welcome");
        return session;
    }

    /** The code of the error that answers; 0 if there is none. */
    private static int subscribe(ClientSession session, String channel) {
        return code(session, "{\"type\":\"subscribe\",\"id\":1,\"channel\":\"" + channel + "\"}");
    }

    private static int subscribe(ClientSession session, String channel, String token) {
        return code(
                session,
                "{\"type\":\"subscribe\",\"id\":1,\"channel\":\"" + channel + "\",\"token\":\"" + token + "\"}");
    }

    private static int publish(ClientSession session, String channel) {
        return code(session, "{\"type\":\"publish\",\"id\":1,\"channel\":\"" + channel + "\",\"data\":1}");
    }

    private static int code(ClientSession session, String request) {
        session.send(request);
        JsonNode reply = session.await(frame -> frame.has("id"));
        return reply.path("code").asInt(0);
    }
}
