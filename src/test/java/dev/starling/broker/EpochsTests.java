package dev.starling.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class EpochsTests {

    @Test
    void noTwoAreTheSameAndEachFitsIntoTheEnvelope() {
        Set<String> all = new HashSet<>();
        for (int node = 0; node < 10; node++) {
            Epochs epochs = new Epochs();
            for (int i = 0; i < 10_000; i++) {
                String epoch = epochs.next();
                assertThat(epoch).matches("[0-9a-z]{1,13}");
                assertThat(all.add(epoch)).isTrue();
            }
        }
    }
}
