package dev.starling.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.protocol.ChannelName;
import dev.starling.protocol.ChannelPattern;
import dev.starling.setting.TestRules;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChannelPermissionsTests {

    private static final ChannelName CHAT = new ChannelName("chat:1");
    private static final VerifiedToken NOTHING = new VerifiedToken("alice", null, 0, List.of(), List.of());
    private static final VerifiedToken EVERYTHING = token("*", "*");

    @Test
    void withoutRulesTheTokenDecides() {
        ChannelPermissions permissions = rules();
        assertThat(permissions.maySubscribe(NOTHING, CHAT)).isFalse();
        assertThat(permissions.mayPublish(NOTHING, CHAT)).isFalse();
        assertThat(permissions.maySubscribe(EVERYTHING, CHAT)).isTrue();
        assertThat(permissions.mayPublish(EVERYTHING, CHAT)).isTrue();
    }

    @Test
    void claimsGrantSubscribingAndPublishingSeparately() {
        ChannelPermissions permissions = rules("chat:* subscribe=token publish=token");
        assertThat(permissions.maySubscribe(token("chat:*", "news"), CHAT)).isTrue();
        assertThat(permissions.mayPublish(token("chat:*", "news"), CHAT)).isFalse();
        assertThat(permissions.mayPublish(token("news", "chat:1"), CHAT)).isTrue();
        assertThat(permissions.maySubscribe(token("news", "chat:1"), CHAT)).isFalse();
    }

    @Test
    void anyoneNeedsNoClaim() {
        ChannelPermissions permissions = rules("chat:* subscribe=anyone publish=token");
        assertThat(permissions.maySubscribe(NOTHING, CHAT)).isTrue();
        assertThat(permissions.mayPublish(NOTHING, CHAT)).isFalse();
    }

    @Test
    void nobodyMeansNobody() {
        ChannelPermissions permissions = rules("chat:* subscribe=anyone publish=nobody");
        assertThat(permissions.mayPublish(EVERYTHING, CHAT)).isFalse();
    }

    @Test
    void firstRuleDecides() {
        String closed = "chat:1 subscribe=nobody publish=nobody";
        String open = "chat:* subscribe=anyone publish=anyone";
        assertThat(rules(closed, open).maySubscribe(EVERYTHING, CHAT)).isFalse();
        assertThat(rules(open, closed).maySubscribe(NOTHING, CHAT)).isTrue();
    }

    @Test
    void ruleForOwnChannelsIsForOwnChannels() {
        ChannelPermissions permissions =
                rules("inbox:{user} subscribe=anyone publish=nobody", "inbox:* subscribe=nobody publish=nobody");
        assertThat(permissions.maySubscribe(NOTHING, new ChannelName("inbox:alice")))
                .isTrue();
        assertThat(permissions.maySubscribe(EVERYTHING, new ChannelName("inbox:bob")))
                .isFalse();
    }

    @Test
    void claimMayNameTheUser() {
        VerifiedToken token = token("inbox:{user}", "none");
        assertThat(rules().maySubscribe(token, new ChannelName("inbox:alice"))).isTrue();
        assertThat(rules().maySubscribe(token, new ChannelName("inbox:bob"))).isFalse();
    }

    private static ChannelPermissions rules(String... rules) {
        return new ChannelPermissions(TestRules.of(rules));
    }

    private static VerifiedToken token(String subscribe, String publish) {
        return new VerifiedToken(
                "alice", null, 0, List.of(new ChannelPattern(subscribe)), List.of(new ChannelPattern(publish)));
    }
}
