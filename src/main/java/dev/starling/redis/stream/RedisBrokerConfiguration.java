package dev.starling.redis.stream;

import dev.starling.broker.BrokerProperties;
import dev.starling.broker.ConditionalOnBroker;
import dev.starling.redis.link.CommandConnection;
import dev.starling.redis.link.RedisClients;
import dev.starling.redis.link.RedisCondition;
import dev.starling.redis.link.RedisInbox;
import dev.starling.redis.link.RedisKeys;
import dev.starling.redis.link.RedisLinks;
import dev.starling.redis.link.RedisProperties;
import dev.starling.setting.ChannelRules;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.stream.IntStream;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import reactor.core.scheduler.Schedulers;

/**
 * The broker in Redis. Spring ends it after the web server and before the connections, since each part depends on the one
 * that it needs to end.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnBroker(BrokerProperties.Type.REDIS)
final class RedisBrokerConfiguration {

    @Bean
    RedisStreams redisStreams(
            CommandConnection connection,
            RedisKeys keys,
            RedisProperties properties,
            LaneMetrics metrics,
            RedisClients clients,
            RedisChannels channels,
            RedisLinks links) {
        RedisStreams.Audience audience = new RedisStreams.Audience() {
            @Override
            public boolean isCounted() {
                return clients.countsReceivers();
            }

            /** This node at least; or others that may not be back yet. */
            @Override
            public boolean isExpected(String pubsub) {
                return channels.isHeard(pubsub) || links.isJustBack(pubsub);
            }
        };
        return new RedisStreams(connection.commands(), keys, properties, metrics, clients::isSharded, audience);
    }

    @Bean
    RedisChannels redisChannels(RedisInbox inbox) {
        return new RedisChannels(inbox);
    }

    @Bean
    LaneMetrics laneMetrics(MeterRegistry registry, RedisCondition condition) {
        LaneMetrics metrics = new LaneMetrics(registry);
        condition.count("foreignEnvelopes", metrics::foreignEnvelopes);
        condition.count("newerEnvelopes", metrics::newerEnvelopes);
        return metrics;
    }

    @Bean
    ChannelRepair channelRepair(
            RedisLinks links, RedisStreams streams, RepairProperties properties, LaneMetrics metrics) {
        return new ChannelRepair(links, streams, properties, metrics, Schedulers.parallel());
    }

    @Bean
    RedisBroker broker(
            RedisStreams streams,
            RedisKeys keys,
            ChannelRules rules,
            RedisLinks links,
            RedisChannels channels,
            ChannelRepair repair,
            LaneMetrics metrics,
            BrokerProperties broker,
            RepairProperties properties,
            RedisClients clients) {
        List<Lane> lanes = IntStream.range(0, properties.laneCount())
                .mapToObj(lane -> new Lane("redis-lane-" + lane, broker.queueCapacity()))
                .toList();
        metrics.gauges(lanes, repair);
        // The confirmation and the read of the position may each take what a command may.
        return new RedisBroker(
                streams,
                keys,
                rules,
                links,
                channels,
                repair,
                lanes,
                clients.commandTimeout().multipliedBy(2));
    }
}
