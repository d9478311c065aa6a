package dev.starling.security;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.reactive.ServerHttpRequest;

/**
 * Finds the address of a client: the peer's, unless the peer is a trusted proxy. Then the addresses that it forwards are read from the
 * right, where the nearest proxy wrote, up to the first that is no trusted proxy's itself; what stands left of that anybody could have
 * written. An entry that is no address ({@code unknown}, {@code _hidden}, garbage) ends the walk at the proxy that told it.
 *
 * <p>{@code X-Forwarded-For} and {@code Forwarded} (RFC 7239) are both understood. If a request has both and they disagree, the peer's
 * own address counts: one of the two came from the client past a proxy that writes the other only, and nobody knows which. Such clients
 * share the limits of the proxy's address, and cannot choose their own. Thread-safe; never asks the DNS.
 */
public final class ClientAddressResolver {

    private static final String X_FORWARDED_FOR = "X-Forwarded-For";
    private static final String FORWARDED = "Forwarded";

    private final List<AddressRange> trusted;

    ClientAddressResolver(List<String> trustedProxies) {
        trusted = trustedProxies.stream().map(AddressRange::parse).toList();
    }

    /** The address of the client that sent the request; {@link ClientAddress#LOCAL} where there is none. */
    public ClientAddress of(ServerHttpRequest request) {
        InetAddress peer = peer(request.getRemoteAddress());
        if (peer == null) {
            return ClientAddress.LOCAL;
        }
        return ClientAddress.of(isTrusted(peer) ? forwarded(peer, request.getHeaders()) : peer);
    }

    /** What counts as the address of a peer for the limits; null for a trusted proxy, which speaks for many clients. */
    @Nullable
    String limitKeyOfPeer(InetAddress peer) {
        return isTrusted(peer) ? null : ClientAddress.of(peer).limitKey();
    }

    private static @Nullable InetAddress peer(@Nullable InetSocketAddress remote) {
        return remote == null ? null : remote.getAddress();
    }

    private InetAddress forwarded(InetAddress peer, HttpHeaders headers) {
        List<String> plain = headers.getOrEmpty(X_FORWARDED_FOR);
        List<String> standard = headers.getOrEmpty(FORWARDED);
        InetAddress fromPlain = walk(peer, ForwardedFor.plain(plain));
        InetAddress fromStandard = walk(peer, ForwardedFor.standard(standard));
        if (standard.isEmpty()) {
            return fromPlain;
        }
        return plain.isEmpty() || fromPlain.equals(fromStandard) ? fromStandard : peer;
    }

    private InetAddress walk(InetAddress peer, List<String> hops) {
        InetAddress nearest = peer;
        for (int i = hops.size() - 1; i >= 0 && isTrusted(nearest); i--) {
            InetAddress hop = ForwardedFor.address(hops.get(i));
            if (hop == null) {
                return nearest;
            }
            nearest = hop;
        }
        return nearest;
    }

    private boolean isTrusted(InetAddress address) {
        for (AddressRange range : trusted) {
            if (range.contains(address)) {
                return true;
            }
        }
        return false;
    }
}
