package dev.starling.redis.link;

import dev.starling.journey.SelfSigned;
import dev.starling.redis.RedisServer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Links over TLS, with Spring's SSL bundles. */
final class TlsLinkIT {

    @TempDir
    private Path directory;

    private Path certificate;
    private Path key;

    @BeforeEach
    void makeCertificate() throws Exception {
        certificate = directory.resolve("redis.crt");
        key = directory.resolve("redis.key");
        SelfSigned.make(directory, "redis").write(certificate, key);
    }

    @Test
    void messagesComeThroughTls() {
        try (RedisServer redis = RedisServer.startTls(certificate, key);
                LinkNode node = LinkNode.start(
                        at(redis),
                        "spring.data.redis.ssl.bundle=redis",
                        "spring.ssl.bundle.pem.redis.truststore.certificate=file:" + certificate)) {
            node.links().add("ws:{a}");
            LinkNode.await(() -> node.confirmations("ws:{a}") == 1);
            node.publish("ws:{a}", "sealed");
            LinkNode.await(() -> node.messages().equals(List.of("ws:{a} sealed")));
        }
    }

    @Test
    void strangersCertificateIsRefusedAndSaid() {
        try (RedisServer redis = RedisServer.startTls(certificate, key);
                LinkNode node = LinkNode.begin(at(redis), "spring.data.redis.ssl.enabled=true")) {
            LinkNode.await(() -> node.fault() == RedisFault.TLS_REFUSED);
        }
    }

    private static List<String> at(RedisServer redis) {
        return List.of("spring.data.redis.host=" + RedisServer.HOST, "spring.data.redis.port=" + redis.tlsPort());
    }
}
