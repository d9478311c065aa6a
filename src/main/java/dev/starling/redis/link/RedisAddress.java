package dev.starling.redis.link;

import io.lettuce.core.RedisURI;
import java.time.Duration;
import java.util.List;
import org.springframework.data.redis.connection.RedisClusterConfiguration;
import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.RedisConfiguration.WithAuthentication;
import org.springframework.data.redis.connection.RedisSentinelConfiguration;
import org.springframework.data.redis.connection.RedisSocketConfiguration;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceConverters;
import org.springframework.data.redis.connection.lettuce.RedisCredentialsProviderFactory;

/**
 * Where Redis is and how to log in there, as Spring's {@code spring.data.redis.*} says.
 *
 * @param uris one, or the known nodes of a Cluster
 * @param isCluster whether it is a Cluster
 */
record RedisAddress(List<RedisURI> uris, boolean isCluster) {

    /** @param timeout how long connecting and logging in may take */
    static RedisAddress of(LettuceConnectionFactory factory, Duration timeout) {
        LettuceClientConfiguration client = factory.getClientConfiguration();
        RedisClusterConfiguration cluster = factory.getClusterConfiguration();
        List<RedisURI> uris = cluster != null ? clusterUris(cluster) : List.of(uri(factory));
        RedisConfiguration configuration = cluster != null ? cluster : configuration(factory);
        for (RedisURI uri : uris) {
            logIn(uri, configuration, client);
            transport(uri, client, timeout);
            uri.getSentinels().forEach(sentinel -> transport(sentinel, client, timeout));
        }
        return new RedisAddress(uris, cluster != null);
    }

    private static RedisConfiguration configuration(LettuceConnectionFactory factory) {
        RedisSentinelConfiguration sentinel = factory.getSentinelConfiguration();
        if (sentinel != null) {
            return sentinel;
        }
        RedisSocketConfiguration socket = factory.getSocketConfiguration();
        return socket != null ? socket : factory.getStandaloneConfiguration();
    }

    private static List<RedisURI> clusterUris(RedisClusterConfiguration cluster) {
        return cluster.getClusterNodes().stream()
                .map(node -> RedisURI.create(String.valueOf(node.getHost()), node.getRequiredPort()))
                .toList();
    }

    private static RedisURI uri(LettuceConnectionFactory factory) {
        RedisConfiguration configuration = configuration(factory);
        RedisURI uri;
        if (configuration instanceof RedisSentinelConfiguration sentinel) {
            uri = LettuceConverters.sentinelConfigurationToRedisURI(sentinel);
        } else if (configuration instanceof RedisSocketConfiguration socket) {
            uri = RedisURI.Builder.socket(socket.getSocket()).build();
        } else {
            RedisStandaloneConfiguration standalone = factory.getStandaloneConfiguration();
            uri = RedisURI.create(standalone.getHostName(), standalone.getPort());
        }
        uri.setDatabase(factory.getDatabase());
        return uri;
    }

    private static void logIn(RedisURI uri, RedisConfiguration configuration, LettuceClientConfiguration client) {
        RedisCredentialsProviderFactory provider =
                client.getRedisCredentialsProviderFactory().orElse(null);
        if (provider == null) {
            logIn(uri, (WithAuthentication) configuration);
            return;
        }
        uri.setCredentialsProvider(provider.createCredentialsProvider(configuration));
        if (configuration instanceof RedisSentinelConfiguration sentinel) {
            uri.getSentinels()
                    .forEach(node -> node.setCredentialsProvider(provider.createSentinelCredentialsProvider(sentinel)));
        }
    }

    private static void logIn(RedisURI uri, WithAuthentication login) {
        String username = login.getUsername();
        login.getPassword().toOptional().ifPresent(password -> {
            if (username == null || username.isEmpty()) {
                uri.setAuthentication(password);
            } else {
                uri.setAuthentication(username, password);
            }
        });
    }

    private static void transport(RedisURI uri, LettuceClientConfiguration client, Duration timeout) {
        uri.setTimeout(timeout);
        uri.setSsl(client.isUseSsl());
        uri.setStartTls(client.isStartTls());
        uri.setVerifyPeer(client.getVerifyMode());
        client.getClientName().ifPresent(uri::setClientName);
    }
}
