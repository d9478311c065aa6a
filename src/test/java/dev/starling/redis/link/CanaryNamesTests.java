package dev.starling.redis.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.cluster.SlotHash;
import java.util.BitSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CanaryNamesTests {

    private final Canary.Names names = new Canary.Names("ws:", "0123456789abcdef");

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 8191, 16_383})
    void nameLiesInTheOneSlotThereIs(int slot) {
        BitSet slots = new BitSet();
        slots.set(slot);

        String name = names.in(slots);

        assertThat(SlotHash.getSlot(name)).isEqualTo(slot);
        assertThat(name).startsWith("ws:canary:0123456789abcdef:{").endsWith("}");
    }
}
