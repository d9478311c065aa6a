package dev.starling.websocket;

import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import reactor.netty.NettyPipeline;

/**
 * Marks requests whose version, {@code Host} or target nothing behind it could read as undecodable, as Netty does with all else that is
 * no HTTP: {@link PipelinedEnd} refuses them, in their turn, and nothing else sees them.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9112#section-3.2">RFC 9112, section 3.2</a>
 */
@Sharable
final class RequestCheck extends ChannelInboundHandlerAdapter {

    private static final String NAME = "starling.requestCheck";
    private static final RequestCheck INSTANCE = new RequestCheck();

    /** A name, an IPv4 address or one of IPv6 in brackets, and maybe a port; or nothing (RFC 3986, section 3.2.2). */
    private static final Pattern HOST =
            Pattern.compile("(?:\\[[0-9A-Za-z:._~!$&'()*+,;=-]++]|[0-9A-Za-z._~!$&'()*+,;=%-]*+)(?::([0-9]{0,5}+))?");

    private static final int HIGHEST_PORT = 65_535;

    private RequestCheck() {}

    /** Puts the check in its place. Without effect where HTTP/1.1 is not spoken from the start, as with ALPN. */
    static void addTo(ChannelPipeline pipeline) {
        if (pipeline.get(NettyPipeline.HttpTrafficHandler) != null) {
            pipeline.addBefore(NettyPipeline.HttpTrafficHandler, NAME, INSTANCE);
        }
    }

    /** Takes the check out of what is no HTTP from now on. */
    static void removeFrom(ChannelPipeline pipeline) {
        if (pipeline.get(NAME) != null) {
            pipeline.remove(NAME);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof HttpRequest request && request.decoderResult().isSuccess()) {
            Exception fault = fault(request);
            if (fault != null) {
                request.setDecoderResult(DecoderResult.failure(fault));
            }
        }
        context.fireChannelRead(message);
    }

    private static @Nullable Exception fault(HttpRequest request) {
        if (request.protocolVersion().majorVersion() != HttpVersion.HTTP_1_1.majorVersion()) {
            return new IllegalArgumentException("the version must be HTTP/1.0 or HTTP/1.1");
        }
        if (!hasValidHost(request)) {
            return new IllegalArgumentException("there must be one Host, a name or an address and maybe a port");
        }
        String target = request.uri();
        try {
            if (!isPlain(target)) {
                new URI(target.startsWith("/") ? "http://localhost" + target : target); // as Spring will read it
            }
            return null;
        } catch (URISyntaxException fault) {
            return fault;
        }
    }

    private static boolean hasValidHost(HttpRequest request) {
        List<String> hosts = request.headers().getAll(HttpHeaderNames.HOST);
        return hosts.isEmpty()
                ? request.protocolVersion().compareTo(HttpVersion.HTTP_1_1) < 0
                : hosts.size() == 1 && isHost(HOST.matcher(hosts.get(0)));
    }

    private static boolean isHost(Matcher host) {
        if (!host.matches()) {
            return false;
        }
        String port = host.group(1);
        return port == null || port.isEmpty() || Integer.parseInt(port) <= HIGHEST_PORT;
    }

    /** Whether it is a path, and of characters that need no second look. */
    private static boolean isPlain(String target) {
        boolean plain = target.startsWith("/");
        for (int i = 0; plain && i < target.length(); i++) {
            char c = target.charAt(i);
            plain = (c >= 'a' && c <= 'z')
                    || (c >= '-' && c <= ':')
                    || (c >= 'A' && c <= 'Z')
                    || "?=&_,;@+~!".indexOf(c) >= 0;
        }
        return plain;
    }
}
