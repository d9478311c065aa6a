package dev.starling.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameLimitsTests {

    @Test
    void theEndsOfTheRangesAreAllowed() {
        assertThat(new FrameLimits(1, "a", 1)).isNotNull();
        assertThat(new FrameLimits(255, "!-~&&[^\"\\\\*{}]", 1000)).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 256})
    void aMaximumLengthThatNoNameCouldHaveIsRefused(int length) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new FrameLimits(length, "a-z", 64))
                .withMessage("maxChannelLength is from 1 to 255, not " + length);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 1001})
    void aNestingOutOfRangeIsRefused(int nesting) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new FrameLimits(255, "a-z", nesting))
                .withMessage("maxNesting is from 1 to 1000, not " + nesting);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a-z ", "a-z*", "{}", "\"", "\\\\", "^a", "a-zä", "\\w\\s", "\u0000"})
    void anAlphabetWithACharacterThatNoNameMayHaveIsRefused(String alphabet) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new FrameLimits(255, alphabet, 64))
                .withMessageContaining("a channel name is printable ASCII without");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[", "z-a", "\\"})
    void anAlphabetThatIsNoCharacterClassIsRefused(String alphabet) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new FrameLimits(255, alphabet, 64))
                .withMessageStartingWith("channelAlphabet is the inside of a regular expression's character class");
    }

    @Test
    void anAlphabetWithoutCharactersIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new FrameLimits(255, "a&&b", 64))
                .withMessage("channelAlphabet [a&&b] has no character");
    }

    @Test
    void theAlphabetIsWhatTheRuleAllows() {
        ChannelNameRule rule = new ChannelNameRule(new FrameLimits(3, "a-c_", 64));
        assertThat(rule.allows("a_c")).isTrue();
        assertThat(rule.allows("")).isFalse();
        assertThat(rule.allows("d")).isFalse();
        assertThat(rule.allows("abca")).isFalse();
        assertThat(rule.allows("é")).isFalse();
    }
}
