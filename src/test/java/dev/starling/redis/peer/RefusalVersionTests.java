package dev.starling.redis.peer;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class RefusalVersionTests {

    @Test
    void readsWhatTheScriptsWrite() {
        assertThat(RefusalStore.Version.of("12:e")).isEqualTo(new RefusalStore.Version("e", 12));
        assertThat(RefusalStore.Version.of("")).isNull();
    }

    @Test
    void nextOneFollowsAndLaterOnesComeAfter() {
        RefusalStore.Version five = new RefusalStore.Version("e", 5);

        assertThat(new RefusalStore.Version("e", 6).follows(five)).isTrue();
        assertThat(new RefusalStore.Version("e", 7).follows(five)).isFalse();
        assertThat(new RefusalStore.Version("e", 7).isAfter(five)).isTrue();
        assertThat(five.isAfter(five)).isFalse();
        assertThat(new RefusalStore.Version("e", 4).isAfter(five)).isFalse();
    }

    @Test
    void anotherEpochNeitherFollowsNorComesAfter() {
        RefusalStore.Version other = new RefusalStore.Version("f", 6);

        assertThat(other.follows(new RefusalStore.Version("e", 5))).isFalse();
        assertThat(other.isAfter(new RefusalStore.Version("e", 5))).isFalse();
    }

    @Test
    void theFirstFollowsNothing() {
        assertThat(new RefusalStore.Version("e", 1).follows(null)).isTrue();
        assertThat(new RefusalStore.Version("e", 2).follows(null)).isFalse();
        assertThat(new RefusalStore.Version("e", 2).isAfter(null)).isFalse();
    }
}
