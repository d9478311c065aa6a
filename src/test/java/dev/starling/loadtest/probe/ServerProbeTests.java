package dev.starling.loadtest.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class ServerProbeTests {

    @Test
    void liveHeapIsTheTotalOfTheHistogram() {
        String histogram =
                "12345:\n num  #instances  #bytes  class name\n   1:  10  240  [B\nTotal          10            240\n";

        assertThat(ServerProbe.totalBytes(histogram)).isEqualTo(240);
    }

    @Test
    void processThatHasEndedIsNamed() {
        ServerProbe probe = new ServerProbe(List.of(999_999_999L), false);

        assertThatThrownBy(probe::look)
                .isInstanceOf(ServerProbe.GoneException.class)
                .hasMessageContaining("999999999");
    }

    @Test
    void heapOfNoProcessIsUnknownRatherThanEmpty() {
        assertThat(new ServerProbe(List.of(), true).lookDeep().liveHeapBytes()).isNegative();
    }

    @Test
    void jvmThatGivesNoHistogramIsNoEmptyHeap() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ServerProbe.totalBytes("12345: no such process"))
                .withMessageContaining("no such process");
    }
}
