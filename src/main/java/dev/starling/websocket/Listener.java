package dev.starling.websocket;

import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The socket that a node listens on. Closed, the kernel resets each connection that nobody has accepted yet, its request
 * included: the last ones are accepted right before.
 */
final class Listener {

    private static final Logger log = LoggerFactory.getLogger(Listener.class);

    /** Room for any address of a peer, which we do not need. */
    private static final int ADDRESS_BYTES = 26;

    /** In this time an accepted connection has come to its event loop. */
    private static final long SETTLE_MILLIS = 250;

    private final Channel channel;
    private volatile long closedAtMillis;

    Listener(Channel channel) {
        this.channel = channel;
    }

    /**
     * Takes no new connections from now on. True when that is done, and those accepted last are known on their event loops. Not
     * for two threads at once.
     */
    boolean close() {
        long now = Node.millis();
        if (closedAtMillis == 0) {
            closedAtMillis = now;
            closeChannel();
        }
        return !channel.isOpen() && now - closedAtMillis >= SETTLE_MILLIS;
    }

    private void closeChannel() {
        try {
            channel.eventLoop().execute(() -> {
                if (channel instanceof EpollServerSocketChannel server && server.isActive()) {
                    acceptTheLast(server);
                }
                channel.close();
            });
        } catch (RejectedExecutionException gone) {
            // An event loop that takes no tasks has closed its sockets.
        }
    }

    private static void acceptTheLast(EpollServerSocketChannel server) {
        Socket socket = new Socket(server.fd().intValue());
        byte[] address = new byte[ADDRESS_BYTES];
        try {
            for (int next = socket.accept(address); next >= 0; next = socket.accept(address)) {
                server.pipeline().fireChannelRead(new EpollSocketChannel(next));
            }
            server.pipeline().fireChannelReadComplete();
        } catch (IOException failure) {
            log.atWarn().addKeyValue("cause", failure.toString()).log("drain.accept_failed");
        }
    }
}
