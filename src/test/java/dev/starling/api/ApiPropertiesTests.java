package dev.starling.api;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.util.unit.DataSize;

final class ApiPropertiesTests {

    private static ApiProperties.Api api(
            int closes, int rate, int burst, int batch, String size, String body, String fleet) {
        return new ApiProperties.Api(closes, rate, burst, batch, DataSize.parse(size), duration(body), duration(fleet));
    }

    private static Duration duration(String text) {
        return DurationStyle.detectAndParse(text);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0, 1, 1, 1KB, 1s, 100ms",
        "100000, 1000000, 1000000, 100000, 64MB, 10m, 1m",
    })
    void rangesHaveTheirEnds(int closes, int rate, int burst, int batch, String size, String body, String fleet) {
        assertThatCode(() -> api(closes, rate, burst, batch, size, body, fleet)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({
        "-1, 0, 1, 1, 1KB, 1s, 100ms, 'recent-closes is -1, but must be between 0 and 100000'",
        "100001, 0, 1, 1, 1KB, 1s, 100ms, recent-closes is 100001",
        "0, -1, 1, 1, 1KB, 1s, 100ms, request-rate is -1",
        "0, 1000001, 1, 1, 1KB, 1s, 100ms, request-rate is 1000001",
        "0, 0, 0, 1, 1KB, 1s, 100ms, request-burst is 0",
        "0, 0, 1, 0, 1KB, 1s, 100ms, max-batch is 0",
        "0, 0, 1, 100001, 1KB, 1s, 100ms, max-batch is 100001",
        "0, 0, 1, 1, 1023B, 1s, 100ms, 'max-batch-size is 1023B, but must be between 1KB and 64MB'",
        "0, 0, 1, 1, 65MB, 1s, 100ms, max-batch-size is 65MB",
        "0, 0, 1, 1, 1KB, 999ms, 100ms, 'body-timeout is 999ms, but must be between 1s and 10m'",
        "0, 0, 1, 1, 1KB, 1s, 99ms, fleet-timeout is 99ms",
        "0, 0, 1, 1, 1KB, 1s, 61s, fleet-timeout is 61s",
    })
    void whatIsOutsideIsNamedWithItsRange(
            int closes, int rate, int burst, int batch, String size, String body, String fleet, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> api(closes, rate, burst, batch, size, body, fleet))
                .withMessageStartingWith("starling.api." + message);
    }
}
