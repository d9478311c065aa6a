package dev.starling.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.protocol.ChannelName;
import java.time.Duration;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class DevelopmentTokenIT {

    private static final Pattern TOKEN = Pattern.compile("(?m)^ *export TOKEN=(\\S+)$");

    @Test
    void nodeWithoutKeyPrintsATokenThatWorks(CapturedOutput output) throws Exception {
        try (RunningServer server = new RunningServer(Object.class, "--starling.websocket.path=/socket")) {
            String token = printedToken(output);
            assertThat(output)
                    .contains("npx wscat -c \"ws://localhost:" + server.port() + "/socket\"")
                    .contains("new WebSocket(\"ws://localhost:" + server.port()
                            + "/socket\", [\"starling.v1\", \"bearer." + token + "\"])")
                    .contains("  http://localhost:" + server.port() + "/console/#token=" + token + "\n");
            assertThat(server.get(server.port(), "/socket", token).body()).isEqualTo("developer");
            assertThat(server.get(server.port(), "/socket", "").statusCode()).isEqualTo(401);
            assertThat(server.get(server.port(), "/actuator/metrics", token).statusCode())
                    .isEqualTo(200);

            VerifiedToken verified = Objects.requireNonNull(
                    server.context().getBean(TokenVerifier.class).verify(token).block(Duration.ofSeconds(5)));
            ChannelPermissions permissions = server.context().getBean(ChannelPermissions.class);
            assertThat(permissions.maySubscribe(verified, new ChannelName("any:thing")))
                    .isTrue();
            assertThat(permissions.mayPublish(verified, new ChannelName("any:thing")))
                    .isTrue();
        }
    }

    @Test
    void pathBeforeAllOthersIsInTheLines(CapturedOutput output) {
        try (RunningServer server = new RunningServer(Object.class, "--spring.webflux.base-path=/base")) {
            assertThat(output)
                    .contains("ws://localhost:" + server.port() + "/base/ws\"")
                    .contains("http://localhost:" + server.port() + "/base/console/#token=" + printedToken(output));
        }
    }

    @Test
    void consoleThatIsSwitchedOffHasNoLine(CapturedOutput output) {
        try (RunningServer server = new RunningServer(Object.class, "--starling.console.enabled=false")) {
            assertThat(server.port()).isPositive();
            assertThat(output).contains("npx wscat").doesNotContain("/console/");
        }
    }

    @Test
    void tokenDiesWithTheProcess(CapturedOutput output) throws Exception {
        String token;
        try (RunningServer server = new RunningServer(Object.class)) {
            token = printedToken(output);
            assertThat(server.get(server.port(), "/ws", token).statusCode()).isEqualTo(200);
        }
        try (RunningServer server = new RunningServer(Object.class)) {
            assertThat(server.get(server.port(), "/ws", token).statusCode()).isEqualTo(401);
        }
    }

    @Test
    void isPrintedOnceAlsoWithAManagementPort(CapturedOutput output) {
        try (RunningServer server = new RunningServer(Object.class, "--management.server.port=0")) {
            assertThat(output.toString().split("No key is configured", -1)).hasSize(2);
            assertThat(output).contains("localhost:" + server.port() + "/ws");
        }
    }

    @Test
    void nodeWithAKeyPrintsNone(CapturedOutput output) {
        try (RunningServer server =
                new RunningServer(Object.class, "--starling.security.jwt.secret=" + TestTokens.SECRET)) {
            assertThat(server.port()).isPositive();
            assertThat(output).doesNotContain("No key is configured", "TOKEN=");
        }
    }

    private static String printedToken(CapturedOutput output) {
        Matcher matcher = TOKEN.matcher(output);
        assertThat(matcher.find()).isTrue();
        return matcher.group(1);
    }
}
