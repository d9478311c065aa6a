package dev.starling.redis;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class RefusalVersionTests {

    @Test
    void readsWhatTheScriptsWrite() {
        assertThat(RefusalVersion.of("12:e")).isEqualTo(new RefusalVersion("e", 12));
        assertThat(RefusalVersion.of("")).isNull();
    }

    @Test
    void nextOneFollowsAndLaterOnesComeAfter() {
        RefusalVersion five = new RefusalVersion("e", 5);

        assertThat(new RefusalVersion("e", 6).follows(five)).isTrue();
        assertThat(new RefusalVersion("e", 7).follows(five)).isFalse();
        assertThat(new RefusalVersion("e", 7).isAfter(five)).isTrue();
        assertThat(five.isAfter(five)).isFalse();
        assertThat(new RefusalVersion("e", 4).isAfter(five)).isFalse();
    }

    @Test
    void anotherEpochNeitherFollowsNorComesAfter() {
        RefusalVersion other = new RefusalVersion("f", 6);

        assertThat(other.follows(new RefusalVersion("e", 5))).isFalse();
        assertThat(other.isAfter(new RefusalVersion("e", 5))).isFalse();
    }

    @Test
    void theFirstFollowsNothing() {
        assertThat(new RefusalVersion("e", 1).follows(null)).isTrue();
        assertThat(new RefusalVersion("e", 2).follows(null)).isFalse();
        assertThat(new RefusalVersion("e", 2).isAfter(null)).isFalse();
    }
}
