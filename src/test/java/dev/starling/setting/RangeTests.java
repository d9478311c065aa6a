package dev.starling.setting;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.util.unit.DataSize;

final class RangeTests {

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 5})
    void bothEndsAreAllowed(int value) {
        assertThatCode(() -> Range.of("a.b", value, 1, 5)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MIN_VALUE, 0, 6, Integer.MAX_VALUE})
    void anotherNumberIsNamedWithItsPropertyAndItsRange(int value) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Range.of("a.b", value, 1, 5))
                .withMessage("a.b is " + value + ", but must be between 1 and 5");
    }

    @ParameterizedTest
    @CsvSource({
        "PT0S, 0s",
        "PT0.099S, 99ms",
        "PT-1S, -1s",
        "PT1M30.5S, 90500ms",
        "PT90S, 90s",
        "PT120S, 2m",
        "PT25H, 25h",
        "P31D, 31d",
        "PT2562047788015215H, PT2562047788015215H"
    })
    void timesAreShownAsInAConfiguration(Duration value, String shown) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Range.of("a.b", value, Duration.ofMillis(100), Duration.ofSeconds(60)))
                .withMessage("a.b is " + shown + ", but must be between 100ms and 1m");
    }

    @ParameterizedTest
    @CsvSource({"0, 0B", "1023B, 1023B", "-2048, -2KB", "1025KB, 1025KB", "2048GB, 2048GB"})
    void sizesAreShownAsInAConfiguration(String value, String shown) {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        Range.of("a.b", DataSize.parse(value), DataSize.ofKilobytes(1), DataSize.ofKilobytes(1024)))
                .withMessage("a.b is " + shown + ", but must be between 1KB and 1MB");
    }

    @Test
    void zeroMayHaveAMeaningOfItsOwn() {
        Duration second = Duration.ofSeconds(1);

        assertThatCode(() -> Range.zeroOr("a.b", Duration.ZERO, second, second)).doesNotThrowAnyException();
        assertThatCode(() -> Range.zeroOr("a.b", DataSize.ofMegabytes(0), DataSize.ofBytes(5), DataSize.ofBytes(5)))
                .doesNotThrowAnyException();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Range.zeroOr("a.b", Duration.ofMillis(1), second, second))
                .withMessage("a.b is 1ms, but must be 0 or between 1s and 1s");
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MIN_VALUE, 0, 1, 3, 12, 32})
    void onlyPowersOfTwoInTheRange(int value) {
        assertThatCode(() -> Range.powerOfTwo("a.b", 8, 2, 16)).doesNotThrowAnyException();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Range.powerOfTwo("a.b", value, 2, 16))
                .withMessage("a.b is " + value + ", but must be a power of two between 2 and 16");
    }

    @Test
    void listsHaveANumberOfEntries() {
        assertThatCode(() -> Range.size("a.b", List.of("x"), 1, 2)).doesNotThrowAnyException();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Range.size("a.b", Collections.nCopies(3, "x"), 1, 2))
                .withMessage("a.b has 3 entries, but must have between 1 and 2");
    }

    @Test
    void aWrongEntryIsNamedByItsIndex() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Range.each("a.b", List.of("1", "x"), Integer::parseInt))
                .withMessageStartingWith("a.b[1] is 'x': ")
                .withNoCause();
    }
}
