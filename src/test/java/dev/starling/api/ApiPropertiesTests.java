package dev.starling.api;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.util.unit.DataSize;

final class ApiPropertiesTests {

    private static ApiProperties.Api closes(int number) {
        return new ApiProperties.Api(
                number, 1, 1, 1, DataSize.ofKilobytes(1), Duration.ofSeconds(1), Duration.ofSeconds(1));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1000, 100_000})
    void rangeOfTheRecentClosesHasItsEnds(int closes) {
        assertThatCode(() -> closes(closes)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 100_001})
    void whatIsOutsideIsNamedWithItsRange(int closes) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> closes(closes))
                .withMessage("starling.api.recent-closes is " + closes + ": it must be from 0 to 100000");
    }
}
