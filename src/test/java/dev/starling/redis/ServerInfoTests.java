package dev.starling.redis;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class ServerInfoTests {

    @Test
    void aMasterSaysWhoseHistoryItContinues() {
        assertThat(ServerInfo.of("# Replication\r\nrole:master\r\nconnected_slaves:0\r\nmaster_replid:8f2a0b\r\n"))
                .isEqualTo(new ServerInfo(false, "8f2a0b"));
    }

    @Test
    void aReplicaSaysThatItIsOne() {
        assertThat(ServerInfo.of("role:slave\r\nmaster_host:10.0.0.1\r\nmaster_replid:8f2a0b\r\n"))
                .isEqualTo(new ServerInfo(true, "8f2a0b"));
    }

    @Test
    void oneThatSaysNothingIsNoReplica() {
        assertThat(ServerInfo.of("")).isEqualTo(ServerInfo.UNKNOWN);
    }
}
