package dev.starling.api;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ApiPropertiesTests {

    @ParameterizedTest
    @ValueSource(ints = {0, 1000, 100_000})
    void rangeOfTheRecentClosesHasItsEnds(int closes) {
        assertThatCode(() -> new ApiProperties.Api(closes)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 100_001})
    void whatIsOutsideIsNamedWithItsRange(int closes) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ApiProperties.Api(closes))
                .withMessage("starling.api.recent-closes is " + closes + ": it must be from 0 to 100000");
    }
}
