package dev.starling.redis.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.protocol.ErrorCode;
import dev.starling.protocol.RefusedException;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.RedisConnectionException;
import io.lettuce.core.RedisException;
import io.lettuce.core.cluster.PartitionSelectorException;
import io.lettuce.core.cluster.models.partitions.Partitions;
import java.io.IOException;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RedisFaultRefusalTests {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "READONLY You can't write against a read only replica. | Redis is read-only",
                "READONLY You can't write against a read only replica. script: 1a, on @user_script:3. | Redis is read-only",
                "OOM command not allowed when used memory > 'maxmemory'. | Redis is out of memory",
                "ERR Error running script (call to f_1a): @user_script:20: @user_script: 20: -OOM command not allowed when used memory > 'maxmemory'. | Redis is out of memory",
                "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk. | Redis can't save what it is given",
                "NOREPLICAS Not enough good replicas to write. | Redis can't save what it is given",
                "ERR Protocol error: unauthenticated multibulk length | Redis refuses this node",
                "NOAUTH Authentication required. | Redis refuses this node",
                "WRONGPASS invalid username-password pair or user is disabled. | Redis refuses this node",
                "NOPERM this user has no permissions to run the 'evalsha' command | Redis refuses this node",
                "LOADING Redis is loading the dataset in memory | Redis is loading its data",
                "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE. | Redis is busy with a script",
                "CLUSTERDOWN Hash slot not served | the Redis Cluster can't serve this channel now",
                "TRYAGAIN Multiple keys request during rehashing of slot | the Redis Cluster can't serve this channel now",
                "MOVED 1 127.0.0.1:1 | the Redis Cluster can't serve this channel now",
                "ERR unknown command 'SPUBLISH', with args beginning with: | this Redis is too old"
            })
    void whatRedisAnswersBecauseOfItsStateIsARefusal(String answer, String message) {
        assertRefusal(new RedisCommandExecutionException(answer), message);
    }

    @ParameterizedTest
    @MethodSource("failuresOfTheConnection")
    void whatKeepsACommandFromRedisIsARefusal(Throwable failure, String message) {
        assertRefusal(failure, message);
    }

    static Stream<Arguments> failuresOfTheConnection() {
        String none = "there is no connection to Redis";
        return Stream.of(
                Arguments.of(
                        new RedisCommandTimeoutException("Command timed out after 2 second(s)"),
                        "Redis gave no answer in time"),
                Arguments.of(new RedisException("Currently not connected. Commands are rejected."), none),
                Arguments.of(new RedisException("Connection is closed"), none),
                Arguments.of(new RedisException("something that only a later Lettuce says"), none),
                Arguments.of(
                        new RedisException(
                                "Request queue size exceeded: 10000. Commands are not accepted until the queue size drops."),
                        "too many requests wait for Redis"),
                Arguments.of(
                        new RedisException(
                                "Internal stack size exceeded: 10. Commands are not accepted until the stack size drops."),
                        "too many requests wait for Redis"),
                Arguments.of(new RedisConnectionException("Unable to connect"), none),
                Arguments.of(
                        new RedisConnectionException(
                                "Unable to connect", new RedisCommandExecutionException("WRONGPASS no")),
                        "Redis refuses this node"),
                Arguments.of(
                        new PartitionSelectorException("Cannot determine a partition for slot 1.", new Partitions()),
                        "the Redis Cluster can't serve this channel now"),
                Arguments.of(new IOException("Connection reset by peer"), none),
                Arguments.of(new CancellationException(), none),
                Arguments.of(new RedisFaultException(RedisFault.DISCONNECTED, "not connected to Redis"), none));
    }

    private static void assertRefusal(Throwable failure, String message) {
        assertThat(RedisFault.refusal(failure)).isInstanceOfSatisfying(RefusedException.class, refused -> {
            assertThat(refused.code()).isEqualTo(ErrorCode.BROKER_UNAVAILABLE);
            assertThat(refused.message()).isEqualTo(message);
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "WRONGTYPE Operation against a key holding the wrong kind of value",
                "CROSSSLOT Keys in request don't hash to the same slot",
                "ERR value is not an integer or out of range",
                "ERR Error running script (call to f_1a): @user_script:20: @user_script: 20: -ERR wrong number of arguments",
                "ERR The ID specified in XADD is equal or smaller than the target stream top item"
            })
    void whatShouldNotHappenStaysAFault(String answer) {
        RedisCommandExecutionException failure = new RedisCommandExecutionException(answer);

        assertThat(RedisFault.refusal(failure)).isSameAs(failure);
    }

    @Test
    void aFaultOfOursStaysOne() {
        NullPointerException failure = new NullPointerException("the test says so");

        assertThat(RedisFault.refusal(failure)).isSameAs(failure);
    }

    @Test
    void everyFaultHasItsMessage() {
        assertThat(Stream.of(RedisFault.values())
                        .filter(fault -> fault != RedisFault.OTHER)
                        .map(fault -> RedisFault.refusal(new RedisFaultException(fault, "as in the test"))))
                .allSatisfy(refusal -> assertThat(refusal)
                        .isInstanceOf(RefusedException.class)
                        .message()
                        .isNotEmpty());
    }
}
