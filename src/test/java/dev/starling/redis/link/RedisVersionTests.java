package dev.starling.redis.link;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RedisVersionTests {

    @ParameterizedTest
    @CsvSource({
        "5.0.14, true, true",
        "6.0.20, true, true",
        "6.2.0, false, true",
        "6.10.0, false, true",
        "7.0.15, false, false",
        "8.2.1, false, false",
        "255.255.255, false, false"
    })
    void versionIsComparedWithTheLeast(String version, boolean tooOldForClassic, boolean tooOldForSharded) {
        RedisVersion said = RedisVersion.of("# Server\r\nredis_version:" + version + "\r\nredis_mode:standalone\r\n");

        assertThat(said.isBelow(RedisVersion.CLASSIC)).isEqualTo(tooOldForClassic);
        assertThat(said.isBelow(RedisVersion.SHARDED)).isEqualTo(tooOldForSharded);
    }

    @ParameterizedTest
    @CsvSource({"'# Server'", "null", "redis_version:unstable", "my_redis_version:1.0"})
    void serverThatDoesNotSayIsTakenAtItsWord(String info) {
        assertThat(RedisVersion.of(info)).isEqualTo(RedisVersion.UNKNOWN);
        assertThat(RedisVersion.of(info).isBelow(RedisVersion.SHARDED)).isFalse();
    }
}
