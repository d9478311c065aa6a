package dev.starling.journey;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A token in the making; not for use by several threads. */
final class Tokens {

    private final JWTClaimsSet.Builder claims = new JWTClaimsSet.Builder();
    private final JWSAlgorithm algorithm;
    private final JWSSigner signer;
    private @Nullable String keyId;

    private Tokens(JWSAlgorithm algorithm, JWSSigner signer) {
        this.algorithm = algorithm;
        this.signer = signer;
        subject("alice").expires(Duration.ofHours(1));
    }

    /** For alice, an hour, with the key of {@link ServerLaunch#with}. */
    static Tokens standard() {
        return secret(ServerLaunch.SECRET.getBytes(StandardCharsets.UTF_8));
    }

    /** The same with another key. */
    static Tokens secret(byte[] key) {
        try {
            return new Tokens(JWSAlgorithm.HS256, new MACSigner(key));
        } catch (JOSEException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** The same with any key. */
    static Tokens signed(JWSAlgorithm algorithm, JWSSigner signer) {
        return new Tokens(algorithm, signer);
    }

    Tokens subject(String user) {
        claims.subject(user);
        return this;
    }

    Tokens expires(Duration fromNow) {
        claims.expirationTime(Date.from(Instant.now().plus(fromNow)));
        return this;
    }

    /** Without an expiry. */
    Tokens forever() {
        claims.expirationTime(null);
        return this;
    }

    Tokens notBefore(Duration fromNow) {
        claims.notBeforeTime(Date.from(Instant.now().plus(fromNow)));
        return this;
    }

    /** Channel patterns that the user may subscribe to. */
    Tokens channels(String... patterns) {
        claims.claim("channels", List.of(patterns));
        return this;
    }

    /** Channel patterns that the user may publish to. */
    Tokens publish(String... patterns) {
        claims.claim("publish", List.of(patterns));
        return this;
    }

    /** What the token itself is called. */
    Tokens id(String id) {
        claims.jwtID(id);
        return this;
    }

    Tokens scope(String scope) {
        claims.claim("scope", scope);
        return this;
    }

    Tokens audience(String audience) {
        claims.audience(audience);
        return this;
    }

    Tokens issuer(String issuer) {
        claims.issuer(issuer);
        return this;
    }

    Tokens keyId(String id) {
        keyId = id;
        return this;
    }

    /** The token as it goes over the wire. */
    String sign() {
        try {
            JWSHeader header = new JWSHeader.Builder(algorithm)
                    .type(JOSEObjectType.JWT)
                    .keyID(keyId)
                    .build();
            SignedJWT token = new SignedJWT(header, claims.build());
            token.sign(signer);
            return token.serialize();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The same claims, without a signature, under {@code alg: none}. */
    String unsigned() {
        Base64.Encoder encoder = Base64.getUrlEncoder().withoutPadding();
        String header = encoder.encodeToString("{\"alg\":\"none\"}".getBytes(StandardCharsets.UTF_8));
        return header + "." + encoder.encodeToString(claims.build().toString().getBytes(StandardCharsets.UTF_8)) + ".";
    }
}
