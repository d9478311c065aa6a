package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Each scenario of the load tool, small, against the real server. */
class LoadToolIT {

    private static ServerProcess server;

    @BeforeAll
    static void start() {
        server = Nodes.alone();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void rampConnectsAllAndSaysWhatTheyCost() {
        JsonNode result = fine("ramp --connections 50 --duration 200ms --live-heap");

        assertThat(result.at("/connections/ready").asInt()).isEqualTo(50);
        assertThat(result.at("/establishment/count").asInt()).isEqualTo(50);
        assertThat(result.at("/server/rssBytesAfter").asLong()).isPositive();
        assertThat(result.at("/server/liveHeapBytesAfter").asLong()).isPositive();
    }

    @Test
    @Tag("long")
    void churnConnectsAndCloses() {
        JsonNode result = fine("ramp --churn 200 --at-once 10 --warm-up 20");

        assertThat(result.at("/connections/established").asInt()).isEqualTo(200);
        assertThat(result.at("/connectsPerSecond").asDouble()).isPositive();
    }

    @Test
    void fanoutDeliversAllAtARate() {
        JsonNode result = fine(
                "fanout --connections 20 --channels 4 --subscriptions 2 --publish-rate 100 --messages 100 --warm-up 100ms --duration 5s");

        assertThat(result.at("/publishedInAll").asInt()).isEqualTo(100);
        assertThat(result.at("/acknowledgedInAll").asInt()).isEqualTo(100);
        assertThat(result.at("/deliveredInAll").asInt()).isEqualTo(1000);
        assertThat(result.at("/lost").asInt(-1)).isZero();
        assertThat(result.at("/toolProcessors").asDouble()).isPositive();
    }

    @Test
    @Tag("long")
    void fanoutKeepsSoManyInFlight() {
        JsonNode result =
                fine("fanout --connections 20 --channels 3 --in-flight 8 --warm-up 100ms --duration 500ms --threads 2");

        assertThat(result.at("/delivered").asInt()).isPositive();
        assertThat(result.at("/latency/count").asInt()).isPositive();
    }

    @Test
    void publishMeasuresAnswers() {
        JsonNode result = fine("publish --connections 5 --in-flight 5 --warm-up 100ms --duration 500ms");

        assertThat(result.at("/acknowledgement/count").asInt()).isPositive();
        assertThat(result.at("/unanswered").asInt(-1)).isZero();
        assertThat(result.at("/connections/ready").asInt()).isEqualTo(5);
    }

    @Test
    void pingsAreAnswered() {
        JsonNode json = fine("ping --connections 20 --ping-rate 200 --warm-up 100ms --duration 500ms");
        JsonNode control = fine("ping --connections 20 --in-flight 4 --websocket --warm-up 100ms --duration 500ms");

        assertThat(json.at("/pongs").asInt()).isPositive();
        assertThat(control.at("/pongs").asInt()).isPositive();
    }

    @Test
    @Tag("long")
    void stormBringsAllBackWithoutLoss() {
        JsonNode result = fine("storm --connections 50 --publish-rate 50 --duration 500ms");

        assertThat(result.at("/allBack").asBoolean()).isTrue();
        assertThat(result.at("/recovered").asInt()).isEqualTo(50);
        assertThat(result.at("/delivery/faults").asInt(-1)).isZero();
        assertThat(result.at("/secondsUntilAllRecovered").asDouble())
                .isGreaterThanOrEqualTo(result.at("/secondsUntilAllBack").asDouble())
                .isPositive();
    }

    @Test
    @Tag("long")
    void slowReadersAreEndedAndTheOthersGetAll() {
        JsonNode result = fine(
                "slow --connections 10 --share 0.2 --publish-rate 50 --payload 32768 --duration 3s --prefix open:slow:");

        assertThat(result.at("/slow").asInt()).isEqualTo(2);
        assertThat(result.at("/slowEnded").asInt()).isEqualTo(2);
        assertThat(result.at("/lost").asInt(-1)).isZero();
        assertThat(result.at("/latency/count").asInt()).isPositive();
    }

    @Test
    @Tag("long")
    void soakSamplesTheMemoryWhileClientsComeAndGo() {
        JsonNode result = fine("soak --connections 20 --publish-rate 50 --churn-rate 20 --sample 500ms --duration 2s");

        assertThat(result.at("/cuts").asInt()).isPositive();
        assertThat(result.at("/memory/samples").asInt()).isGreaterThan(1);
        assertThat(result.at("/memory/rssMibPerHour").isNumber()).isTrue();
        assertThat(result.at("/memory/heapMibPerHour").isMissingNode()).isTrue();
        assertThat(result.at("/delivery/faults").asInt(-1)).isZero();
    }

    @Test
    void wrongUseAndSmallMachinesHaveCodesOfTheirOwn() {
        assertThat(LoadTool.run("ramp --connections many").status()).isEqualTo(2);
        assertThat(LoadTool.run().status()).isEqualTo(2);
        LoadTool refused = LoadTool.run("ramp --connections 100000000");
        assertThat(refused.status()).isEqualTo(3);
        assertThat(refused.errors()).contains("ulimit -n");
    }

    @Test
    void whoIsNotLetInIsCounted() {
        LoadTool run =
                LoadTool.run("ramp --url", server.socket().toString(), "--connections 5 --duration 100ms --json");

        assertThat(run.status()).isEqualTo(1);
        assertThat(run.json().at("/failures/HTTP 401").asInt()).isEqualTo(5);
    }

    /** On channels of the scenario's own, with a history, unless a prefix is among the options. */
    private static JsonNode fine(String options) {
        String scenario = options.substring(0, options.indexOf(' '));
        LoadTool run = LoadTool.run(
                options.contains("--prefix") ? options : options + " --prefix kept:" + scenario + ":",
                "--url",
                server.socket().toString(),
                "--secret",
                ServerLaunch.SECRET,
                "--pid",
                Long.toString(server.pid()),
                "--json");
        assertThat(run.status()).as(run.output() + run.errors()).isZero();
        return run.json();
    }
}
