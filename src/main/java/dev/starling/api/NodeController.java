package dev.starling.api;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.List;
import org.springframework.security.core.Authentication;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Mono;

/** What this node is, for everybody, and what it and the others do, for operators. */
@RestController
@RequestMapping("/api")
final class NodeController {

    private final NodeDescriber describer;
    private final FleetNodes fleet;

    NodeController(NodeDescriber describer, FleetNodes fleet) {
        this.describer = describer;
        this.fleet = fleet;
    }

    /**
     * The nodes.
     *
     * @param items in the order of their names
     * @param missing those that did not answer
     */
    record NodePage<T>(List<T> items, List<MissingNode> missing) {}

    /**
     * This node.
     *
     * @param ops whether who asks may ask what operators may
     */
    record ThisNode(@JsonUnwrapped NodeDescription description, boolean ops) {}

    @GetMapping("/node")
    Mono<ThisNode> node(Authentication token) {
        boolean ops =
                token.getAuthorities().stream().anyMatch(authority -> "SCOPE_ops".equals(authority.getAuthority()));
        return describer.describe().map(description -> new ThisNode(description, ops));
    }

    @GetMapping("/node/figures")
    Figures figures() {
        return describer.figures();
    }

    @GetMapping("/nodes")
    Mono<NodePage<NodeDescription>> nodes() {
        return fleet.describe();
    }

    /** The figures of all nodes, each by its own clock. */
    @GetMapping("/nodes/figures")
    Mono<NodePage<Figures>> allFigures() {
        return fleet.figures();
    }
}
