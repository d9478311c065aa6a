package dev.starling.loadtest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What this machine lets one process have.
 *
 * @param descriptors open files
 * @param firstPort of outgoing connections
 * @param lastPort of outgoing connections
 */
record Preflight(long descriptors, int firstPort, int lastPort) {

    /** For the JVM, its jar, the event loops. */
    private static final int OWN_DESCRIPTORS = 100;

    /** Of this machine; without bounds where they are not known. */
    static Preflight here() {
        long descriptors = lines("/proc/self/limits")
                .filter(line -> line.startsWith("Max open files"))
                .map(line -> line.trim().split("\\s+", -1)[4])
                .filter(hard -> hard.matches("\\d+"))
                .findFirst()
                .map(Long::parseLong)
                .orElse(Long.MAX_VALUE);
        String[] ports = lines("/proc/sys/net/ipv4/ip_local_port_range")
                .findFirst()
                .orElse("1024 65535")
                .trim()
                .split("\\s+", -1);
        return new Preflight(descriptors, Integer.parseInt(ports[0]), Integer.parseInt(ports[1]));
    }

    private static Stream<String> lines(String file) {
        try {
            return Files.readAllLines(Path.of(file)).stream();
        } catch (IOException e) {
            return Stream.empty();
        }
    }

    /** Why so many connections can't be, and what would help; empty if they can. */
    Optional<String> objection(int connections, int sources, long targets) {
        long files = (long) connections + OWN_DESCRIPTORS;
        if (files > descriptors) {
            return Optional.of(connections + " connections need " + files + " open files, and this process may have "
                    + descriptors + ". Raise that with: ulimit -n " + files
                    + " (if it is refused: as root, or use several processes)");
        }
        long ports = (long) (lastPort - firstPort + 1) * Math.max(1, sources) * targets;
        if (connections > ports) {
            return Optional.of(connections + " connections need as many ports, and there are " + ports
                    + " (" + firstPort + " to " + lastPort + " for each source address and target). Raise that with: "
                    + "sysctl -w net.ipv4.ip_local_port_range=\"1024 65535\", or add --source, such as --source 127.0.0.2-127.0.0."
                    + (2 + connections / Math.max(1, lastPort - firstPort)));
        }
        return Optional.empty();
    }
}
