package dev.starling.websocket;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import org.springframework.core.io.buffer.NettyDataBufferFactory;
import org.springframework.web.reactive.socket.adapter.ReactorNettyWebSocketSession;
import reactor.core.publisher.Flux;
import reactor.netty.channel.ChannelOperations;
import reactor.netty.http.websocket.WebsocketInbound;
import reactor.netty.http.websocket.WebsocketOutbound;

/**
 * Spring's session with a door to what is below it: the inbound frames as they come, without aggregation and wrappers, and
 * the Netty channel for the way out. Lives during the handshake only; a {@link Session} keeps what it needs.
 */
final class UpgradedSession extends ReactorNettyWebSocketSession {

    private final UpgradeInfo upgrade;

    UpgradedSession(
            WebsocketInbound inbound,
            WebsocketOutbound outbound,
            UpgradeInfo upgrade,
            NettyDataBufferFactory buffers,
            int maxFrameBytes) {
        super(inbound, outbound, upgrade, buffers, maxFrameBytes);
        this.upgrade = upgrade;
    }

    UpgradeInfo upgrade() {
        return upgrade;
    }

    WebsocketInbound inbound() {
        return getDelegate().getInbound();
    }

    /** Each frame is released after its signal. One subscriber; signals come on the channel's event loop. */
    Flux<WebSocketFrame> frames() {
        return inbound().receiveFrames();
    }

    Channel channel() {
        return ((ChannelOperations<?, ?>) inbound()).channel();
    }
}
