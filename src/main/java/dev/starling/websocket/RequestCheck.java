package dev.starling.websocket;

import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import java.util.List;
import java.util.regex.Pattern;
import reactor.netty.NettyPipeline;

/**
 * Marks requests whose {@code Host} breaks the rules of HTTP/1.1 as undecodable, as Netty does with all else that is no HTTP: they are
 * answered with 400, in their turn, and nothing sees them.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9112#section-3.2">RFC 9112, section 3.2</a>
 */
@Sharable
final class HostCheck extends ChannelInboundHandlerAdapter {

    private static final String NAME = "starling.hostCheck";
    private static final HostCheck INSTANCE = new HostCheck();

    /** A name, an IPv4 address or one of IPv6 in brackets, and maybe a port; or nothing (RFC 3986, section 3.2.2). */
    private static final Pattern HOST =
            Pattern.compile("(?:\\[[0-9A-Za-z:._~!$&'()*+,;=-]++]|[0-9A-Za-z._~!$&'()*+,;=%-]*+)(?::[0-9]*+)?");

    private HostCheck() {}

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
        if (message instanceof HttpRequest request && request.decoderResult().isSuccess() && !isValid(request)) {
            request.setDecoderResult(DecoderResult.failure(new IllegalArgumentException("no Host, two, or a bad one")));
        }
        context.fireChannelRead(message);
    }

    private static boolean isValid(HttpRequest request) {
        List<String> hosts = request.headers().getAll(HttpHeaderNames.HOST);
        return hosts.isEmpty()
                ? request.protocolVersion().compareTo(HttpVersion.HTTP_1_1) < 0
                : hosts.size() == 1 && HOST.matcher(hosts.get(0)).matches();
    }
}
