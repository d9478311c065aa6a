package dev.starling.security;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import reactor.netty.NettyPipeline;

/**
 * Moves {@code access_token} from the URI of a request to its {@code Authorization} header, before anything sees the URI that might log
 * it: access log, error pages, debug logs of Reactor Netty, Spring and Spring Security. There it is one line more: what is to become of
 * a request with several is for {@link UpgradeTokenConverter} to say.
 *
 * <p>It stands between the HTTP codec and Reactor Netty's own handlers. Holds no state: one instance serves all connections. After the
 * upgrade it has nothing more to do and may be removed from the pipeline by {@link #NAME}.
 */
@ChannelHandler.Sharable
public final class QueryTokenHandler extends ChannelInboundHandlerAdapter {

    /** Its name in the pipeline. */
    public static final String NAME = "starling.queryToken";

    QueryTokenHandler() {}

    /** Puts the handler in its place. Without effect where HTTP/1.1 is not spoken from the start, as with ALPN. */
    void addTo(ChannelPipeline pipeline) {
        if (pipeline.get(NettyPipeline.HttpTrafficHandler) != null) {
            pipeline.addBefore(NettyPipeline.HttpTrafficHandler, NAME, this);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof HttpRequest request) {
            moveToken(request);
        }
        context.fireChannelRead(message);
    }

    private static void moveToken(HttpRequest request) {
        String uri = request.uri();
        int mark = uri.indexOf('?');
        if (mark < 0) {
            return;
        }
        AccessTokenQuery query = AccessTokenQuery.parse(uri.substring(mark + 1));
        if (query.tokens().isEmpty()) {
            return;
        }
        String path = uri.substring(0, mark);
        request.setUri(query.rest() == null ? path : path + '?' + query.rest());
        query.tokens().forEach(token -> request.headers().add(HttpHeaderNames.AUTHORIZATION, "Bearer " + token));
    }
}
