package dev.starling.security;

import java.util.Objects;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.security.oauth2.server.resource.autoconfigure.OAuth2ResourceServerProperties;
import org.springframework.boot.security.oauth2.server.resource.autoconfigure.reactive.JwkSetUriReactiveJwtDecoderBuilderCustomizer;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.http.client.ReactorResourceFactory;
import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.security.oauth2.core.OAuth2TokenValidator;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.ReactiveJwtDecoder;
import org.springframework.security.oauth2.server.resource.authentication.ReactiveJwtAuthenticationConverter;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.netty.http.client.HttpClient;

/** How tokens are verified: with our secret, with Spring's own properties, or with a key made at start. */
@Configuration(proxyBeanMethods = false)
final class TokenConfiguration {

    @Bean
    ApiKeys apiKeys(ApiKeyProperties properties, ObjectProvider<RefusalList> refusals) {
        return new ApiKeys(properties, refusals.getIfAvailable(() -> token -> false));
    }

    @Bean
    TokenVerifier tokenVerifier(
            ReactiveJwtDecoder decoder,
            ObjectProvider<ReactiveJwtAuthenticationConverter> authorities,
            OAuth2ResourceServerProperties properties,
            SecurityProperties security,
            ObjectProvider<RefusalList> refusals,
            Environment environment) {
        return new TokenVerifier(
                decoder,
                authorities.getIfAvailable(ReactiveJwtAuthenticationConverter::new),
                Objects.requireNonNullElse(properties.getJwt().getPrincipalClaimName(), "sub"),
                KeySource.of(environment).isExpensive(),
                security.tokenLife(),
                refusals.getIfAvailable(() -> token -> false));
    }

    @Bean
    @Conditional(KeySource.IsOwn.class)
    ReactiveJwtDecoder tokenDecoder(
            SecurityProperties security,
            OAuth2ResourceServerProperties properties,
            ObjectProvider<OAuth2TokenValidator<Jwt>> validators,
            ObjectProvider<DevelopmentToken> development,
            Environment environment) {
        OAuth2TokenValidator<Jwt> validator = TokenDecoders.validator(
                properties.getJwt().getAudiences(), validators.orderedStream().toList());
        if (KeySource.of(environment) == KeySource.EC_PUBLIC_KEY) {
            return TokenDecoders.ellipticCurve(properties.getJwt(), validator);
        }
        byte[] secret = security.jwt().secretBytes();
        ReactiveJwtDecoder current =
                TokenDecoders.secret(secret == null ? development.getObject().key() : secret, validator);
        byte[] previous = security.jwt().previousSecretBytes();
        return previous == null ? current : TokenDecoders.either(current, TokenDecoders.secret(previous, validator));
    }

    @Bean
    @Conditional(KeySource.IsDevelopment.class)
    DevelopmentToken developmentToken(Environment environment, ServerProperties server, SecurityProperties security) {
        return new DevelopmentToken(environment, server, security.maxTokenLifetime());
    }

    @Bean
    JwkSetUriReactiveJwtDecoderBuilderCustomizer jwkSetCache(ObjectProvider<ReactorResourceFactory> threads) {
        WebClient.Builder client = WebClient.builder().filter(new JwkSetCache());
        // Else the keys would be fetched by event loops of their own, as many again.
        threads.ifAvailable(shared ->
                client.clientConnector(new ReactorClientHttpConnector(shared, TokenConfiguration::withoutPool)));
        return builder -> builder.webClient(client.build());
    }

    /**
     * Each fetch has a connection of its own, since there is one in some seconds at most. A pool would have to be closed
     * before its event loops: if the loops are gone first, Reactor Netty never completes, and the shutdown waits for ever.
     */
    private static HttpClient withoutPool(HttpClient pooled) {
        return HttpClient.newConnection().compress(true);
    }
}
