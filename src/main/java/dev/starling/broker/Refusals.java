package dev.starling.broker;

import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** placeholder */
public interface Refusals {
    Mono<Void> refuse(Refusal refusal);

    Mono<Void> lift(Refusal.Kind kind, String name);

    boolean isRefused(@Nullable String user, @Nullable String tokenId);

    List<Refusal> list();

    void listen(Consumer<Refusal> listener);
}
