package dev.starling.redis.link;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class ServerInfoTests {

    @Test
    void onlyAServerThatSaysSoIsAReplica() {
        assertThat(ServerInfo.of("role:slave\r\nmaster_host:10.0.0.1\r\n").isReplica())
                .isTrue();
        assertThat(ServerInfo.of("# Replication\r\nrole:master\r\nslave0:ip=10.0.0.2,role:slave\r\n"))
                .isEqualTo(new ServerInfo(false));
        assertThat(ServerInfo.of("")).isEqualTo(ServerInfo.UNKNOWN);
    }
}
