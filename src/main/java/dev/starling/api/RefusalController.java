package dev.starling.api;

import dev.starling.security.VerifiedToken;
import java.util.List;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Mono;

/** Who is refused although the token is valid. For operators. */
@RestController
@RequestMapping("/api/refusals")
final class RefusalController {

    private final RefusedClients refused;

    RefusalController(RefusedClients refused) {
        this.refused = refused;
    }

    /** All who are refused now. */
    record RefusalPage(List<RefusedClients.Entry> items) {}

    @GetMapping
    RefusalPage refusals() {
        return new RefusalPage(refused.list());
    }

    /**
     * Refuses a user or a token on all nodes, and ends the connections that there are.
     *
     * @param kind {@code user} or {@code token}
     * @param name of the user, or the token's {@code jti}
     * @param until in milliseconds since 1970, within 30 days
     */
    @PutMapping("/{kind}/{name}")
    Mono<RefusedClients.Entry> refuse(
            @PathVariable String kind,
            @PathVariable String name,
            @RequestParam long until,
            @AuthenticationPrincipal VerifiedToken operator) {
        return refused.refuse(RefusedClients.kind(kind), name, until, operator);
    }

    /** Ends that, also if it was not so. */
    @DeleteMapping("/{kind}/{name}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    Mono<Void> lift(
            @PathVariable String kind, @PathVariable String name, @AuthenticationPrincipal VerifiedToken operator) {
        return refused.lift(RefusedClients.kind(kind), name, operator);
    }
}
