package dev.starling.security;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.web.server.Ssl;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.boot.web.server.context.WebServerInitializedEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.core.env.Environment;

/**
 * What a node without a configured key does instead of being open: it makes a signing key at start, signs one token with it, and prints
 * the token when it serves. Key and token die with the process.
 */
final class DevelopmentToken implements ApplicationListener<WebServerInitializedEvent> {

    private static final Logger log = LoggerFactory.getLogger(DevelopmentToken.class);
    private static final Duration LONGEST = Duration.ofHours(24);

    private final byte[] key = new byte[32];
    private final Environment environment;
    private final ServerProperties server;
    private final Duration valid;

    /** @param bound how long a token may be valid; zero = no bound */
    DevelopmentToken(Environment environment, ServerProperties server, Duration bound) {
        new SecureRandom().nextBytes(key);
        this.environment = environment;
        this.server = server;
        this.valid = bound.isZero() || bound.compareTo(LONGEST) > 0 ? LONGEST : bound;
    }

    byte[] key() {
        return key.clone();
    }

    /** Prints the token once the main server, not the one for management, has its port. */
    @Override
    public void onApplicationEvent(WebServerInitializedEvent event) {
        if (event.getApplicationContext().getServerNamespace() == null) {
            Instant expiry = Instant.now().plus(valid).truncatedTo(ChronoUnit.SECONDS);
            log.warn(text(base(event.getWebServer().getPort()), sign(expiry), expiry));
        }
    }

    /** What follows {@code http} or {@code ws} in the address of everything on this node. */
    private String base(int port) {
        return (Ssl.isEnabled(server.getSsl()) ? "s" : "") + "://localhost:" + port
                + environment.getProperty("spring.webflux.base-path", "");
    }

    private String text(String base, String token, Instant expiry) {
        String socket = "ws" + base + environment.getProperty("starling.websocket.path", "/ws");
        String lines = lines(base, socket, token, expiry);
        return isConsoleThere() ? lines + console(base, token) : lines;
    }

    private boolean isConsoleThere() {
        return environment.getProperty("starling.console.enabled", Boolean.class, true);
    }

    /** What follows the # stays in the browser, and out of all logs but this one. */
    private static String console(String base, String token) {
        return """

                The console of this node, signed in:
                  http%s/console/#token=%s
                """.formatted(base, token);
    }

    private static String lines(String base, String socket, String token, Instant expiry) {
        return """


                No key is configured, so this node made one for development. The token below may do everything, as the
                user "developer". It is valid until %4$s or until the process ends. In production, configure
                starling.security.jwt.secret or spring.security.oauth2.resourceserver.jwt.*, and the node makes no token.

                In each terminal:
                  export TOKEN=%3$s

                In one terminal, listen:
                  curl -N -H "Authorization: Bearer $TOKEN" http%1$s/api/channels/news/events

                In another terminal, publish:
                  curl -H "Authorization: Bearer $TOKEN" -d '{"text":"hello"}' http%1$s/api/channels/news/messages

                Over a WebSocket, with Node.js:
                  npx wscat -c "%2$s" -H "Authorization: Bearer $TOKEN"

                In the console of a browser, on a page of this machine such as http://localhost:
                  ws = new WebSocket("%2$s", ["starling.v1", "bearer.%3$s"])
                """.formatted(base, socket, token, expiry);
    }

    private String sign(Instant expiry) {
        JWTClaimsSet claims = new JWTClaimsSet.Builder()
                .subject("developer")
                .claim("channels", List.of("*"))
                .claim("publish", List.of("*"))
                .claim("scope", "ops read publish")
                .issueTime(Date.from(Instant.now()))
                .expirationTime(Date.from(expiry))
                .build();
        SignedJWT jwt = new SignedJWT(new JWSHeader(JWSAlgorithm.HS256), claims);
        try {
            jwt.sign(new MACSigner(key));
        } catch (JOSEException e) {
            throw new IllegalStateException("HS256 takes any key of 32 bytes", e);
        }
        return jwt.serialize();
    }
}
