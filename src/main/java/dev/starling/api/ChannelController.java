package dev.starling.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonRawValue;
import dev.starling.channel.ChannelCount;
import dev.starling.channel.ChannelHistory;
import dev.starling.channel.PastMessages;
import dev.starling.channel.Presence;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.ErrorCode;
import dev.starling.protocol.FrameCodec;
import dev.starling.protocol.MalformedFrameException;
import dev.starling.protocol.Member;
import dev.starling.protocol.Publication;
import dev.starling.protocol.RefusedException;
import dev.starling.protocol.ServerFrame;
import dev.starling.protocol.StreamPosition;
import dev.starling.security.ChannelPermissions;
import dev.starling.security.VerifiedToken;
import dev.starling.websocket.WebSocketProperties;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Mono;

/** Which channels there are, who listens, and what was said. For who may read them. */
@RestController
@RequestMapping("/api/channels")
final class ChannelController {

    private static final int LARGEST_PAGE = 1000;

    private final FrameCodec codec;
    private final ChannelHistory past;
    private final Presence presence;
    private final FleetChannels fleet;
    private final WebSocketProperties.History limits;

    ChannelController(
            FrameCodec codec,
            ChannelHistory past,
            Presence presence,
            FleetChannels fleet,
            WebSocketProperties properties) {
        this.codec = codec;
        this.past = past;
        this.presence = presence;
        this.fleet = fleet;
        this.limits = properties.history();
    }

    /**
     * One page of the channels.
     *
     * @param items in the order of their names, each with its subscribers on all nodes
     * @param cursor where the next page begins; null, and absent in JSON, on the last one
     * @param missing the nodes that did not answer, whose subscribers are not counted
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record ChannelPage(List<ChannelCount> items, @Nullable String cursor, List<MissingNode> missing) {}

    /**
     * A channel.
     *
     * @param channel its name
     * @param subscribers on all nodes
     * @param history the position of its newest message; null, and absent in JSON, if it keeps no history
     * @param members connections that are in it; null, and absent in JSON, if it keeps no presence
     * @param missing the nodes that did not answer, whose subscribers are not counted
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record ChannelDescription(
            String channel,
            long subscribers,
            @Nullable StreamPosition history,
            @Nullable Long members,
            List<MissingNode> missing) {}

    /**
     * One page of a channel's history.
     *
     * @param channel its name
     * @param epoch of all of these
     * @param top the offset of the newest message, also if it is not among these; 0 if there was none yet
     * @param items in the order that was asked for
     * @param cursor where the next page begins; null, and absent in JSON, if there is nothing more now
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record HistoryPage(
            String channel,
            String epoch,
            long top,
            List<Message> items,
            @Nullable String cursor) {}

    /** A message of the past; its data are the bytes that were published. */
    record Message(long offset, @JsonRawValue String data) {

        private static Message of(Publication publication) {
            StreamPosition position = Objects.requireNonNull(publication.position(), "what is kept has a position");
            return new Message(position.offset(), new String(publication.data(), StandardCharsets.UTF_8));
        }
    }

    /** Who is in a channel: how many connections, and those that came first. */
    record PresencePage(String channel, long count, List<Present> items) {}

    /** A connection that is in a channel, since when in milliseconds since 1970. */
    record Present(String user, String connection, long since) {

        private static Present of(Member member) {
            return new Present(member.user(), member.connection(), member.sinceMillis());
        }
    }

    /**
     * The channels with a subscriber on any node, as far as the caller may read them.
     *
     * @param prefix what their names begin with
     * @param cursor as in the page before
     * @param limit how many items a page has at most, 1 to 1000
     */
    @GetMapping
    Mono<ChannelPage> channels(
            @RequestParam(defaultValue = "") String prefix,
            @RequestParam(defaultValue = "") String cursor,
            @RequestParam(defaultValue = "100") int limit,
            @AuthenticationPrincipal VerifiedToken caller) {
        InvalidParameterException.check("prefix", prefix, ChannelName.MAX_LENGTH);
        InvalidParameterException.check("cursor", cursor, ChannelName.MAX_LENGTH);
        InvalidParameterException.check("limit", limit, 1, LARGEST_PAGE);
        return fleet.list(prefix, cursor, limit, caller);
    }

