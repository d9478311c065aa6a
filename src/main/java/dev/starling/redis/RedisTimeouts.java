package dev.starling.redis;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import java.time.Duration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;

/**
 * How long Redis may take.
 *
 * @param connect to connect
 * @param command to answer a command
 */
record RedisTimeouts(Duration connect, Duration command) {

    /** Spring's where they are set: there, Lettuce's own defaults of 10 and 60 seconds stand for "not set". */
    static RedisTimeouts of(LettuceClientConfiguration client, RedisProperties properties) {
        Duration connect = client.getClientOptions()
                .map(ClientOptions::getSocketOptions)
                .map(SocketOptions::getConnectTimeout)
                .orElse(SocketOptions.DEFAULT_CONNECT_TIMEOUT_DURATION);
        return new RedisTimeouts(
                connect.equals(SocketOptions.DEFAULT_CONNECT_TIMEOUT_DURATION) ? properties.connectTimeout() : connect,
                client.getCommandTimeout().equals(RedisURI.DEFAULT_TIMEOUT_DURATION)
                        ? properties.commandTimeout()
                        : client.getCommandTimeout());
    }
}
