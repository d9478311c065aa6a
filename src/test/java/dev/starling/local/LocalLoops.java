package dev.starling.local;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.local.LocalServerChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.SingleThreadEventExecutor;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import reactor.netty.resources.LoopResources;

/**
 * The event loops of both ends, and the local transport for Reactor Netty. A connection's two ends share a loop, so that a delivery is a
 * plain call, without a task and a wake-up for each.
 */
final class LocalLoops implements LoopResources {

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final Group group;

    LocalLoops(int loops) {
        group = new Group(loops);
    }

    EventLoopGroup group() {
        return group;
    }

    List<EventLoop> loops() {
        List<EventLoop> loops = new ArrayList<>();
        for (EventExecutor loop : group) {
            loops.add((EventLoop) loop);
        }
        return loops;
    }

    /** Processor time that the loops have used so far. */
    long cpuNanos() {
        long sum = 0;
        for (EventExecutor loop : group) {
            sum += THREADS.getThreadCpuTime(
                    ((SingleThreadEventExecutor) loop).threadProperties().id());
        }
        return sum;
    }

    /** Whether they have nothing to do but to wait. */
    boolean isIdle() {
        for (EventExecutor loop : group) {
            if (((SingleThreadEventExecutor) loop).pendingTasks() > 0) {
                return false;
            }
        }
        return true;
    }

    @Override
    public EventLoopGroup onServer(boolean useNative) {
        return group;
    }

    @Override
    @SuppressWarnings("unchecked") // Reactor Netty asks for a server's channel only, and uses it as a Channel
    public <C extends Channel> C onChannel(Class<C> type, EventLoopGroup loops) {
        return (C) new Server();
    }

    @Override
    @SuppressWarnings("unchecked") // as above
    public <C extends Channel> Class<? extends C> onChannelClass(Class<C> type, EventLoopGroup loops) {
        return (Class<? extends C>) Server.class;
    }

    /** Accepts connections. */
    static final class Server extends LocalServerChannel {
        @Override
        protected LocalChannel newLocalChannel(LocalChannel client) {
            return new ServerEnd(this, client);
        }
    }

    /** The server's end of a connection. */
    static final class ServerEnd extends LocalChannel {
        private final LocalChannel client;

        private ServerEnd(LocalServerChannel server, LocalChannel client) {
            super(server, client);
            this.client = client;
        }
    }

    private static final class Group extends MultiThreadIoEventLoopGroup {
        private Group(int loops) {
            super(loops, new DefaultThreadFactory("local", true), LocalIoHandler.newFactory());
        }

        @Override
        public ChannelFuture register(Channel channel) {
            return channel instanceof ServerEnd end
                    ? end.client.eventLoop().register(channel)
                    : super.register(channel);
        }
    }
}
