package dev.starling.api;

import dev.starling.broker.PeerReply;
import dev.starling.broker.Peers;
import dev.starling.protocol.ErrorCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Asks all nodes, this one included, and answers for this one. Between nodes goes {@code {"topic":…,"question":…}}, answered by the
 * JSON of the answer. Thread-safe.
 */
final class Fleet {

    private static final Logger log = LoggerFactory.getLogger(Fleet.class);

    private final Peers peers;
    private final JsonMapper json;
    private final Duration timeout;
    private final Map<String, Function<JsonNode, Mono<byte[]>>> topics = new ConcurrentHashMap<>();

    /** @param timeout how long the others may take to answer */
    Fleet(Peers peers, JsonMapper json, Duration timeout) {
        this.peers = peers;
        this.json = json;
        this.timeout = timeout;
        peers.answer(this::answer);
    }

    private record Envelope(String topic, JsonNode question) {}

    /** Has this node answer what it is asked about a topic; {@code local} must not block. */
    <Q, A> void answer(Topic<Q, A> topic, Function<Q, Mono<A>> local) {
        topics.put(
                topic.name(),
                question -> local.apply(json.treeToValue(question, topic.question()))
                        .map(json::writeValueAsBytes));
    }

    private Mono<byte[]> answer(byte[] question) {
        return Mono.defer(() -> {
                    Envelope envelope = json.readValue(question, Envelope.class);
                    Function<JsonNode, Mono<byte[]>> local = topics.get(envelope.topic());
                    return local == null
                            ? Mono.error(new IllegalArgumentException("nobody knows of " + envelope.topic()))
                            : local.apply(envelope.question());
                })
                .doOnError(failure -> log.atWarn().setCause(failure).log("fleet.answer_failed"));
    }

    /** What all nodes say within the time that they have. Fails with {@link ErrorCode#BROKER_UNAVAILABLE} if they can't be asked. */
    <Q, A> Mono<FleetAnswer<A>> ask(Topic<Q, A> topic, Q question) {
        return Mono.defer(() -> peers.ask(
                                json.writeValueAsBytes(new Envelope(topic.name(), json.valueToTree(question))), timeout)
                        .collectList())
                .map(replies -> read(topic, replies));
    }

    private <A> FleetAnswer<A> read(Topic<?, A> topic, List<PeerReply> replies) {
        List<A> items = new ArrayList<>(replies.size());
        List<MissingNode> missing = new ArrayList<>();
        for (PeerReply reply : replies) {
            if (reply instanceof PeerReply.Answer answer) {
                items.add(json.readValue(answer.bytes(), topic.answer()));
            } else if (reply instanceof PeerReply.Missing none) {
                missing.add(new MissingNode(none.peer().name(), none.reason().text()));
            }
        }
        return new FleetAnswer<>(items, missing);
    }
}
