package dev.starling.security;

import org.springframework.boot.actuate.autoconfigure.web.server.ManagementPortType;
import org.springframework.boot.actuate.endpoint.web.WebServerNamespace;
import org.springframework.boot.security.autoconfigure.actuate.web.reactive.EndpointRequest;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.http.HttpMethod;
import org.springframework.security.config.annotation.web.reactive.EnableWebFluxSecurity;
import org.springframework.security.config.observation.SecurityObservationSettings;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.config.web.server.ServerHttpSecurity.AuthorizeExchangeSpec;
import org.springframework.security.config.web.server.ServerHttpSecurity.CsrfSpec;
import org.springframework.security.config.web.server.ServerHttpSecurity.FormLoginSpec;
import org.springframework.security.config.web.server.ServerHttpSecurity.HeaderSpec;
import org.springframework.security.config.web.server.ServerHttpSecurity.HttpBasicSpec;
import org.springframework.security.config.web.server.ServerHttpSecurity.LogoutSpec;
import org.springframework.security.config.web.server.ServerHttpSecurity.RequestCacheSpec;
import org.springframework.security.web.server.SecurityWebFilterChain;
import org.springframework.security.web.server.context.NoOpServerSecurityContextRepository;
import org.springframework.security.web.server.firewall.ServerWebExchangeFirewall;

/**
 * Who may send which request. There are no sessions, cookies or forms: each request brings a token, or is refused. Health, the pages
 * for browsers and what describes the API are open; in the API who publishes needs the scope {@code publish}, who reads channels {@code read}, and all else of it, as the
 * rest of Actuator, {@code ops}; on a management port of its own, which only operators reach, what a scraper reads is open, too. The filters of this context serve the management port as well.
 */
@Configuration(proxyBeanMethods = false)
@EnableWebFluxSecurity
final class SecurityConfiguration {

    private static final String OPS = "SCOPE_ops";
    private static final String READ = "SCOPE_read";
    private static final String PUBLISH = "SCOPE_publish";

    private static final String[] CHANNELS = {"/api/channels", "/api/channels/**"};

    /** They hold no secret: what they show, they ask for with a token. */
    private static final String[] PAGES = {"/client/**", "/console/**", "/api/openapi.yaml", "/api/asyncapi.yaml"};

    @Bean
    SecurityWebFilterChain securityWebFilterChain(
            ServerHttpSecurity http,
            TokenVerifier verifier,
            ApiKeys keys,
            SecurityProblems problems,
            Environment environment) {
        return http.securityContextRepository(NoOpServerSecurityContextRepository.getInstance())
                .csrf(CsrfSpec::disable)
                .httpBasic(HttpBasicSpec::disable)
                .formLogin(FormLoginSpec::disable)
                .logout(LogoutSpec::disable)
                .requestCache(RequestCacheSpec::disable)
                .headers(HeaderSpec::disable)
                .exceptionHandling(
                        handling -> handling.authenticationEntryPoint(problems).accessDeniedHandler(problems))
                .oauth2ResourceServer(
                        server -> server.bearerTokenConverter(new ApiKeyConverter(new UpgradeTokenConverter()))
                                .authenticationEntryPoint(problems)
                                .authenticationFailureHandler(problems)
                                .accessDeniedHandler(problems)
                                .jwt(jwt -> jwt.authenticationManager(new TokenAuthenticator(verifier, keys))))
                .authorizeExchange(exchanges -> authorize(exchanges, environment))
                .build();
    }

    private static void authorize(AuthorizeExchangeSpec exchanges, Environment environment) {
        exchanges
                .matchers(
                        EndpointRequest.to("health"),
                        EndpointRequest.toAdditionalPaths(WebServerNamespace.SERVER, "health"))
                .permitAll();
        if (ManagementPortType.get(environment) == ManagementPortType.DIFFERENT) {
            exchanges
                    .matchers(EndpointRequest.to("info", "metrics", "prometheus"))
                    .permitAll();
        }
        exchanges
                .matchers(EndpointRequest.toAnyEndpoint())
                .hasAuthority(OPS)
                .pathMatchers(PAGES)
                .permitAll()
                .pathMatchers("/api/node", "/api/channels/*/events")
                .authenticated()
                .pathMatchers(HttpMethod.POST, "/api/messages", "/api/channels/*/messages")
                .hasAuthority(PUBLISH)
                .pathMatchers(HttpMethod.GET, CHANNELS)
                .hasAuthority(READ)
                .pathMatchers(HttpMethod.HEAD, CHANNELS)
                .hasAuthority(READ)
                .pathMatchers("/api/**")
                .hasAuthority(OPS)
                .pathMatchers(environment.getProperty("starling.websocket.path", "/ws"))
                .authenticated()
                .anyExchange()
                .permitAll(); // nothing is there
    }

    @Bean
    SecurityProblems securityProblems(UpgradeRefusals refusals) {
        return new SecurityProblems(refusals);
    }

    @Bean
    ApiDoor apiDoor(TokenVerifier verifier, ApiKeys keys, SecurityProblems problems) {
        return new ApiDoor(
                new ApiKeyConverter(new UpgradeTokenConverter()), new TokenAuthenticator(verifier, keys), problems);
    }

    @Bean
    StandardHeaders standardHeaders() {
        return new StandardHeaders();
    }

    @Bean
    StrictPaths strictPaths() {
        return new StrictPaths();
    }

    @Bean
    static StrictBasePath strictBasePath(Environment environment) {
        return StrictBasePath.of(environment.getProperty("spring.webflux.base-path", ""));
    }

    /** {@link StrictPaths} refuses what this would, before anything else decides by the path. */
    @Bean
    ServerWebExchangeFirewall firewall() {
        return ServerWebExchangeFirewall.INSECURE_NOOP;
    }

    /** An observation of each filter for each request costs more than the filters. */
    @Bean
    static SecurityObservationSettings securityObservationSettings() {
        return SecurityObservationSettings.noObservations();
    }
}
