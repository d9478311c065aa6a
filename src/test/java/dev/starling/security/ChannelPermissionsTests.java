package dev.starling.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.protocol.ChannelName;
import dev.starling.protocol.ChannelPattern;
import dev.starling.security.ChannelAccessProperties.Access;
import dev.starling.security.ChannelAccessProperties.ChannelRule;
import java.util.Arrays;
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
        ChannelPermissions permissions = rules(new ChannelRule("chat:*", Access.TOKEN, Access.TOKEN));
        assertThat(permissions.maySubscribe(token("chat:*", "news"), CHAT)).isTrue();
        assertThat(permissions.mayPublish(token("chat:*", "news"), CHAT)).isFalse();
        assertThat(permissions.mayPublish(token("news", "chat:1"), CHAT)).isTrue();
        assertThat(permissions.maySubscribe(token("news", "chat:1"), CHAT)).isFalse();
    }

    @Test
    void anyoneNeedsNoClaim() {
        ChannelPermissions permissions = rules(new ChannelRule("chat:*", Access.ANYONE, Access.TOKEN));
        assertThat(permissions.maySubscribe(NOTHING, CHAT)).isTrue();
        assertThat(permissions.mayPublish(NOTHING, CHAT)).isFalse();
    }

    @Test
    void nobodyMeansNobody() {
        ChannelPermissions permissions = rules(new ChannelRule("chat:*", Access.ANYONE, Access.NOBODY));
        assertThat(permissions.mayPublish(EVERYTHING, CHAT)).isFalse();
    }

    @Test
    void firstRuleDecides() {
        ChannelRule closed = new ChannelRule("chat:1", Access.NOBODY, Access.NOBODY);
        ChannelRule open = new ChannelRule("chat:*", Access.ANYONE, Access.ANYONE);
        assertThat(rules(closed, open).maySubscribe(EVERYTHING, CHAT)).isFalse();
        assertThat(rules(open, closed).maySubscribe(NOTHING, CHAT)).isTrue();
    }

    @Test
    void ruleForOwnChannelsIsForOwnChannels() {
        ChannelPermissions permissions = rules(
                new ChannelRule("inbox:{user}", Access.ANYONE, Access.NOBODY),
                new ChannelRule("inbox:*", Access.NOBODY, Access.NOBODY));
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

    private static ChannelPermissions rules(ChannelRule... rules) {
        return new ChannelPermissions(Arrays.asList(rules));
    }

    private static VerifiedToken token(String subscribe, String publish) {
        return new VerifiedToken(
                "alice", null, 0, List.of(new ChannelPattern(subscribe)), List.of(new ChannelPattern(publish)));
    }
}
