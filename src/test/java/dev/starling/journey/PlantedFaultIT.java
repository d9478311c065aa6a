package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.journey.FaultyServer.Fault;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** The load tool finds what is wrong with a server. */
@Tag("long")
class PlantedFaultIT {

    private static final int READERS = 3;

    @Test
    void nothingIsFoundWhereNothingIsWrong() {
        LoadTool run = fanout(Fault.NONE);

        assertThat(run.status()).as(run.output() + run.errors()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"LOSES,/lost", "DOUBLES,/duplicates", "SWAPS,/outOfOrder"})
    void whatIsWrongWithMessagesIsFound(Fault fault, String where) {
        LoadTool run = fanout(fault);
        JsonNode result = run.json();

        assertThat(run.status()).isEqualTo(1);
        for (String count : new String[] {"/lost", "/duplicates", "/outOfOrder"}) {
            assertThat(result.at(count).asInt()).as(count).isEqualTo(count.equals(where) ? READERS : 0);
        }
    }

    @ParameterizedTest
    @CsvSource({"IS_BUSY,HTTP 503", "NEVER_ANSWERS,no answer", "WRONG_KEY,wrong accept key"})
    void whatIsWrongWithTheHandshakeIsFound(Fault fault, String reason) {
        try (FaultyServer server = new FaultyServer(fault)) {
            LoadTool run = LoadTool.run(
                    "ramp --url", server.address().toString(), "--connections 4 --timeout 1s --duration 100ms --json");

            assertThat(run.status()).isEqualTo(1);
            assertThat(run.json().at("/failures/" + reason).asInt()).isEqualTo(4);
        }
    }

    @ParameterizedTest
    @CsvSource({"SWALLOWS,unanswered publishes", "ENDS,connections that the server ended untold"})
    void whatIsWrongWhileClientsComeAndGoIsFound(Fault fault, String complaint) {
        try (FaultyServer server = new FaultyServer(fault)) {
            LoadTool run = LoadTool.run(
                    "storm --url",
                    server.address().toString(),
                    "--connections 4 --duration 2s --settle 1s --max-recovery 10 --json");

            assertThat(run.status()).as(run.errors()).isEqualTo(1);
            assertThat(run.json().at("/complaints").toString()).contains(complaint);
        }
    }

    /** Who reads gets all in the end, but too late, and only after the time that is measured: that is no fast server. */
    @Test
    void messagesThatTheSlowHoldUpAreLateNotForgotten() {
        try (FaultyServer server = new FaultyServer(Fault.STALLS)) {
            LoadTool run = LoadTool.run(
                    "slow --url",
                    server.address().toString(),
                    "--connections 4 --share 0.25 --publish-rate 40 --payload 128 --duration 1s --max-p99 500",
                    "--json");

            assertThat(run.status()).as(run.errors()).isEqualTo(1);
            assertThat(run.json().at("/latency/p99").asDouble()).isGreaterThan(1000);
            assertThat(run.json().at("/lost").asInt(-1)).isZero();
        }
    }

    private static LoadTool fanout(Fault fault) {
        try (FaultyServer server = new FaultyServer(fault)) {
            return LoadTool.run(
                    "fanout --url",
                    server.address().toString(),
                    "--connections",
                    Integer.toString(READERS),
                    "--publish-rate 200 --messages 50 --warm-up 0s --duration 5s --settle 1s --json");
        }
    }
}
