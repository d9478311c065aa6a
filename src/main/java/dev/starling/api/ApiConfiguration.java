package dev.starling.api;

import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerResponse;

/** Puts together what is served by plain HTTP. */
@Configuration(proxyBeanMethods = false)
final class ApiConfiguration {

    @Bean
    RouterFunction<ServerResponse> pages(ApplicationContext context, ApiProperties properties) {
        return new PageRoutes(
                        context, StaticPages.load(context), properties.console().enabled())
                .routes();
    }
}
