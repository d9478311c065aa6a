package dev.starling.api;

import dev.starling.broker.Refusal;
import dev.starling.broker.Revocations;
import dev.starling.protocol.CloseCode;
import dev.starling.security.RefusalList;
import dev.starling.security.VerifiedToken;
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

    private final Revocations revocations;

    RefusedClients(Revocations revocations) {
        this.revocations = revocations;
    }

    /** Has the connections of whoever is refused ended on this node, from now on. */
    void endConnections(OpenConnections connections) {
        revocations.listen(refusal -> connections
                .close(target(refusal), CloseCode.REVOKED)
                .subscribe(closed -> log.atInfo()
                        .addKeyValue("kind", text(refusal.kind()))
                        .addKeyValue("name", refusal.subject())
                        .addKeyValue("closed", closed)
                        .log("api.refused")));
    }

    private static OpenConnections.Target target(Refusal refusal) {
        return refusal.kind() == Refusal.Kind.USER
                ? new OpenConnections.Target(null, refusal.subject(), null)
                : new OpenConnections.Target(null, null, refusal.subject());
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
            return new Entry(text(refusal.kind()), refusal.subject(), refusal.untilMillis());
        }
    }

    private static String text(Refusal.Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    /** @throws InvalidParameterException if it is neither {@code user} nor {@code token} */
    static Refusal.Kind kind(String text) {
        for (Refusal.Kind kind : Refusal.Kind.values()) {
            if (text(kind).equals(text.toLowerCase(Locale.ROOT))) {
                return kind;
            }
        }
        throw new InvalidParameterException("kind", "user or token");
    }

    @Override
    public boolean refuses(VerifiedToken token) {
        return revocations.isRefused(token.user(), token.id());
    }

    /** All of them, by kind and name. */
    List<Entry> list() {
        return revocations.refusals().stream()
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
        return revocations
                .refuse(refusal)
                .doOnSuccess(done -> log.atInfo()
                        .addKeyValue("operator", operator.user())
                        .addKeyValue("kind", text(kind))
                        .addKeyValue("name", name)
                        .addKeyValue("until", until)
                        .log("api.refuse"))
                .thenReturn(Entry.of(refusal));
    }

    /** Ends it at once. */
    Mono<Void> lift(Refusal.Kind kind, String name, VerifiedToken operator) {
        return revocations
                .lift(kind, name)
                .doOnSuccess(done -> log.atInfo()
                        .addKeyValue("operator", operator.user())
                        .addKeyValue("kind", text(kind))
                        .addKeyValue("name", name)
                        .log("api.lift"));
    }
}
