package dev.starling.loadtest.client;

import java.net.InetSocketAddress;
import java.net.URI;

/**
 * Where a connection goes.
 *
 * @param host as in the URL; goes into the {@code Host} header
 * @param path with the query, if there is one
 * @param tls whether it is {@code wss}
 */
public record Target(String host, int port, String path, boolean tls, InetSocketAddress address) {

    /**
     * The target that a URL names; its name is looked up at once.
     *
     * @throws IllegalArgumentException if it is no {@code ws} or {@code wss} URL, or its host is unknown
     */
    public static Target of(String url) {
        URI uri = URI.create(url);
        boolean tls = "wss".equals(uri.getScheme());
        if ((!tls && !"ws".equals(uri.getScheme())) || uri.getHost() == null) {
            throw new IllegalArgumentException("not a ws:// or wss:// URL: " + url);
        }
        int port = uri.getPort() > 0 ? uri.getPort() : tls ? 443 : 80;
        InetSocketAddress address = new InetSocketAddress(uri.getHost(), port);
        if (address.isUnresolved()) {
            throw new IllegalArgumentException("unknown host: " + uri.getHost());
        }
        return new Target(uri.getHost(), port, path(uri), tls, address);
    }

    private static String path(URI uri) {
        String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        return uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery();
    }
}
