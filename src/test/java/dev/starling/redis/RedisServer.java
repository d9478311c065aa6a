package dev.starling.redis;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * One real {@code redis-server} on the loopback address. It keeps its port, and unless it is told otherwise its data,
 * through all its starts, and ends with this JVM. For one thread at a time, but {@link #cli} and {@link #list} are for any.
 *
 * <p>Where there is a Docker engine it runs in a container of the image that the system property {@value #IMAGE} names,
 * {@value #DEFAULT_IMAGE} by default; elsewhere, and with {@code -Dstarling.test.redis.docker=false}, it is a process of the
 * program that embedded-redis carries. Servers that need one another or files of this machine, as
 * replicas and TLS do, are always processes.
 */
public final class RedisServer implements AutoCloseable {

    /** The address of all of them. */
    public static final String HOST = "127.0.0.1";

    /** The system property that names the image of a container. */
    static final String IMAGE = "starling.test.redis.image";

    static final String DEFAULT_IMAGE = "redis:7.4";

    private static final Duration START = Duration.ofSeconds(20);
    private static final Duration POLL = Duration.ofMillis(10);
    private static final boolean DOCKER =
            !"false".equals(System.getProperty("starling.test.redis.docker")) && RedisContainer.isPossible();

    private final int port;
    private final int tlsPort;
    private final @Nullable String password;
    private final RedisHost host;

    private RedisServer(int port, int tlsPort, @Nullable String password, RedisHost host) {
        this.port = port;
        this.tlsPort = tlsPort;
        this.password = password;
        this.host = host;
    }

    /** Starts one that keeps nothing on disk. Each option is a line of a redis.conf, such as {@code maxmemory 2mb}. */
    public static RedisServer start(String... options) {
        return launch(FreePorts.next(), 0, List.of(options));
    }

    /** The same on a port that {@link FreePorts} gave. */
    public static RedisServer startOn(int port, String... options) {
        return launch(port, 0, List.of(options));
    }

    /** Starts one that has on disk what it has acknowledged. */
    public static RedisServer startDurable(String... options) {
        return start(Stream.concat(Stream.of("appendonly yes", "appendfsync always"), Arrays.stream(options))
                .toArray(String[]::new));
    }

    /** The program itself, for who starts it in another way. */
    public static Path program() {
        return RedisBinary.path();
    }

    /** Starts one that also speaks TLS, on {@link #tlsPort}; both files are PEM. */
    public static RedisServer startTls(Path certificate, Path key, String... options) {
        int tlsPort = FreePorts.next();
        List<String> lines = new ArrayList<>(List.of(options));
        lines.add("tls-port " + tlsPort);
        lines.add("tls-cert-file " + certificate.toAbsolutePath());
        lines.add("tls-key-file " + key.toAbsolutePath());
        lines.add("tls-auth-clients no");
        return launch(FreePorts.next(), tlsPort, lines);
    }

    /** A Sentinel is the same program. */
    static RedisServer startSentinel(List<String> options) {
        int port = FreePorts.next();
        return started(new RedisServer(port, 0, null, new RedisProcess(configuration(port, options), "--sentinel")));
    }

    private static RedisServer launch(int port, int tlsPort, List<String> options) {
        List<String> lines = new ArrayList<>(List.of("save \"\"", "appendonly no", "repl-diskless-sync-delay 0"));
        lines.addAll(options);
        String password = options.stream()
                .filter(line -> line.startsWith("requirepass "))
                .map(line -> line.substring("requirepass ".length()))
                .findFirst()
                .orElse(null);
        return started(new RedisServer(port, tlsPort, password, host(port, tlsPort, configuration(port, lines))));
    }

    private static RedisHost host(int port, int tlsPort, List<String> lines) {
        boolean alone = lines.stream().noneMatch(line -> line.matches("(replicaof|cluster-enabled) .*"));
        return alone && tlsPort == 0 && DOCKER
                ? new RedisContainer(System.getProperty(IMAGE, DEFAULT_IMAGE), port, lines)
                : new RedisProcess(lines);
    }

    private static List<String> configuration(int port, List<String> options) {
        List<String> lines = new ArrayList<>(List.of("port " + port, "bind " + HOST, "protected-mode no"));
        lines.addAll(options);
        return lines;
    }

    private static RedisServer started(RedisServer server) {
        try {
            server.host.start();
            server.awaitReady();
            return server;
        } catch (RuntimeException | Error e) {
            server.close();
            throw e;
        }
    }

    /** Where it listens. */
    public int port() {
        return port;
    }

    /** Where it listens for TLS; 0 if it does not. */
    public int tlsPort() {
        return tlsPort;
    }

    /** The properties, {@code name=value} each, by which a Spring application finds it, without TLS. */
    public List<String> properties() {
        List<String> properties =
                new ArrayList<>(List.of("spring.data.redis.host=" + HOST, "spring.data.redis.port=" + port));
        if (password != null) {
            properties.add("spring.data.redis.password=" + password);
        }
        return properties;
    }

    /**
     * Has it execute one command over a connection of its own, and returns the answer as text: nothing for null, lines for
     * a list.
     *
     * @throws RedisErrorReply if it answers with an error
     * @throws UncheckedIOException if it does not answer
     */
    public String cli(String... command) {
        return text(call(command));
    }

    /** The same for a command that answers with a list. */
    public List<?> list(String... command) {
        return (List<?>) Objects.requireNonNull(call(command));
    }

    /** One field of {@code INFO}, such as {@code role}; nothing if there is none. */
    public String info(String field) {
        return field(cli("INFO"), field);
    }

    /** Whether its replica says that it has all that was written here, which it does once a second. */
    boolean isReplicated() {
        return info("slave0").contains(",offset=" + info("master_repl_offset") + ",");
    }

    /** The value of {@code field} among lines of {@code field:value}; nothing if there is none. */
    static String field(String lines, String field) {
        return lines.lines()
                .filter(line -> line.startsWith(field + ":"))
                .map(line -> line.substring(field.length() + 1))
                .findFirst()
                .orElse("");
    }

    /** From now on the slow log has what takes at least so long. */
    public void watchSlowCommands(Duration atLeast) {
        cli("CONFIG", "SET", "slowlog-log-slower-than", Long.toString(atLeast.toNanos() / 1000));
        cli("CONFIG", "SET", "slowlog-max-len", "1024");
        cli("SLOWLOG", "RESET");
    }

    /** What has been slow since then. */
    public List<SlowCommand> slowCommands() {
        return list("SLOWLOG", "GET", "1024").stream()
                .map(entry -> {
                    List<?> fields = (List<?>) entry;
                    long micros = (Long) fields.get(2);
                    String command = ((List<?>) fields.get(3))
                            .stream().limit(3).map(String::valueOf).collect(Collectors.joining(" "));
                    return new SlowCommand(Duration.ofNanos(micros * 1000), command);
                })
                .toList();
    }

    /** Cuts all connections of clients but those of replicas, as an operator can. */
    public void cutClients() {
        for (String type : List.of("pubsub", "normal")) {
            cli("CLIENT", "KILL", "TYPE", type, "SKIPME", "yes");
        }
    }

    /** {@code kill -9}: returns when it is gone. */
    public void kill() {
        host.kill();
    }

    /** {@code kill -STOP}: its kernel still accepts connections and bytes, but nobody answers. */
    public void freeze() {
        host.signal("STOP");
    }

    /** {@code kill -CONT}. */
    public void thaw() {
        host.signal("CONT");
    }

    /** Starts it again, killing it first if it runs, with the data that it had on disk; returns when it is ready. */
    public void restart() {
        host.kill();
        host.start();
        awaitReady();
    }

    /** The same without any data. */
    public void restartEmpty() {
        host.kill();
        host.wipe();
        host.start();
        awaitReady();
    }

    /**
     * Starts a durable one again without what was written while {@code meanwhile} happened, as if its disk had not had that yet. Not
     * in Docker.
     */
    public void restartWithout(Runnable meanwhile) {
        Path log = newestLog();
        try (FileChannel file = FileChannel.open(log, StandardOpenOption.WRITE)) {
            long size = file.size();
            meanwhile.run();
            host.kill();
            file.truncate(size);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        host.start();
        awaitReady();
    }

    private Path newestLog() {
        Path directory = Path.of(String.valueOf(list("CONFIG", "GET", "dir").get(1)), "appendonlydir");
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".incr.aof"))
                    .max(Comparator.naturalOrder())
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether the process is there, be it frozen. */
    public boolean isAlive() {
        return host.isAlive();
    }

    /** What it has logged so far. */
    public String log() {
        return host.output();
    }

    private void awaitReady() {
        Awaitility.await()
                .atMost(START)
                .pollDelay(Duration.ZERO)
                .pollInterval(POLL)
                .until(() -> {
                    if (!host.isAlive()) {
                        throw new AssertionError("redis-server ended:\n" + log());
                    }
                    try {
                        return cli("PING").equals("PONG");
                    } catch (UncheckedIOException | RedisErrorReply e) {
                        return false;
                    }
                });
    }

    private @Nullable Object call(String... command) {
        try (RedisWire wire = new RedisWire(port)) {
            if (password != null) {
                wire.call("AUTH", password);
            }
            return wire.call(command);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(@Nullable Object answer) {
        if (answer instanceof List<?> list) {
            return list.stream().map(RedisServer::text).collect(Collectors.joining("\n"));
        }
        return answer == null ? "" : answer.toString();
    }

    /** Ends it at once; its log stays in the build directory. */
    @Override
    public void close() {
        host.kill();
        host.wipe();
    }

    @Override
    public String toString() {
        return "redis-server at " + HOST + ":" + port;
    }
}
