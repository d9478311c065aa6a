package dev.starling.security;

import dev.starling.setting.ChannelRules;
import java.security.Principal;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.web.reactive.function.server.RequestPredicates;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;

/**
 * This room alone, with one resource that tells who asks. No configuration by annotation, so that no other test's component scan finds it.
 */
@EnableAutoConfiguration
@EnableConfigurationProperties({
    SecurityProperties.class,
    ApiKeyProperties.class,
    LimitsProperties.class,
    ChannelRules.class,
})
@Import({SecurityConfiguration.class, TokenConfiguration.class, AdmissionConfiguration.class})
class SecurityTestServer {

    /** What every test needs: nothing dials out to a Redis that is not there. */
    static final String[] PROPERTIES = {
        "management.health.redis.enabled=false", "spring.main.banner-mode=off",
    };

    @Bean
    RouterFunction<ServerResponse> whoAmI(
            TokenVerifier verifier, @Value("${starling.websocket.path:/ws}") String path) {
        return RouterFunctions.route(
                RequestPredicates.path(path),
                request -> request.principal()
                        .cast(Principal.class)
                        .map(verifier::of)
                        .flatMap(token -> ServerResponse.ok().bodyValue(token.user())));
    }
}
