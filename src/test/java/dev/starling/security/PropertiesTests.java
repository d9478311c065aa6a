package dev.starling.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.starling.setting.ChannelRules;
import java.time.Duration;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.util.unit.DataSize;

@ExtendWith(OutputCaptureExtension.class)
class PropertiesTests {

    private final ApplicationContextRunner runner =
            new ApplicationContextRunner().withUserConfiguration(Properties.class);

    @EnableConfigurationProperties({
        SecurityProperties.class,
        LimitsProperties.class,
        ChannelRules.class,
    })
    static class Properties {}

    @Test
    void defaultsNeedNothing() {
        runner.run(context -> {
            LimitsProperties limits = context.getBean(LimitsProperties.class);
            assertThat(limits.maxMessageSize()).isEqualTo(DataSize.ofKilobytes(64));
            assertThat(limits.maxSubscriptions()).isEqualTo(128);
            assertThat(limits.maxBacklog()).isEqualTo(DataSize.ofMegabytes(1));
            assertThat(limits.firstFrameTimeout()).isZero();
            SecurityProperties security = context.getBean(SecurityProperties.class);
            assertThat(security.jwt().secretBytes()).isNull();
            assertThat(security.trustedProxies()).isEmpty();
            assertThat(security.allowedOrigins()).isEmpty();
            assertThat(security.tokenGrace()).isEqualTo(Duration.ofSeconds(25));
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "max-message-size=128B",
                "max-message-size=16MB",
                "max-channel-length=1",
                "max-channel-length=255",
                "channel-alphabet=a",
                "max-subscriptions=0",
                "max-connections=0",
                "max-connections-per-ip=0",
                "max-connections-per-user=0",
                "connect-rate=0",
                "message-rate=0",
                "message-burst=1",
                "max-rate-violations=0",
                "max-malformed=0",
                "first-frame-timeout=1h",
                "handshake-timeout=0s",
                "handshake-timeout=10m",
                "max-backlog=0",
                "max-backlog=1KB",
                "send-buffer=0",
                "send-buffer=1KB",
            })
    void valueAtTheEdgeIsTaken(String property) {
        runner.withPropertyValues("starling.limits." + property)
                .run(context -> assertThat(context).hasNotFailed());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "limits.max-message-size | 127B | between 128B and",
                "limits.max-message-size | 17MB | between 128B and",
                "limits.max-channel-length | 0 | between 1 and 255",
                "limits.max-channel-length | 256 | between 1 and 255",
                "limits.channel-alphabet | z-a | [ ]",
                "limits.channel-alphabet | { | at least one",
                "limits.max-subscriptions | -1 | between 0 and",
                "limits.max-connections | -1 | between 0 and",
                "limits.max-connections-per-ip | -1 | between 0 and",
                "limits.max-connections-per-user | -1 | between 0 and",
                "limits.connect-rate | -1 | between 0 and",
                "limits.message-rate | 1000001 | 1000000",
                "limits.message-burst | 0 | between 1 and",
                "limits.max-rate-violations | -1 | between 0 and",
                "limits.max-malformed | -1 | between 0 and",
                "limits.first-frame-timeout | -1s | between 0s and 1h",
                "limits.first-frame-timeout | 3601s | between 0s and 1h",
                "limits.handshake-timeout | 601s | between 0s and 10m",
                "limits.max-backlog | 1023B | 0 or between",
                "limits.send-buffer | 65MB | 0 or between",
                "security.token-grace | -1s | between 0s and 10m",
                "security.token-grace | 601s | between 0s and 10m",
            })
    void valueBeyondTheEdgeNamesPropertyValueAndRange(String property, String value, String allowed) {
        runner.withPropertyValues("starling." + property + "=" + value)
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .hasMessageContaining("starling." + property)
                        .hasMessageContaining(value.replaceAll("[A-Z]+$", ""))
                        .hasMessageContaining(allowed));
    }

    @ParameterizedTest
    @CsvSource({
        "trusted-proxies, proxy.example",
        "trusted-proxies, 10.0.0.0/99",
        "allowed-origins, app.example",
    })
    void wrongEntryOfAListIsNamed(String property, String value) {
        runner.withPropertyValues("starling.security." + property + "=10.0.0.1," + value)
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .hasMessageContaining("starling.security." + property + "[")
                        .hasMessageContaining(" must be "));
    }

    @Test
    void secretHas32BytesAtLeast() {
        runner.withPropertyValues("starling.security.jwt.secret=" + "é".repeat(16))
                .run(context -> assertThat(context).hasNotFailed());
        runner.withPropertyValues("starling.security.jwt.secret=" + "x".repeat(31))
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .hasMessageContaining("starling.security.jwt.secret has 31 bytes")
                        .hasMessageContaining("32"));
    }

    @Test
    void failedStartTellsTheRangeAndNeverTheSecret(CapturedOutput output) {
        assertThatThrownBy(() -> start("--starling.security.jwt.secret=hunter2-is-short"))
                .isNotNull();
        assertThat(output)
                .contains("APPLICATION FAILED TO START", "starling.security.jwt.secret has 16 bytes")
                .doesNotContain("hunter2");
    }

    @Test
    void failedStartTellsThePropertyReadably(CapturedOutput output) {
        assertThatThrownBy(() -> start("--starling.limits.message-burst=0")).isNotNull();
        assertThat(output)
                .contains(
                        "APPLICATION FAILED TO START",
                        "starling.limits.message-burst is 0, but must be between 1 and 1000000");
    }

    @Test
    void textOfThePropertiesDoesNotShowTheSecret() {
        runner.withPropertyValues("starling.security.jwt.secret=" + TestTokens.SECRET)
                .run(context -> assertThat(
                                context.getBean(SecurityProperties.class).toString())
                        .doesNotContain(TestTokens.SECRET));
    }

    @Test
    void wrongAccessTellsTheChoices(CapturedOutput output) {
        assertThatThrownBy(() -> start("--starling.channels[0].pattern=a", "--starling.channels[0].publish=all"))
                .isNotNull();
        assertThat(output.toString().toLowerCase(Locale.ROOT))
                .contains("starling.channels[0].publish", "\"all\"", "anyone", "token", "nobody");
    }

    @Test
    void alphabetHasOnlyCharactersThatTheProtocolAllows() {
        LimitsProperties limits = TestLimits.of("channel-alphabet=\\x00-\\x7f");
        assertThat(limits.channelCharacters().get('a')).isTrue();
        for (char c : " \"*{}\\\n".toCharArray()) {
            assertThat(limits.channelCharacters().get(c)).isFalse();
        }
        assertThat(TestLimits.of("channel-alphabet=a-c").channelCharacters().cardinality())
                .isEqualTo(3);
    }

    private static void start(String... arguments) {
        new SpringApplicationBuilder(Properties.class)
                .web(WebApplicationType.NONE)
                .run(arguments)
                .close();
    }
}
