package dev.starling.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.boot.reactor.netty.NettyServerCustomizer;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;

/** With all that may log about a request at its most talkative, and the access log on. */
@ExtendWith(OutputCaptureExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SecretsInLogsIT {

    private static final String[] TALKATIVE = {
        "org.springframework.web",
        "org.springframework.http",
        "org.springframework.security",
        "org.springframework.boot",
        "reactor.netty.http.server",
        "io.netty.handler",
        "dev.starling",
    };

    private final String token = TestTokens.valid();
    private final String signature = token.substring(token.lastIndexOf('.') + 1);

    @SuppressWarnings("NullAway.Init")
    private RunningServer server;

    static class AccessLog {
        @Bean
        NettyServerCustomizer accessLog() {
            return http -> http.accessLog(true);
        }
    }

    @BeforeAll
    void start() {
        server = new RunningServer(AccessLog.class, "--starling.security.jwt.secret=" + TestTokens.SECRET);
        setLevels(LogLevel.TRACE);
    }

    @AfterAll
    void stop() {
        setLevels(null);
        server.close();
    }

    @Test
    void queryTokenWorksAndIsInNoLog(CapturedOutput output) throws Exception {
        assertThat(request("GET /ws?x=1&access_token=" + token + "&y=2")).contains("200 OK", "alice");
        awaitAccessLog(output, 1);
        assertThat(output).contains("GET /ws?x=1&y=2").doesNotContain(signature);
    }

    @Test
    void tokensInHeadersAreInNoLog(CapturedOutput output) throws Exception {
        assertThat(request("GET /ws", "Authorization: Bearer " + token)).contains("200 OK");
        assertThat(request("GET /ws", "Sec-WebSocket-Protocol: starling.v1, bearer." + token))
                .contains("200 OK");
        awaitAccessLog(output, 2);
        assertThat(output).doesNotContain(signature);
    }

    @Test
    void refusedTokensAreInNoLog(CapturedOutput output) throws Exception {
        String expired = TestTokens.hs256(claims -> claims.expirationTime(TestTokens.in(-90)));
        for (String bad : new String[] {expired, "garbage-" + signature, "a.b." + signature, signature + "%zz"}) {
            assertThat(request("GET /ws?access_token=" + bad)).contains("401 Unauthorized", "invalid_token");
        }
        assertThat(request("GET /nothing?access_token=" + token)).contains("404 Not Found");
        awaitAccessLog(output, 5);
        assertThat(output).doesNotContain(signature, expired.substring(expired.lastIndexOf('.') + 1));
    }

    @Test
    void badEncodingIsTheClientsFaultAndNoTrace(CapturedOutput output) throws Exception {
        setLevels(LogLevel.INFO);
        assertThat(request("GET /ws?x=%zz&access_token=" + token)).containsAnyOf("400 Bad Request", "401 Unauthorized");
        assertThat(request("GET /ws?access_token=%zz")).contains("401 Unauthorized");
        assertThat(request("GET /ws?access_token=" + token + "%0d%0aX: y")).containsAnyOf("400", "401");
        setLevels(LogLevel.TRACE);
        assertThat(output).doesNotContain("\tat ", signature);
    }

    /** The access log comes after the response; the other logs come before. */
    private static void awaitAccessLog(CapturedOutput output, int lines) {
        await().atMost(Duration.ofSeconds(10))
                .until(() -> output.toString().split(" HTTP/1\\.1\" ", -1).length > lines);
    }

    private static void setLevels(@Nullable LogLevel level) {
        LoggingSystem system = LoggingSystem.get(SecretsInLogsIT.class.getClassLoader());
        for (String logger : TALKATIVE) {
            system.setLogLevel(logger, level);
        }
    }

    private String request(String start, String... headers) throws Exception {
        try (Socket socket = new Socket("localhost", server.port())) {
            socket.setSoTimeout(10_000);
            OutputStream out = socket.getOutputStream();
            String request = start + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                    + String.join(
                            "", Arrays.stream(headers).map(h -> h + "\r\n").toList()) + "\r\n";
            out.write(request.getBytes(StandardCharsets.UTF_8));
            out.flush();
            InputStream in = socket.getInputStream();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