    /** One channel, whether somebody listens or not. */
    @GetMapping("/{channel}")
    Mono<ChannelDescription> channel(@PathVariable String channel, @AuthenticationPrincipal VerifiedToken caller)
            throws MalformedFrameException {
        ChannelName name = readable(channel, caller);
        Mono<Optional<StreamPosition>> top = past.isKept(name)
                ? past.after(name, null, 0, 0).map(page -> Optional.of(page.top()))
                : Mono.just(Optional.empty());
        Mono<Optional<Long>> members = presence.isKept(name)
                ? presence.read(null, name).map(read -> Optional.of(read.count()))
                : Mono.just(Optional.empty());
        return Mono.zip(fleet.subscribers(name), top, members)
                .map(all -> new ChannelDescription(
                        channel,
                        all.getT1().items().stream()
                                .mapToLong(ChannelCount::subscribers)
                                .sum(),
                        all.getT2().orElse(null),
                        all.getT3().orElse(null),
                        all.getT1().missing()));
    }

    /**
     * What was said.
     *
     * @param order {@code asc} for the oldest first, {@code desc} for the newest first
     * @param cursor as in the page before; or a position that the caller knows, {@code epoch:offset}: the page has what is
     *     after it, or before it if the order is {@code desc}
     * @param limit how many items a page has at most, 1 to 1000; a node may allow fewer
     */
    @GetMapping("/{channel}/history")
    Mono<HistoryPage> history(
            @PathVariable String channel,
            @RequestParam(defaultValue = "asc") String order,
            @RequestParam(required = false) @Nullable String cursor,
            @RequestParam(defaultValue = "100") int limit,
            @AuthenticationPrincipal VerifiedToken caller)
            throws MalformedFrameException {
        ChannelName name = readable(channel, caller);
        InvalidParameterException.check("limit", limit, 1, LARGEST_PAGE);
        boolean backward = isBackward(order);
        StreamPosition position = cursor == null ? null : HistoryCursor.parse("cursor", cursor);
        int most = Math.min(limit, limits.maxMessages());
        long maxBytes = limits.maxBytes().toBytes();
        return backward
                ? past.before(name, position, most, maxBytes).map(page -> newestFirst(channel, page))
                : past.after(name, position, most, maxBytes).map(page -> oldestFirst(channel, page));
    }

    private static boolean isBackward(String order) {
        return switch (order.toLowerCase(Locale.ROOT)) {
            case "asc" -> false;
            case "desc" -> true;
            default -> throw new InvalidParameterException("order", "asc or desc");
        };
    }

    private static HistoryPage oldestFirst(String channel, PastMessages past) {
        List<Message> items = past.messages().stream().map(Message::of).toList();
        boolean more = !items.isEmpty()
                && items.get(items.size() - 1).offset() < past.top().offset();
        return page(channel, past, items, more);
    }

    /** That there is nothing more before is known only if the first message ever is there; else the last page is empty. */
    private static HistoryPage newestFirst(String channel, PastMessages past) {
        List<Message> items =
                new ArrayList<>(past.messages().stream().map(Message::of).toList());
        Collections.reverse(items);
        boolean more = !items.isEmpty() && items.get(items.size() - 1).offset() > 1;
        return page(channel, past, items, more);
    }

    private static HistoryPage page(String channel, PastMessages past, List<Message> items, boolean more) {
        String epoch = past.top().epoch();
        String cursor =
                more ? new StreamPosition(epoch, items.get(items.size() - 1).offset()).text() : null;
        return new HistoryPage(channel, epoch, past.top().offset(), items, cursor);
    }

    /** Who is there. */
    @GetMapping("/{channel}/presence")
    Mono<PresencePage> presence(@PathVariable String channel, @AuthenticationPrincipal VerifiedToken caller)
            throws MalformedFrameException {
        ChannelName name = readable(channel, caller);
        Mono<ServerFrame.Presence> read = presence.read(null, name);
        return read.map(page -> new PresencePage(
                channel, page.count(), page.members().stream().map(Present::of).toList()));
    }

    private ChannelName readable(String channel, VerifiedToken caller) throws MalformedFrameException {
        ChannelName name = codec.channel(channel);
        if (!ChannelPermissions.grantsReading(caller, name)) {
            throw new RefusedException(ErrorCode.FORBIDDEN, "you may not read this channel");
        }
        return name;
    }
}
