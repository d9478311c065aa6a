package dev.starling.security;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class StrictPathsTests {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/ws",
                "/api/node",
                "/api/node/",
                "/api/channels/a%2Fb%3Bc%25d",
                "/%2e%2e",
                "/a..b/.c",
                "/%E2%82%AC",
                "/actuator/metrics/jvm.memory.used",
                "",
                "*"
            })
    void pathThatHasOneMeaningPasses(String path) {
        assertThat(StrictPaths.fault(path)).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/ws;v=1",
                "/api;x/node",
                "/;",
                "//",
                "//api/node",
                "/api//node",
                "/api/channels//messages",
                "/.",
                "/..",
                "/api/./node",
                "/api/../node",
                "/api/node/..",
                "/%",
                "/%4",
                "/%zz",
                "/a%-1",
                "/%00",
                "/%0a",
                "/%7f",
                "/%c0%af",
                "/%e0%80%af",
                "/%ed%a0%80",
                "/%f4%90%80%80",
                "/%ff",
                "/%e2%82",
                "/\u00e9",
                "/\uff05"
            })
    void pathThatTwoCouldReadDifferentlyDoesNot(String path) {
        assertThat(StrictPaths.fault(path)).isNotNull();
    }

    @Test
    void anyNameOfPrintableCharactersPassesIfItIsEncoded() {
        for (int c = ' '; c < 0x2000; c++) {
            if (!Character.isISOControl(c)) {
                String name = URLEncoder.encode(Character.toString(c), StandardCharsets.UTF_8)
                        .replace(".", "%2E");
                assertThat(StrictPaths.fault("/api/channels/" + name)).as(name).isNull();
            }
        }
    }
}
