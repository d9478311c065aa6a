package dev.starling.journey;

import org.jspecify.annotations.Nullable;

/** The server of {@link ServerLaunch#with} without further properties, shared by all classes that change nothing on it. */
final class StandardServer {

    private static @Nullable ServerProcess running;

    private StandardServer() {}

    /** The running server; it ends with this JVM. */
    static synchronized ServerProcess get() {
        ServerProcess server = running;
        if (server == null || !server.alive()) {
            server = ServerLaunch.with("starling.limits.max-connections-per-ip=0", "starling.limits.connect-rate=0")
                    .start();
            Runtime.getRuntime().addShutdownHook(new Thread(server::close));
            running = server;
        }
        return server;
    }
}
