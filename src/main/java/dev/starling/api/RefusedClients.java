package dev.starling.api;

import dev.starling.broker.Refusal;
import dev.starling.broker.Refusals;
import dev.starling.protocol.CloseCode;
import dev.starling.security.RefusalList;
import dev.starling.security.VerifiedToken;
import dev.starling.websocket.ConnectionTarget;
import dev.starling.websocket.OpenConnections;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/** Users and tokens that no node lets in until some time, and that lose the connections that they have. Thread-safe. */
final class RefusedClients implements RefusalList {

    private static final Logger log = LoggerFactory.getLogger(RefusedClients.class);
    private static final Duration LONGEST = Duration.ofDays(30);
    private static final int LONGEST_NAME = 255;

    private final Refusals refusals;

    RefusedClients(Refusals refusals) {
        this.refusals = refusals;
    }

    /** Has the connections of whoever is refused ended on this node, from now on. */
    void endConnections(OpenConnections connections) {
        refusals.listen(refusal -> connections
                .close(target(refusal), CloseCode.REVOKED)
                .subscribe(closed -> log.atInfo()
                        .addKeyValue("kind", refusal.kind().text())
                        .addKeyValue("name", refusal.name())
                        .addKeyValue("closed", closed)
                        .log("api.refused")));
    }

    private static ConnectionTarget target(Refusal refusal) {
        return refusal.kind() == Refusal.Kind.USER
                ? new ConnectionTarget(null, refusal.name(), null)
                : new ConnectionTarget(null, null, refusal.name());
    }

    /**
     * Somebody who is refused.
     *
     * @param kind {@code user} or {@code token}
     * @param name of the user, or the token's {@code jti}
     * @param until when it ends, in milliseconds since 1970
     */
    record Entry(String kind, String name, long until) {

        private static Entry of(Refusal refusal) {
            return new Entry(refusal.kind().text(), refusal.name(), refusal.until());
        }
    }

    /** @throws InvalidParameterException if it is neither {@code user} nor {@code token} */
    static Refusal.Kind kind(String text) {
        for (Refusal.Kind kind : Refusal.Kind.values()) {
            if (kind.text().equals(text.toLowerCase(Locale.ROOT))) {
                return kind;
            }
        }
        throw new InvalidParameterException("kind", "user or token");
    }

    @Override
    public boolean refuses(VerifiedToken token) {
        return refusals.isRefused(token.user(), token.id());
    }

    /** All of them, by kind and name. */
    List<Entry> list() {
        return refusals.list().stream()
                .map(Entry::of)
                .sorted(Comparator.comparing(Entry::kind).thenComparing(Entry::name))
                .toList();
    }

    /** @throws InvalidParameterException if the time is over, or more than 30 days away */
    Mono<Entry> refuse(Refusal.Kind kind, String name, long until, VerifiedToken operator) {
        InvalidParameterException.check("name", name, LONGEST_NAME);
        long now = System.currentTimeMillis();
        if (until <= now || until > now + LONGEST.toMillis()) {
            throw new InvalidParameterException(
                    "until", "a time in milliseconds since 1970, within the next " + LONGEST.toDays() + " days");
        }
        Refusal refusal = new Refusal(kind, name, until);
        return refusals.refuse(refusal)
                .doOnSuccess(done -> log.atInfo()
                        .addKeyValue("operator", operator.user())
                        .addKeyValue("kind", kind.text())
                        .addKeyValue("name", name)
                        .addKeyValue("until", until)
                        .log("api.refuse"))
                .thenReturn(Entry.of(refusal));
    }

    /** Ends it at once. */
    Mono<Void> lift(Refusal.Kind kind, String name, VerifiedToken operator) {
        return refusals.lift(kind, name)
                .doOnSuccess(done -> log.atInfo()
                        .addKeyValue("operator", operator.user())
                        .addKeyValue("kind", kind.text())
                        .addKeyValue("name", name)
                        .log("api.lift"));
    }
}
