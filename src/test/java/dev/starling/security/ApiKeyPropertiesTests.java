package dev.starling.security;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ApiKeyPropertiesTests {

    private static final String HASH = "ab".repeat(32);
    private static final String OTHER = "cd".repeat(32);

    private static ApiKeyProperties.Key key(
            @Nullable String name, List<String> hashes, List<String> scopes, String channel) {
        return new ApiKeyProperties.Key(name, hashes, scopes, List.of(channel), List.of("*"));
    }

    private static ApiKeyProperties of(ApiKeyProperties.Key... keys) {
        return new ApiKeyProperties(List.of(keys));
    }

    @Test
    void keyMayHaveASecondOneWhileItIsChanged() {
        assertThatCode(() -> of(
                        key("a", List.of(HASH, OTHER), List.of("publish"), "x:*"),
                        key("b", List.of("ef".repeat(32)), List.of("read", "ops"), "*")))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "none",
            value = {
                "none, 1, publish, *, starling.api.keys[0].name",
                "'a b', 1, publish, *, starling.api.keys[0].name",
                "a, 0, publish, *, starling.api.keys[0].hashes",
                "a, 3, publish, *, starling.api.keys[0].hashes",
                "a, 1, admin, *, starling.api.keys[0].scopes",
                "a, 1, publish, x y, starling.api.keys[0].channels",
            })
    void whatIsWrongIsNamed(@Nullable String name, int hashes, String scope, String channel, String property) {
        List<String> all = List.of(HASH, OTHER, "ef".repeat(32)).subList(0, hashes);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> of(key(name, all, List.of(scope), channel)))
                .withMessageStartingWith(property);
    }

    @Test
    void whatMayBeTheKeyItselfIsNotShown() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> of(key("a", List.of("the-key-itself"), List.of("read"), "*")))
                .withMessageNotContaining("the-key-itself");
    }

    @Test
    void twoBackEndsHaveNotTheSameKey() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> of(
                        key("a", List.of(HASH), List.of("read"), "*"),
                        key("b", List.of(HASH.toUpperCase(java.util.Locale.ROOT)), List.of("read"), "*")))
                .withMessageStartingWith("starling.api.keys[1].hashes");
    }

    @Test
    void patternsAreNoMoreThanOneQuestionHasRoomFor() {
        List<String> most = Collections.nCopies(128, "x:*");
        List<String> more = Collections.nCopies(129, "x:*");

        of(new ApiKeyProperties.Key("a", List.of(HASH), List.of("read"), most, most));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> of(new ApiKeyProperties.Key("a", List.of(HASH), List.of("read"), more, most)))
                .withMessageStartingWith("starling.api.keys[0].channels");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> of(new ApiKeyProperties.Key("a", List.of(HASH), List.of("read"), most, more)))
                .withMessageStartingWith("starling.api.keys[0].publish");
    }

    @Test
    void thereAreNoMoreThanAThousand() {
        ApiKeyProperties.Key key = key("a", List.of(HASH), List.of("read"), "*");

        assertThatIllegalArgumentException().isThrownBy(() -> new ApiKeyProperties(Collections.nCopies(1001, key)));
    }
}
