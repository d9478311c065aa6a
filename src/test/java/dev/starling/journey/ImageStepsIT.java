package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the image is made of, made by the same scripts. */
class ImageStepsIT {

    private static final Duration BOUND = Duration.ofSeconds(30);
    /** The cache has to be of use, and there is no directory for temporary files. */
    private static final String HARDER = "-XX:AOTMode=on -Djava.io.tmpdir=/nowhere";

    private static final String CACHE = "-XX:AOTCache=starling.aot";

    @Test
    void jarComesApartIntoLayersThatChangeForDifferentReasons(@TempDir Path work) throws IOException {
        Path opt = Files.createDirectory(work.resolve("opt"));
        ImageSteps.here(opt).layer();

        assertThat(Files.size(opt.resolve("starling.jar"))).as("our own part").isLessThan(3_000_000);
        assertThat(names(opt.resolve("lib")))
                .hasSizeGreaterThan(50)
                .noneMatch(name -> name.matches(".*(quic|http3).*"));
        assertThat(names(opt.resolve("native")))
                .anyMatch(name -> name.contains("epoll"))
                .anyMatch(name -> name.contains("io_uring"));
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    @Test
    @Tag("long")
    void trainedServerStartsByTheEntryPointOnLessThanWithoutTraining(@TempDir Path work) throws IOException {
        Path opt = Files.createDirectory(work.resolve("opt"));
        ImageSteps steps = ImageSteps.java25(opt);
        steps.layer();
        assertThat(steps.train(2)).contains("\"scenario\":\"storm\"");

        Duration untrained = startsAndLeaves(steps, "", CACHE);
        Duration trained = startsAndLeaves(steps, HARDER);

        assertThat(trained)
                .as("processor time until ready")
                .isLessThan(untrained.multipliedBy(8).dividedBy(10));
    }

    /** The processor time that it takes until it is ready. */
    private static Duration startsAndLeaves(ImageSteps steps, String flags, String... without) throws IOException {
        int managementPort = ServerLaunch.freePort();
        try (ServerProcess server = steps.start(managementPort, flags, without)) {
            Duration cpu = server.cpu();
            assertThat(Files.readString(Path.of("/proc", Long.toString(server.pid()), "maps")))
                    .contains(steps.directory()
                            .resolve("native")
                            .resolve("libnetty_transport_native_epoll")
                            .toString());
            assertThat(server.get(managementPort, "/actuator/prometheus").statusCode())
                    .isEqualTo(200);
            assertThatChannelKeepsHistoryAndPresence(server);
            assertThat(steps.isWell(server.port(), "/livez")).isTrue();
            assertThat(steps.isWell(server.port(), "/readyz")).isTrue();
            assertThat(steps.isWell(server.port(), "/nothing")).isFalse();

            server.signal("TERM");
            assertThat(server.awaitExit(BOUND)).isEqualTo(143);
            assertThat(server.log().text()).contains("drain.end");
            assertThat(server.newFaults()).isEmpty();
            assertThat(steps.isWell(server.port(), "/livez")).isFalse();
            return cpu;
        }
    }

    /** As {@code docker-compose.yml} says of the channels {@code chat:*}. */
    private static void assertThatChannelKeepsHistoryAndPresence(ServerProcess server) {
        try (ClientSession session = ClientSession.open(server)) {
            session.send("{\"type\":\"subscribe\",\"channel\":\"chat:image\"}");
            assertThat(session.await("subscribed").has("epoch")).isTrue();
            session.send("{\"type\":\"presence\",\"channel\":\"chat:image\"}");
            assertThat(session.await("presence").get("count").asInt()).isEqualTo(1);
        }
    }
}
