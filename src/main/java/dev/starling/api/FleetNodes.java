package dev.starling.api;

import dev.starling.api.NodeController.NodePage;
import java.util.Comparator;
import java.util.Map;
import java.util.function.Function;
import reactor.core.publisher.Mono;

/** What all nodes are and do. Thread-safe. */
final class FleetNodes {

    @SuppressWarnings("rawtypes") // a question without parameters
    private static final Topic<Map, NodeDescription> DESCRIBE = new Topic<>("node", Map.class, NodeDescription.class);

    @SuppressWarnings("rawtypes")
    private static final Topic<Map, Figures> FIGURES = new Topic<>("figures", Map.class, Figures.class);

    private final Fleet fleet;

    FleetNodes(Fleet fleet, NodeDescriber describer) {
        this.fleet = fleet;
        fleet.answer(DESCRIBE, nothing -> describer.describe());
        fleet.answer(FIGURES, nothing -> Mono.fromSupplier(describer::figures));
    }

    Mono<NodePage<NodeDescription>> describe() {
        return fleet.ask(DESCRIBE, Map.of()).map(answer -> page(answer, NodeDescription::node));
    }

    Mono<NodePage<Figures>> figures() {
        return fleet.ask(FIGURES, Map.of()).map(answer -> page(answer, Figures::node));
    }

    private static <T> NodePage<T> page(FleetAnswer<T> answer, Function<T, String> name) {
        return new NodePage<>(
                answer.items().stream().sorted(Comparator.comparing(name)).toList(), answer.missing());
    }
}
