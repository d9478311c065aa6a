package dev.starling.security;

import java.net.URI;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.ExchangeFilterFunction;
import org.springframework.web.reactive.function.client.ExchangeFunction;
import reactor.core.publisher.Mono;

/**
 * Fetches a key set at most every few seconds, whatever tokens come. The decoder fetches it anew for each token with a key id that it
 * does not know, so that anybody could have us flood the issuer. A new key is known that many seconds later at most. Holds one answer
 * per address, of which there are as many as are configured.
 */
final class JwkSetCache implements ExchangeFilterFunction {

    private static final Duration ANSWER_LIVES = Duration.ofSeconds(5);
    private static final Duration FAILURE_LIVES = Duration.ofSeconds(1);
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private final ConcurrentHashMap<URI, Mono<Answer>> answers = new ConcurrentHashMap<>();

    @Override
    public Mono<ClientResponse> filter(ClientRequest request, ExchangeFunction next) {
        return answers.computeIfAbsent(request.url(), url -> fetch(request, next))
                .map(Answer::response);
    }

    private static Mono<Answer> fetch(ClientRequest request, ExchangeFunction next) {
        return Mono.defer(() -> next.exchange(request))
                .flatMap(response -> response.bodyToMono(String.class)
                        .defaultIfEmpty("")
                        .map(body -> new Answer(response.statusCode().value(), body)))
                .timeout(TIMEOUT)
                .cache(
                        answer -> answer.status() == HttpStatus.OK.value() ? ANSWER_LIVES : FAILURE_LIVES,
                        error -> FAILURE_LIVES,
                        () -> FAILURE_LIVES);
    }

    private record Answer(int status, String body) {

        ClientResponse response() {
            return ClientResponse.create(HttpStatusCode.valueOf(status))
                    .header("Content-Type", MediaType.APPLICATION_JSON_VALUE)
                    .body(body)
                    .build();
        }
    }
}
