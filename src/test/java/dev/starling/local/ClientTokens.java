package dev.starling.local;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Signs a token for each client, HS256, a user each: the most that a client can cost. */
final class ClientTokens {

    static final String SECRET = "local-sessions-sign-with-this-secret-of-48-byte!";

    private static final String HEADER =
            encode("{\"alg\":\"HS256\",\"typ\":\"JWT\"}".getBytes(StandardCharsets.US_ASCII));

    private final long expiresSeconds = Instant.now().plus(Duration.ofDays(1)).getEpochSecond();

    String of(int client) {
        String claims = "{\"sub\":\"user-" + client + "\",\"exp\":" + expiresSeconds + "}";
        String signed = HEADER + "." + encode(claims.getBytes(StandardCharsets.US_ASCII));
        return signed + "." + encode(sign(signed));
    }

    private static byte[] sign(String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.US_ASCII), "HmacSHA256"));
            return mac.doFinal(text.getBytes(StandardCharsets.US_ASCII));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String encode(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
