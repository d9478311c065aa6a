package dev.starling.security;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.proc.SingleKeyJWSKeySelector;
import com.nimbusds.jwt.JWT;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.interfaces.ECPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.security.oauth2.server.resource.autoconfigure.OAuth2ResourceServerProperties;
import org.springframework.security.oauth2.core.OAuth2TokenValidator;
import org.springframework.security.oauth2.jose.jws.MacAlgorithm;
import org.springframework.security.oauth2.jwt.BadJwtException;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtClaimNames;
import org.springframework.security.oauth2.jwt.JwtClaimValidator;
import org.springframework.security.oauth2.jwt.JwtValidationException;
import org.springframework.security.oauth2.jwt.JwtValidators;
import org.springframework.security.oauth2.jwt.NimbusReactiveJwtDecoder;
import org.springframework.security.oauth2.jwt.ReactiveJwtDecoder;
import reactor.core.publisher.Mono;

/** The decoders for keys that Spring Boot makes none for. Each takes exactly one algorithm, whatever a token claims. */
final class TokenDecoders {

    private TokenDecoders() {}

    /** For HS256 with a shared secret. */
    static NimbusReactiveJwtDecoder secret(byte[] secret, OAuth2TokenValidator<Jwt> validator) {
        NimbusReactiveJwtDecoder decoder = NimbusReactiveJwtDecoder.withSecretKey(
                        new SecretKeySpec(secret, "HmacSHA256"))
                .macAlgorithm(MacAlgorithm.HS256)
                .build();
        decoder.setJwtValidator(validator);
        return decoder;
    }

    /** For HS256 while the secret is changed: what is not signed with the one may be signed with the other. */
    static ReactiveJwtDecoder either(ReactiveJwtDecoder current, ReactiveJwtDecoder previous) {
        return token -> current.decode(token)
                .onErrorResume(
                        TokenDecoders::isSignature,
                        refused ->
                                previous.decode(token).onErrorMap(TokenDecoders::isSignature, alsoRefused -> refused));
    }

    /** Whether a token was not even looked at: one with a good signature is refused for what it says. */
    private static boolean isSignature(Throwable refused) {
        return refused instanceof BadJwtException && !(refused instanceof JwtValidationException);
    }

    /** For ES256, ES384 or ES512 with the public key at {@code public-key-location} (PEM, X.509). */
    static NimbusReactiveJwtDecoder ellipticCurve(
            OAuth2ResourceServerProperties.Jwt properties, OAuth2TokenValidator<Jwt> validator) {
        ECPublicKey key = readKey(properties);
        DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();
        processor.setJWSKeySelector(new SingleKeyJWSKeySelector<>(algorithm(properties, key), key));
        // Type and claims are for the validator, as with Spring's own decoders.
        processor.setJWSTypeVerifier((type, context) -> {});
        processor.setJWTClaimsSetVerifier((claims, context) -> {});
        NimbusReactiveJwtDecoder decoder =
                new NimbusReactiveJwtDecoder(jwt -> Mono.fromCallable(() -> process(processor, jwt)));
        decoder.setJwtValidator(validator);
        return decoder;
    }

    /** What holds for every token: times and type, the configured audiences, and what the application adds. */
    static OAuth2TokenValidator<Jwt> validator(List<String> audiences, List<OAuth2TokenValidator<Jwt>> more) {
        List<OAuth2TokenValidator<Jwt>> validators = new ArrayList<>(more);
        if (!audiences.isEmpty()) {
            validators.add(new JwtClaimValidator<@Nullable List<String>>(
                    JwtClaimNames.AUD, claim -> claim != null && !Collections.disjoint(claim, audiences)));
        }
        return validators.isEmpty()
                ? JwtValidators.createDefault()
                : JwtValidators.createDefaultWithValidators(validators);
    }

    private static JWTClaimsSet process(DefaultJWTProcessor<SecurityContext> processor, JWT jwt) {
        try {
            return processor.process(jwt, null);
        } catch (BadJOSEException | JOSEException e) {
            throw new BadJwtException("Failed to validate the token", e);
        }
    }

    private static JWSAlgorithm algorithm(OAuth2ResourceServerProperties.Jwt properties, ECPublicKey key) {
        String property = KeySource.SPRING_PREFIX + "jws-algorithms";
        List<String> algorithms = properties.getJwsAlgorithms();
        if (algorithms.size() != 1) {
            throw new InvalidConfigurationPropertyValueException(
                    property, algorithms, "With a public key there must be one algorithm");
        }
        JWSAlgorithm algorithm = JWSAlgorithm.parse(algorithms.get(0));
        try {
            if (new ECDSAVerifier(key).supportedJWSAlgorithms().contains(algorithm)) {
                return algorithm;
            }
        } catch (JOSEException e) {
            throw new InvalidConfigurationPropertyValueException(
                    KeySource.SPRING_PREFIX + "public-key-location",
                    properties.getPublicKeyLocation(),
                    "The curve of the key is not supported");
        }
        throw new InvalidConfigurationPropertyValueException(
                property, algorithm.getName(), "The key is on another curve than the algorithm takes");
    }

    private static ECPublicKey readKey(OAuth2ResourceServerProperties.Jwt properties) {
        try {
            String base64 = properties.readPublicKey().replaceAll("-----(BEGIN|END) PUBLIC KEY-----", "");
            X509EncodedKeySpec spec =
                    new X509EncodedKeySpec(Base64.getMimeDecoder().decode(base64));
            return (ECPublicKey) KeyFactory.getInstance("EC").generatePublic(spec);
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            throw new InvalidConfigurationPropertyValueException(
                    KeySource.SPRING_PREFIX + "public-key-location",
                    properties.getPublicKeyLocation(),
                    "It has no EC public key in PEM (BEGIN PUBLIC KEY)");
        }
    }
}
