package dev.starling.loadtest;

import dev.starling.loadtest.client.ClientLoops;
import dev.starling.loadtest.client.Population;
import dev.starling.loadtest.client.SourceRange;
import dev.starling.loadtest.client.Target;
import dev.starling.loadtest.client.Tokens;
import dev.starling.loadtest.probe.ActuatorProbe;
import dev.starling.loadtest.probe.ServerProbe;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.File;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that all scenarios have. The command line fills it. */
final class LoadOptions {

    @Option(
            names = "--url",
            description = "Where to connect to; several are used in turn. Default: ${DEFAULT-VALUE}",
            defaultValue = "ws://localhost:8080/ws")
    List<String> urls = List.of();

    @Option(names = "--token", description = "The token of all connections.")
    @Nullable
    String token;

    @Option(names = "--secret", description = "The server's signing key (HS256): each user gets a token of its own.")
    @Nullable
    String secret;

    @Option(names = "--source", description = "Source addresses: 127.0.0.2-127.0.0.30 or a list with commas.")
    @Nullable
    String source;

    @Option(names = "--connections", description = "How many. Default: ${DEFAULT-VALUE}", defaultValue = "1000")
    int connections;

    @Option(
            names = "--rate",
            description = "Connects per second, 0 = as fast as --at-once lets it. Default: ${DEFAULT-VALUE}",
            defaultValue = "1000")
    double rate;

    @Option(
            names = "--at-once",
            description = "Connects under way at a time. Default: ${DEFAULT-VALUE}",
            defaultValue = "200")
    int atOnce;

    @Option(
            names = "--timeout",
            description = "Until a client must be connected and subscribed. Default: ${DEFAULT-VALUE}",
            defaultValue = "30s")
    Duration timeout = Duration.ZERO;

    @Option(names = "--duration", description = "Of the measurement. Default: ${DEFAULT-VALUE}", defaultValue = "10s")
    Duration duration = Duration.ZERO;

    @Option(
            names = "--settle",
            description = "How long to wait at the end for what has not arrived. Default: ${DEFAULT-VALUE}",
            defaultValue = "15s")
    Duration settle = Duration.ZERO;

    @Option(names = "--threads", description = "Event loops. Default: ${DEFAULT-VALUE}", defaultValue = "1")
    int threads;

    @Option(
            names = "--prefix",
            description = "Of the channels' names. Default: ${DEFAULT-VALUE}",
            defaultValue = "load:")
    String prefix = "";

    @Option(names = "--pid", split = ",", description = "Processes of the server: for CPU and memory.")
    List<Long> pids = List.of();

    @Option(names = "--live-heap", description = "With --pid: make the JVMs collect, and say what lives (needs a JDK).")
    boolean liveHeap;

    @Option(
            names = "--actuator",
            description = "Base URLs, such as http://localhost:8080/actuator: for heap and readiness.")
    List<String> actuators = List.of();

    @Option(names = "--insecure", description = "Believe any certificate.")
    boolean insecure;

    @Option(names = "--ca", description = "Certificates (PEM) to believe.")
    @Nullable
    File ca;

    @Option(names = "--json", description = "The result as JSON on standard output.")
    boolean json;

    @Option(
            names = "--max-loss",
            description = "Messages that may be lost, doubled or out of order. Default: 0",
            defaultValue = "0")
    long maxLoss;

    @Option(names = "--max-failures", description = "Connections that may fail. Default: 0", defaultValue = "0")
    long maxFailures;

    @Option(names = "--max-p99", description = "Milliseconds of the 99th percentile.")
    @Nullable
    Double maxP99;

    /** @throws IllegalArgumentException if an option makes no sense */
    void check() {
        Scenario.require(
                connections >= 0 && threads >= 1 && atOnce >= 1 && rate >= 0,
                "--threads and --at-once must be at least 1, --connections and --rate at least 0");
        Scenario.require(maxLoss >= 0 && maxFailures >= 0, "--max-loss and --max-failures must be at least 0");
        Scenario.require(token == null || secret == null, "either --token or --secret");
        Scenario.require(
                prefix.matches("[!-~&&[^\"\\\\]]*"), "--prefix must be of visible ASCII characters, without \" and \\");
        Scenario.require(!liveHeap || !pids.isEmpty(), "--live-heap needs --pid");
        for (long pid : pids) {
            Scenario.require(
                    ProcessHandle.of(pid).isPresent(), "--pid " + pid + ": there is no such process on this machine");
        }
    }

    Tokens tokens() {
        return secret == null ? Tokens.fixed(token) : Tokens.signed(secret);
    }

    SourceRange sources() {
        return source == null ? new SourceRange(List.of()) : SourceRange.of(source);
    }

    List<Target> targets() {
        return urls.stream().map(Target::of).toList();
    }

    ServerProbe probe() {
        return new ServerProbe(pids, liveHeap);
    }

    Population.Pace pace() {
        return new Population.Pace(rate, atOnce, timeout.toMillis(), threads, false);
    }

    ActuatorProbe actuator() {
        ActuatorProbe probe = new ActuatorProbe(actuators, tokens().of(0));
        probe.check();
        return probe;
    }

    /** How those come that drive the load: on the first event loop, at once. */
    Population.Pace driverPace() {
        return new Population.Pace(0, Math.min(atOnce, 50), timeout.toMillis(), 1, false);
    }

    /** How long it may take until so many are connected. */
    Duration connectBound(int count) {
        double seconds = rate == 0 ? count / 50.0 : count / rate;
        return timeout.plusSeconds(2 + (long) seconds);
    }

    ClientLoops loops() {
        List<Target> targets = targets();
        return new ClientLoops(threads, targets, sources(), targets.stream().anyMatch(Target::tls) ? tls() : null);
    }

    private SslContext tls() {
        SslContextBuilder builder = SslContextBuilder.forClient();
        if (insecure) {
            builder.trustManager(InsecureTrustManagerFactory.INSTANCE).endpointIdentificationAlgorithm("");
        } else if (ca != null) {
            builder.trustManager(ca);
        }
        try {
            return builder.build();
        } catch (SSLException e) {
            throw new IllegalArgumentException("--ca: " + e.getMessage(), e);
        }
    }
}
