package dev.starling.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.redis.RedisServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A real Redis, started by the command that {@code docker-compose.yml} has for it. */
@DisabledOnOs(OS.WINDOWS)
class ComposeRedisIT {

    private static final String PASSWORD = "0123456789abcdef0123456789abcdef";

    @Test
    void asksForThePasswordAndShowsItToNobody(@TempDir Path directory) throws Exception {
        int port = ServerLaunch.freePort();
        Path program = directory.resolve("redis-server");
        Path arguments = directory.resolve("arguments");
        Files.writeString(
                program,
                "#!/bin/sh\necho \"$@\" > %s\nexec %s --port %d --dir %s \"$@\"\n"
                        .formatted(arguments, RedisServer.program(), port, directory));
        assertThat(program.toFile().setExecutable(true)).isTrue();
        List<String> command = ComposeFile.read()
                .service("redis")
                .required("command")
                .valueStream()
                .map(word -> word.asString().replace("$$", "$"))
                .toList();

        try (NodeRuntime.Script redis = NodeRuntime.start(
                directory, Map.of("PATH", directory + ":/usr/bin:/bin", "REDISCLI_AUTH", PASSWORD), command)) {
            Awaitility.await("listens")
                    .atMost(Duration.ofSeconds(20))
                    .ignoreExceptionsInstanceOf(IOException.class)
                    .untilAsserted(() -> assertThat(say(port, "PING"))
                            .as(redis.output().text())
                            .startsWith("-NOAUTH"));

            assertThat(say(port, "AUTH wrong")).startsWith("-WRONGPASS");
            assertThat(say(port, "AUTH " + PASSWORD)).isEqualTo("+OK");
            assertThat(arguments).content().contains("--appendonly yes").doesNotContain(PASSWORD);
            assertThat(redis.output().text()).doesNotContain(PASSWORD);
        }
    }

    private static String say(int port, String line) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(5000);
            socket.getOutputStream().write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
            byte[] answer = new byte[200];
            return new String(answer, 0, socket.getInputStream().read(answer), StandardCharsets.US_ASCII).strip();
        }
    }
}
