package dev.starling.broker;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

@org.springframework.stereotype.Component
final class InMemoryRefusals implements Refusals {
    private final Map<String, Refusal> all = new ConcurrentHashMap<>();
    private final List<Consumer<Refusal>> listeners = new CopyOnWriteArrayList<>();

    @Override
    public Mono<Void> refuse(Refusal refusal) {
        return Mono.fromRunnable(() -> {
            all.put(refusal.kind() + refusal.name(), refusal);
            listeners.forEach(l -> l.accept(refusal));
        });
    }

    @Override
    public Mono<Void> lift(Refusal.Kind kind, String name) {
        return Mono.fromRunnable(() -> all.remove(kind + name));
    }

    @Override
    public boolean isRefused(@Nullable String user, @Nullable String tokenId) {
        return !all.isEmpty() && (all.containsKey("USER" + user) || all.containsKey("TOKEN" + tokenId));
    }

    @Override
    public List<Refusal> list() {
        return List.copyOf(all.values());
    }

    @Override
    public void listen(Consumer<Refusal> listener) {
        listeners.add(listener);
    }
}
