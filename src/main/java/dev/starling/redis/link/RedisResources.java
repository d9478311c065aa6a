package dev.starling.redis.link;

import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import io.lettuce.core.resource.Delay;
import io.lettuce.core.resource.NettyCustomizer;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.handler.flush.FlushConsolidationHandler;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What Lettuce's clients run on: the threads of Spring's client, with our own way to flush and to come back. */
final class RedisResources {

    private static final int FLUSH_AFTER = 256;

    private RedisResources() {}

    /** New resources on the threads of those, if there are any. To be shut down, which leaves those alone. */
    static ClientResources like(@Nullable ClientResources theirs) {
        DefaultClientResources.Builder builder = DefaultClientResources.builder()
                .reconnectDelay(
                        Delay.fullJitter(Duration.ofMillis(50), Duration.ofSeconds(1), 50, TimeUnit.MILLISECONDS));
        if (theirs == null) {
            return builder.nettyCustomizer(flushing(new NettyCustomizer() {})).build();
        }
        return builder.eventLoopGroupProvider(theirs.eventLoopGroupProvider())
                .eventExecutorGroup(theirs.eventExecutorGroup())
                .timer(theirs.timer())
                .addressResolverGroup(theirs.addressResolverGroup())
                .socketAddressResolver(theirs.socketAddressResolver())
                .commandLatencyRecorder(theirs.commandLatencyRecorder())
                .tracing(theirs.tracing())
                .nettyCustomizer(flushing(theirs.nettyCustomizer()))
                .build();
    }

    /** One write to the socket for what many threads send at the same time: a third of the CPU per command. */
    private static NettyCustomizer flushing(NettyCustomizer theirs) {
        return new NettyCustomizer() {
            @Override
            public void afterBootstrapInitialized(Bootstrap bootstrap) {
                theirs.afterBootstrapInitialized(bootstrap);
            }

            @Override
            public void afterChannelInitialized(Channel channel) {
                theirs.afterChannelInitialized(channel);
                channel.pipeline().addFirst(new FlushConsolidationHandler(FLUSH_AFTER, true));
            }
        };
    }
}
