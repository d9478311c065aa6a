package dev.starling.redis.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.RedisConnectionException;
import io.lettuce.core.RedisException;
import java.io.IOException;
import java.net.ConnectException;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RedisFaultTests {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "WRONGPASS invalid username-password pair or user is disabled. | AUTH_REFUSED",
                "NOAUTH Authentication required. | AUTH_REFUSED",
                "ERR Client sent AUTH, but no password is set | AUTH_REFUSED",
                "ERR AUTH <password> called without any password configured | AUTH_REFUSED",
                "NOPERM this user has no permissions to access one of the channels used as arguments | NOT_PERMITTED",
                "READONLY You can't write against a read only replica. | READ_ONLY",
                "OOM command not allowed when used memory > 'maxmemory'. | OUT_OF_MEMORY",
                "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to | NOT_PERSISTING",
                "NOREPLICAS Not enough good replicas to write. | NOT_PERSISTING",
                "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'. | READ_ONLY",
                "BUSY Redis is busy running a script. | BUSY",
                "LOADING Redis is loading the dataset in memory | LOADING",
                "CLUSTERDOWN The cluster is down | CLUSTER_DOWN",
                "MOVED 3999 127.0.0.1:6381 | CLUSTER_DOWN",
                "ERR unknown command `SSUBSCRIBE`, with args beginning with: | TOO_OLD",
                "ERR Error running script (call to f_1): @user_script:1: -OOM command not allowed | OUT_OF_MEMORY",
                "ERR Error running script (call to f_1): @user_script:1: -READONLY You can't write | READ_ONLY",
                "ERR wrong number of arguments | OTHER",
                "WRONGTYPE Operation against a key holding the wrong kind of value | OTHER"
            })
    void answersOfRedisAreSortedByTheirCode(String message, RedisFault fault) {
        assertThat(RedisFault.of(new RedisCommandExecutionException(message))).isEqualTo(fault);
        assertThat(RedisFault.of(new CompletionException(new RedisCommandExecutionException(message))))
                .isEqualTo(fault);
    }

    @Test
    void failuresOfTheConnectionAreSortedByTheirCause() {
        assertThat(RedisFault.of(new RedisConnectionException("Unable to connect", new ConnectException("refused"))))
                .isEqualTo(RedisFault.UNREACHABLE);
        assertThat(RedisFault.of(new RedisCommandTimeoutException("Command timed out after 2 second(s)")))
                .isEqualTo(RedisFault.TIMEOUT);
        assertThat(RedisFault.of(new RedisException("Currently not connected. Commands are rejected.")))
                .isEqualTo(RedisFault.DISCONNECTED);
        assertThat(RedisFault.of(new IOException("Connection reset"))).isEqualTo(RedisFault.DISCONNECTED);
        assertThat(RedisFault.of(new RedisFaultException(RedisFault.CLUSTER_DOWN, "no master has a slot")))
                .isEqualTo(RedisFault.CLUSTER_DOWN);
        assertThat(RedisFault.of(new IllegalStateException("ours"))).isEqualTo(RedisFault.OTHER);
    }
}
