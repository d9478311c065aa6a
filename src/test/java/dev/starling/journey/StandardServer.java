package dev.starling.journey;

import org.jspecify.annotations.Nullable;

/** One server without limits of rate, shared by all classes that need no other. */
final class StandardServer {

    private static @Nullable ServerProcess running;

    private StandardServer() {}

    /** The running server; it ends with this JVM. */
    static synchronized ServerProcess get() {
        ServerProcess server = running;
        if (server == null || !server.alive()) {
            server = ServerLaunch.with(
                            "starling.limits.max-connections-per-ip=0",
                            "starling.limits.connect-rate=0",
                            "starling.limits.message-rate=0",
                            "starling.api.request-rate=0",
                            "starling.limits.handshake-timeout=2s",
                            "starling.api.body-timeout=4s")
                    .and(ApiClient.KEY_PROPERTIES)
                    .start();
            Runtime.getRuntime().addShutdownHook(new Thread(server::close));
            running = server;
        }
        return server;
    }
}
