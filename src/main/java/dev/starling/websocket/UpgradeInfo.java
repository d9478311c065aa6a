package dev.starling.websocket;

import dev.starling.security.ClientAddress;
import dev.starling.security.ConnectionPermit;
import dev.starling.security.VerifiedToken;
import java.net.URI;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.web.reactive.socket.HandshakeInfo;
import reactor.core.publisher.Mono;

/** What the upgrade request leaves behind: three facts instead of some kilobytes of headers. */
final class UpgradeInfo extends HandshakeInfo {

    private static final URI NO_URI = URI.create("/");

    private final VerifiedToken token;
    private final ClientAddress address;
    private final ConnectionPermit permit;
    private final boolean deflates;

    UpgradeInfo(
            @Nullable String protocol,
            VerifiedToken token,
            ClientAddress address,
            ConnectionPermit permit,
            boolean deflates) {
        super(NO_URI, HttpHeaders.EMPTY, Mono.empty(), protocol);
        this.token = token;
        this.address = address;
        this.permit = permit;
        this.deflates = deflates;
    }

    VerifiedToken token() {
        return token;
    }

    ClientAddress address() {
        return address;
    }

    /** The connection's share of the node's limits: whoever holds it gives it back. */
    ConnectionPermit permit() {
        return permit;
    }

    /** Whether client and server agreed on {@link Compression}. */
    boolean deflates() {
        return deflates;
    }
}
