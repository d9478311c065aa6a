package dev.starling.security;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Date;
import java.util.function.Consumer;

/** Signs tokens as an issuer, or an attacker, would. */
final class TestTokens {

    static final String SECRET = "a secret of this test, 32 bytes or more";

    private TestTokens() {}

    static String valid() {
        return hs256(claims -> {});
    }

    static String hs256(Consumer<JWTClaimsSet.Builder> change) {
        return hs256(SECRET.getBytes(StandardCharsets.UTF_8), change);
    }

    static String hs256(byte[] key, Consumer<JWTClaimsSet.Builder> change) {
        try {
            return sign(new JWSHeader(JWSAlgorithm.HS256), new MACSigner(key), change);
        } catch (JOSEException e) {
            throw new IllegalArgumentException(e);
        }
    }

    static String sign(JWSHeader header, JWSSigner signer, Consumer<JWTClaimsSet.Builder> change) {
        SignedJWT jwt = new SignedJWT(header, claims(change));
        try {
            jwt.sign(signer);
        } catch (JOSEException e) {
            throw new IllegalArgumentException(e);
        }
        return jwt.serialize();
    }

    static String unsigned(Consumer<JWTClaimsSet.Builder> change) {
        return new PlainJWT(claims(change)).serialize();
    }

    static JWSHeader header(JWSAlgorithm algorithm, String keyId) {
        return new JWSHeader.Builder(algorithm)
                .keyID(keyId)
                .type(JOSEObjectType.JWT)
                .build();
    }

    static Date in(long seconds) {
        return Date.from(Instant.now().plusSeconds(seconds));
    }

    private static JWTClaimsSet claims(Consumer<JWTClaimsSet.Builder> change) {
        JWTClaimsSet.Builder claims =
                new JWTClaimsSet.Builder().subject("alice").issueTime(in(-3600)).expirationTime(in(600));
        change.accept(claims);
        return claims.build();
    }
}
