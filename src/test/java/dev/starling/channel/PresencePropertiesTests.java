package dev.starling.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.starling.protocol.ChannelName;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.mock.env.MockEnvironment;

final class PresencePropertiesTests {

    @Test
    void noChannelSaysWhoIsInItUnlessItIsAskedTo() {
        PresenceProperties defaults = bind();

        assertThat(defaults.presence()).isEqualTo(new PresenceProperties.Limits(1000, 100));
        assertThat(kind(defaults, "room:1")).isEqualTo(PresenceRules.Kind.NONE);
    }

    @Test
    void theFirstRuleThatMatchesDecides() {
        PresenceProperties properties = bind(
                "starling.channels[0].pattern=room:quiet",
                "starling.channels[1].pattern=room:{user}",
                "starling.channels[1].presence=true",
                "starling.channels[1].join-leave=true",
                "starling.channels[2].pattern=*",
                "starling.channels[2].presence=true",
                "starling.channels[2].history-size=7");

        assertThat(kind(properties, "room:quiet")).isEqualTo(PresenceRules.Kind.NONE);
        assertThat(kind(properties, "room:ann")).isEqualTo(PresenceRules.Kind.ANNOUNCED);
        assertThat(kind(properties, "hall")).isEqualTo(PresenceRules.Kind.KEPT);
    }

    @Test
    void joinAndLeaveNeedPresence() {
        PresenceProperties.PresenceRule rule = new PresenceProperties.PresenceRule("room:*", false, true);

        assertThatThrownBy(() -> new PresenceProperties(List.of(rule), new PresenceProperties.Limits(1, 1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("starling.channels[0].join-leave is true: it needs starling.channels[0].presence"
                        + " to be true, too");
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "5000, 100000"})
    void theLimitsHaveRanges(int members, int changes) {
        assertThat(new PresenceProperties.Limits(members, changes).maxMembers()).isEqualTo(members);
    }

    @ParameterizedTest
    @CsvSource({"-1, max-members, 0 and 5000", "5001, max-members, 0 and 5000"})
    void anotherNumberOfMembersIsRefused(int value, String property, String range) {
        assertRefused(() -> new PresenceProperties.Limits(value, 1), property, value, range);
    }

    @ParameterizedTest
    @CsvSource({
        "0, max-changes-per-second, 1 and 100000",
        "100001, max-changes-per-second, 1 and 100000",
    })
    void anotherNumberOfChangesIsRefused(int value, String property, String range) {
        assertRefused(() -> new PresenceProperties.Limits(1, value), property, value, range);
    }

    private static void assertRefused(Runnable making, String property, int value, String range) {
        assertThatThrownBy(making::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("starling.presence." + property + " is " + value + ", but must be between " + range);
    }

    private static PresenceRules.Kind kind(PresenceProperties properties, String channel) {
        return properties.rules().of(new ChannelName(channel));
    }

    private static PresenceProperties bind(String... properties) {
        MockEnvironment environment = new MockEnvironment();
        for (String property : properties) {
            int equals = property.indexOf('=');
            environment.setProperty(property.substring(0, equals), property.substring(equals + 1));
        }
        return Binder.get(environment).bindOrCreate("starling", PresenceProperties.class);
    }
}
