package dev.starling.broker;

import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** placeholder of the lead; the helper's wins */
public interface Peers {
    Mono<List<Peer>> nodes();

    Flux<PeerReply> ask(byte[] question, Duration deadline);

    void answer(Function<byte[], Mono<byte[]>> handler);
}
