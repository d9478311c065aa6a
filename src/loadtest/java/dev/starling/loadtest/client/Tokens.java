package dev.starling.loadtest.client;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** What connections authenticate with: nothing, one token for all, or one signed for each user. Thread-safe. */
public final class Tokens {

    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();
    private static final Duration VALID = Duration.ofDays(2);

    private final @Nullable String fixed;
    private final @Nullable Mac mac;

    private Tokens(@Nullable String fixed, @Nullable Mac mac) {
        this.fixed = fixed;
        this.mac = mac;
    }

    /** The same for everybody; null for none. */
    public static Tokens fixed(@Nullable String token) {
        return new Tokens(token, null);
    }

    /**
     * Signed with HS256, for all channels.
     *
     * @throws IllegalArgumentException if the secret has fewer than 32 bytes
     */
    public static Tokens signed(String secret) {
        byte[] key = secret.getBytes(StandardCharsets.UTF_8);
        if (key.length < 32) {
            throw new IllegalArgumentException("--secret must have at least 32 bytes");
        }
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return new Tokens(null, mac);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HmacSHA256", e);
        }
    }

    /** The token of a user; null if connections have none. */
    public synchronized @Nullable String of(int user) {
        Mac signer = mac;
        if (signer == null) {
            return fixed;
        }
        String head = encoded("{\"alg\":\"HS256\",\"typ\":\"JWT\"}");
        String body = encoded(
                "{\"sub\":\"load-" + user + "\",\"channels\":[\"*\"],\"publish\":[\"*\"],\"scope\":\"ops\",\"exp\":"
                        + Instant.now().plus(VALID).getEpochSecond() + "}");
        String signed = head + "." + body;
        return signed + "." + BASE64.encodeToString(signer.doFinal(signed.getBytes(StandardCharsets.US_ASCII)));
    }

    private static String encoded(String json) {
        return BASE64.encodeToString(json.getBytes(StandardCharsets.UTF_8));
    }
}
