package dev.starling.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.security.LimitsProperties;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** The files that tune the operating system, held against the kernel and against what the server asks of it. */
class KernelSettingsTests {

    private static final Path FILES = Path.of("src", "main", "os");
    /** Not shown in a network namespace of its own, such as a container's. */
    private static final Set<String> OF_THE_HOST = Set.of("net.core.netdev_max_backlog", "net.ipv4.tcp_mem");

    private static final Pattern NOFILE =
            Pattern.compile("(?m)^(?:starling\\s+\\w+\\s+nofile\\s+|LimitNOFILE=)(\\d+)$");

    @Test
    @EnabledOnOs(OS.LINUX)
    void kernelKnowsEverySetting() throws IOException {
        assertThat(settings().keySet())
                .filteredOn(name -> !OF_THE_HOST.contains(name))
                .isNotEmpty()
                .allSatisfy(name -> assertThat(file(name)).exists());
    }

    @Test
    void kernelGrantsTheBacklogThatTheServerAsksFor() throws IOException {
        long backlog = new Binder(new MapConfigurationPropertySource())
                .bindOrCreate("starling.transport", TransportProperties.class)
                .acceptBacklog();

        assertThat(number("net.core.somaxconn")).isGreaterThanOrEqualTo(backlog);
        assertThat(number("net.ipv4.tcp_max_syn_backlog")).isGreaterThanOrEqualTo(backlog);
    }

    @Test
    void oneProcessMayOpenAFileForEachConnectionThatTheServerAccepts() throws IOException {
        long connections = new Binder(new MapConfigurationPropertySource())
                .bindOrCreate("starling.limits", LimitsProperties.class)
                .maxConnections();

        for (String name : new String[] {"limits.conf", "starling.service"}) {
            Matcher limit = NOFILE.matcher(Files.readString(FILES.resolve(name)));
            assertThat(limit.find()).as(name).isTrue();
            assertThat(Long.parseLong(limit.group(1)))
                    .as(name)
                    .isGreaterThan(connections)
                    .isLessThanOrEqualTo(number("fs.nr_open"));
        }
        assertThat(number("fs.nr_open")).isLessThanOrEqualTo(number("fs.file-max"));
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void kernelTakesTheSettingsOfANetworkNamespace() throws IOException, InterruptedException {
        StringBuilder script = new StringBuilder("set -e\n");
        settings().forEach((name, value) -> {
            if (name.startsWith("net.") && !OF_THE_HOST.contains(name)) {
                script.append("echo '%s' > %s; echo %s; cat %s\n".formatted(value, file(name), name, file(name)));
            }
        });
        Process shell = new ProcessBuilder("unshare", "--net", "sh", "-c", script.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        boolean ended = shell.waitFor(20, TimeUnit.SECONDS);
        Assumptions.assumeFalse(
                output.contains("not permitted") || output.contains("Read-only"),
                "needs the right to make a network namespace and to set it up");

        assertThat(ended && shell.exitValue() == 0).as(output).isTrue();
        assertThat(output.replace('\t', ' '))
                .contains("net.core.somaxconn\n" + settings().get("net.core.somaxconn") + "\n")
                .contains("net.ipv4.ip_local_port_range\n" + settings().get("net.ipv4.ip_local_port_range") + "\n");
    }

    private static Path file(String name) {
        return Path.of("/proc/sys", name.split("\\.", -1));
    }

    private static long number(String name) throws IOException {
        return Long.parseLong(settings().getOrDefault(name, "0"));
    }

    private static Map<String, String> settings() throws IOException {
        Map<String, String> settings = new LinkedHashMap<>();
        for (String line : Files.readAllLines(FILES.resolve("90-starling.conf"))) {
            if (!line.isBlank() && !line.startsWith("#")) {
                int equals = line.indexOf('=');
                settings.put(
                        line.substring(0, equals).trim(),
                        line.substring(equals + 1).trim());
            }
        }
        return settings;
    }
}
