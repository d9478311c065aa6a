package dev.starling.loadtest.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import org.junit.jupiter.api.Test;

/** What is lost, doubled, late. */
class SequenceTrackTests {

    private final SequenceTrack track = new SequenceTrack(8, 3);

    @Test
    void whatComesInOrderIsFine() {
        got(8, 1, 2, 3);
        assertThat(track.lost(0, 3, new BitSet())).isZero();
        assertThat(track.duplicates() + track.outOfOrder() + track.strange()).isZero();
    }

    @Test
    void holesAndTheEndAreLost() {
        got(9, 1, 2, 5);
        assertThat(track.lost(1, 7, new BitSet())).isEqualTo(4);
    }

    @Test
    void whatWasRefusedIsNotLost() {
        got(9, 1, 3);
        BitSet refused = new BitSet();
        refused.set(2);
        refused.set(4);
        assertThat(track.lost(1, 4, refused)).isZero();
    }

    @Test
    void lateIsOutOfOrderAndAgainIsDouble() {
        got(0, 1, 3, 2, 2);
        assertThat(track.outOfOrder()).isEqualTo(1);
        assertThat(track.duplicates()).isEqualTo(1);
        assertThat(track.lost(2, 3, new BitSet())).isZero();
    }

    @Test
    void otherChannelsAreStrange() {
        got(1, 1);
        assertThat(track.strange()).isEqualTo(1);
    }

    /** Of ten channels. */
    private void got(int channel, int... sequences) {
        for (int sequence : sequences) {
            track.message(channel, 10, sequence);
        }
    }
}
