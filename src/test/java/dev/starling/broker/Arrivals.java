package dev.starling.broker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.starling.protocol.Arrival;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.Publication;
import dev.starling.protocol.StreamPosition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import reactor.core.publisher.Flux;

/** The subscriber of all lanes of one node: keeps what came, and notices if a lane is not what it should be. */
final class Arrivals {

    private final Consumer<Arrival> also;
    private final Map<ChannelName, List<Arrival>> all = new HashMap<>();
    private final List<String> faults = new ArrayList<>();
    private final Map<ChannelName, Integer> laneOf = new ConcurrentHashMap<>();

    Arrivals(Broker node) {
        this(node, arrival -> {});
    }

    /** @param also what else the subscriber does with each */
    Arrivals(Broker node, Consumer<Arrival> also) {
        this.also = also;
        List<Flux<Arrival>> fluxes = node.lanes();
        for (int i = 0; i < fluxes.size(); i++) {
            int lane = i;
            AtomicInteger inside = new AtomicInteger();
            fluxes.get(i).subscribe(arrival -> accept(arrival, lane, inside));
        }
    }

    private void accept(Arrival arrival, int lane, AtomicInteger inside) {
        if (inside.incrementAndGet() > 1) {
            fault("two signals at a time in lane " + lane);
        }
        if (laneOf.computeIfAbsent(arrival.channel(), first -> lane) != lane) {
            fault(arrival.channel() + " in two lanes");
        }
        synchronized (all) {
            all.computeIfAbsent(arrival.channel(), first -> new ArrayList<>()).add(arrival);
        }
        also.accept(arrival);
        inside.decrementAndGet();
    }

    private void fault(String fault) {
        synchronized (faults) {
            faults.add(fault);
        }
    }

    /** What came so far for a channel. */
    List<Arrival> all(ChannelName channel) {
        synchronized (all) {
            return List.copyOf(all.getOrDefault(channel, List.of()));
        }
    }

    /** The messages of a channel so far. */
    List<Publication> of(ChannelName channel) {
        return all(channel).stream()
                .filter(Publication.class::isInstance)
                .map(Publication.class::cast)
                .toList();
    }

    /** Their data as text. */
    List<String> texts(ChannelName channel) {
        return of(channel).stream().map(BrokerContract::text).toList();
    }

    /** Their positions. */
    List<StreamPosition> positions(ChannelName channel) {
        return of(channel).stream()
                .map(publication -> Objects.requireNonNull(publication.position()))
                .toList();
    }

    void assertLanesWereSerial() {
        synchronized (faults) {
            assertThat(faults).isEmpty();
        }
    }
}
