package dev.starling.redis;

import com.github.dockerjava.api.DockerClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.images.builder.Transferable;

/** A {@code redis-server} in a container of a local Docker engine, on the same port inside and outside. */
final class RedisContainer implements RedisHost {

    private static final String CONFIGURATION = "/etc/redis.conf";
    private static final Duration BOUND = Duration.ofSeconds(20);

    private final String image;
    private final int port;
    private final List<String> configuration;
    private @Nullable Published container;

    /** Not started yet. */
    RedisContainer(String image, int port, List<String> configuration) {
        this.image = image;
        this.port = port;
        this.configuration = configuration;
    }

    /** Whether there is an engine whose containers have their ports on this machine. */
    static boolean isPossible() {
        return isHinted()
                && DockerClientFactory.instance().isDockerAvailable()
                && List.of("localhost", RedisServer.HOST)
                        .contains(DockerClientFactory.instance().dockerHostIpAddress());
    }

    /** Without any sign of an engine, asking for one fills the log with errors. */
    private static boolean isHinted() {
        String home = System.getProperty("user.home");
        return System.getenv("DOCKER_HOST") != null
                || Files.exists(Path.of("/var/run/docker.sock"))
                || Files.exists(Path.of(home, ".docker", "run", "docker.sock"))
                || Files.exists(Path.of(home, ".testcontainers.properties"));
    }

    @Override
    public void start() {
        Published existing = container;
        if (existing != null) {
            docker().startContainerCmd(existing.getContainerId()).exec();
            return;
        }
        List<String> lines = new ArrayList<>(configuration);
        lines.add("bind 0.0.0.0"); // the last one counts; what is published is on the loopback address alone
        Published created = new Published(image, port);
        created.withCopyToContainer(Transferable.of(String.join("\n", lines)), CONFIGURATION);
        created.withCommand("redis-server", CONFIGURATION);
        created.start();
        container = created;
    }

    @Override
    public boolean isAlive() {
        Published existing = container;
        return existing != null && existing.isRunning();
    }

    @Override
    public void signal(String name) {
        docker().killContainerCmd(running().getContainerId()).withSignal(name).exec();
    }

    @Override
    public void kill() {
        if (isAlive()) {
            signal("KILL");
            Awaitility.await().atMost(BOUND).pollInterval(Duration.ofMillis(20)).until(() -> !isAlive());
        }
    }

    /** The next start is that of another container. */
    @Override
    public void wipe() {
        Published existing = container;
        if (existing != null) {
            existing.stop();
            container = null;
        }
    }

    @Override
    public String output() {
        Published existing = container;
        return existing == null ? "" : existing.getLogs();
    }

    private Published running() {
        Published existing = container;
        if (existing == null) {
            throw new IllegalStateException("not running");
        }
        return existing;
    }

    private static DockerClient docker() {
        return DockerClientFactory.instance().client();
    }

    /** With a port that stays the same through all starts. */
    private static final class Published extends GenericContainer<Published> {

        Published(String image, int port) {
            super(image);
            addFixedExposedPort(port, port);
        }
    }
}
