package dev.starling.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OriginTests {

    @Test
    void defaultPortIsThatOfTheScheme() {
        assertThat(Origin.parse("https://App.example.com")).isEqualTo(new Origin("https", "app.example.com", 443));
        assertThat(Origin.parse("http://a")).isEqualTo(Origin.parse("http://a:80"));
        assertThat(Origin.parse("http://[::1]:3000")).isEqualTo(new Origin("http", "[::1]", 3000));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "",
                "https://",
                "://a",
                "https://a/",
                "https://a/b",
                "https://a:b",
                "https://a:",
                "https://a:70000",
                "https://a@b",
                "https://a b",
                "https://a,https://b",
                "a",
                "https://a?x",
                "https://a#",
                "https://[::1",
            })
    void refusesWhatIsNoOrigin(String text) {
        assertThat(Origin.parse(text)).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "https://a.example, a.example, true",
        "https://a.example, a.example:443, true",
        "http://a.example, A.EXAMPLE, true",
        "http://localhost:8080, localhost:8080, true",
        "http://[::1]:8080, [::1]:8080, true",
        "https://a.example, a.example:8080, false",
        "http://localhost:3000, localhost:8080, false",
        "https://a.example.evil, a.example, false",
        "https://evil-a.example, a.example, false",
        "https://a.example, , false",
        "https://a.example, 'a.example,b', false",
    })
    void isAtTheHostOfTheRequest(String origin, String host, boolean expected) {
        assertThat(Objects.requireNonNull(Origin.parse(origin)).isAt(host)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "https://app.example.com, https://app.example.com, true",
        "https://app.example.com, https://app.example.com:443, true",
        "https://app.example.com, http://app.example.com, false",
        "https://app.example.com, https://app.example.com:8443, false",
        "https://app.example.com, https://x.app.example.com, false",
        "https://*.example.com, https://a.example.com, true",
        "https://*.example.com, https://a.b.example.com, true",
        "https://*.example.com, https://example.com, false",
        "https://*.example.com, https://evilexample.com, false",
        "https://*.example.com, https://a.example.com.evil.io, false",
        "https://*.example.com, http://a.example.com, false",
        "http://*.example.com:8080, http://a.example.com:8080, true",
        "*, https://anywhere.io, true",
        "*, null, true",
        "https://app.example.com, null, false",
    })
    void entryAllowsWhatItSays(String entry, String origin, boolean expected) {
        assertThat(AllowedOrigin.parse(entry).allows(Origin.parse(origin))).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "app.example.com",
                "https://app.example.com/",
                "https://*",
                "https://*.",
                "https://a.*.com",
                "**",
                "",
                "https://*.*.example.com",
                "ftp://a.example",
                "null",
            })
    void refusesWhatIsNoEntry(String entry) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AllowedOrigin.parse(entry))
                .withMessageContaining("must be");
    }
}
