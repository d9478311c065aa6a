package dev.starling.security;

import dev.starling.setting.TestRules;

/** Permissions for the tests of other rooms. */
public final class TestPermissions {

    private TestPermissions() {}

    /** No rule: what a token grants is what it may. */
    public static ChannelPermissions none() {
        return new ChannelPermissions(TestRules.of());
    }
}
