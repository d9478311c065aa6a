package dev.starling.redis.peer;

import dev.starling.broker.BrokerProperties;
import dev.starling.broker.ConditionalOnBroker;
import dev.starling.broker.LocalAnswers;
import dev.starling.broker.NodesProperties;
import dev.starling.broker.OwnQuestions;
import dev.starling.broker.PeerMetrics;
import dev.starling.broker.RefusalTable;
import dev.starling.broker.RevocationProperties;
import dev.starling.redis.link.CommandConnection;
import dev.starling.redis.link.InboxMetrics;
import dev.starling.redis.link.RedisClients;
import dev.starling.redis.link.RedisInbox;
import dev.starling.redis.link.RedisKeys;
import dev.starling.redis.link.RedisLinks;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What the nodes that share a Redis say to each other. The heartbeat has a last word, so it is ended before the connection. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnBroker(BrokerProperties.Type.REDIS)
final class RedisPeersConfiguration {

    @Bean
    RedisPublisher redisPublisher(CommandConnection connection, RedisClients clients) {
        return new RedisPublisher(connection, clients);
    }

    @Bean
    NodeRegistry nodeRegistry(
            CommandConnection connection, RedisKeys keys, NodesProperties properties, LocalAnswers answers) {
        return new NodeRegistry(connection.commands(), keys, properties.ttl(), answers.self());
    }

    @Bean
    RedisRevocations revocations(
            CommandConnection connection,
            RedisPublisher publisher,
            RedisKeys keys,
            RevocationProperties properties,
            RefusalTable table,
            RedisInbox inbox,
            RedisLinks links) {
        RefusalStore store = new RefusalStore(connection.commands(), publisher, keys, properties.maxRefusals());
        RedisRevocations revocations = new RedisRevocations(store, table, inbox);
        inbox.open(keys.refusals(), revocations, links);
        return revocations;
    }

    @Bean(initMethod = "open")
    RedisHeartbeat redisHeartbeat(
            NodeRegistry registry,
            RedisInbox inbox,
            NodesProperties properties,
            RedisRevocations revocations,
            PeerMetrics metrics) {
        return new RedisHeartbeat(registry, inbox.loop(), properties.heartbeat(), revocations::seen, metrics);
    }

    @Bean
    RedisPeers peers(
            NodeRegistry registry,
            RedisKeys keys,
            RedisLinks links,
            RedisPublisher publisher,
            RedisInbox inbox,
            LocalAnswers answers,
            PeerMetrics peerMetrics,
            InboxMetrics metrics,
            NodesProperties properties,
            RedisHeartbeat heartbeat) {
        RedisPeers peers = new RedisPeers(
                registry,
                keys,
                links,
                publisher,
                inbox,
                answers,
                new OwnQuestions(peerMetrics),
                metrics,
                properties.maxAnswerBytes(),
                heartbeat::beat);
        inbox.open(keys.inbox(registry.self().id()), peers, links);
        return peers;
    }
}
