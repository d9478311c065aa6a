package dev.starling.api;

import dev.starling.api.ChannelController.ChannelPage;
import dev.starling.channel.ChannelCount;
import dev.starling.channel.ChannelHub;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.ChannelPattern;
import dev.starling.security.ChannelPermissions;
import dev.starling.security.VerifiedToken;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** The channels of all nodes. Thread-safe. */
final class FleetChannels {

    /**
     * The first channels in the order of their names.
     *
     * @param patterns only those that one of these matches
     * @param user who asks, for what patterns say of {@code {user}}
     */
    record Search(String prefix, String after, int limit, List<String> patterns, String user) {}

    /** Those that a node has. */
    record Found(List<ChannelCount> channels) {}

    /** How many subscribers a channel has. */
    record Name(String channel) {}

    private static final Topic<Search, Found> SEARCH = new Topic<>("channels", Search.class, Found.class);
    private static final Topic<Name, ChannelCount> COUNT = new Topic<>("channel", Name.class, ChannelCount.class);

    private final Fleet fleet;
    private final ChannelHub hub;

    FleetChannels(Fleet fleet, ChannelHub hub) {
        this.fleet = fleet;
        this.hub = hub;
        fleet.answer(SEARCH, search -> Mono.fromSupplier(() -> find(search)).subscribeOn(Schedulers.parallel()));
        fleet.answer(COUNT, name -> Mono.fromSupplier(() -> count(name.channel())));
    }

    private Found find(Search search) {
        List<ChannelPattern> patterns =
                search.patterns().stream().map(ChannelPattern::new).toList();
        VerifiedToken caller = new VerifiedToken(search.user(), null, 0, patterns, List.of());
        return new Found(hub.list(
                channel -> channel.value().startsWith(search.prefix())
                        && ChannelPermissions.grantsReading(caller, channel),
                search.after(),
                search.limit()));
    }

    private ChannelCount count(String channel) {
        return new ChannelCount(channel, hub.subscribers(new ChannelName(channel)));
    }

    /** One page of those that the caller may read. */
    Mono<ChannelPage> list(String prefix, String cursor, int limit, VerifiedToken caller) {
        List<String> patterns =
                caller.subscribe().stream().map(ChannelPattern::value).toList();
        return fleet.ask(SEARCH, new Search(prefix, cursor, limit + 1, patterns, caller.user()))
                .map(answer -> page(answer, limit));
    }

    /** Whatever is among the first of all is among the first of each node that has it, so no count lacks a part. */
    private static ChannelPage page(FleetAnswer<Found> answer, int limit) {
        TreeMap<String, Long> counts = new TreeMap<>();
        for (Found found : answer.items()) {
            found.channels().forEach(channel -> counts.merge(channel.channel(), channel.subscribers(), Long::sum));
        }
        List<ChannelCount> items = counts.entrySet().stream()
                .limit(limit)
                .map(FleetChannels::count)
                .toList();
        String cursor = counts.size() > limit ? items.get(limit - 1).channel() : null;
        return new ChannelPage(items, cursor, answer.missing());
    }

    private static ChannelCount count(Map.Entry<String, Long> channel) {
        return new ChannelCount(channel.getKey(), channel.getValue());
    }

    /** How many subscribers a channel has on each node. */
    Mono<FleetAnswer<ChannelCount>> subscribers(ChannelName channel) {
        return fleet.ask(COUNT, new Name(channel.value()));
    }
}
