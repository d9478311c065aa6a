package dev.starling.redis;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports for servers that may be away for a while. They lie below the range from which the kernel takes the ports of
 * outgoing connections: else a client that redials a server which is down may be given that very port, and meet itself.
 */
public final class FreePorts {

    private static final int COUNT = 2_500;

    /** Test JVMs that run side by side have a part of the range each: a port may be free because its server is away. */
    private static final int FIRST = 10_000 + Integer.getInteger("starling.fork", 0) % 4 * COUNT;

    private static final Set<Integer> GIVEN = ConcurrentHashMap.newKeySet();

    private FreePorts() {}

    /** A port that nobody listens on, and that was not given before in this JVM. */
    public static int next() {
        for (int attempt = 0; attempt < 200; attempt++) {
            int candidate = ThreadLocalRandom.current().nextInt(FIRST, FIRST + COUNT);
            if (isFree(candidate) && GIVEN.add(candidate)) {
                return candidate;
            }
        }
        throw new AssertionError("no free port in 200 attempts");
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
