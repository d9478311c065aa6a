package dev.starling.redis.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.protocol.EqualHashes;
import java.nio.ByteBuffer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class LinkNameTests {

    private static final int NAMES = 24_000;

    @Test
    void namesOfEqualHashHaveDifferentOnesHere() {
        long hashes = IntStream.range(0, NAMES)
                .mapToObj(i -> new LinkName(EqualHashes.letters("ws:{", i)))
                .mapToInt(LinkName::hashCode)
                .distinct()
                .count();

        assertThat(hashes).isGreaterThan(NAMES - 10);
    }

    @Test
    void nameIsTheSameAfterItsWayToRedisAndBack() {
        LinkName name = new LinkName("ws:{room:a}");
        ByteBuffer bytes = LinkName.CODEC.encodeKey(name);

        assertThat(bytes.remaining()).isEqualTo(11);
        assertThat(LinkName.CODEC.decodeKey(bytes)).isEqualTo(name).hasSameHashCodeAs(name);
    }
}
