package dev.starling.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.starling.protocol.BatchEntry;
import dev.starling.protocol.ChannelName;
import dev.starling.protocol.ClientFrame;
import dev.starling.protocol.ErrorCode;
import dev.starling.protocol.FrameCodec;
import dev.starling.protocol.MalformedFrameException;
import dev.starling.protocol.RefusedException;
import dev.starling.protocol.StreamPosition;
import dev.starling.security.VerifiedToken;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;

/** Takes what back ends publish. The bytes of a message are delivered as they were written. */
@RestController
@RequestMapping("/api")
final class PublicationController {

    /** How many messages of a batch or stream are on their way to the broker at once. */
    private static final int WINDOW = 64;

    /** Answers to lines leave together, as many and as soon as this. */
    private static final int MOST_ANSWERS = 256;

    private static final Duration ANSWER_DELAY = Duration.ofMillis(20);

    /** A line has a channel and a key, too. */
    private static final int LINE_OVERHEAD = 1024;

    private final FrameCodec codec;
    private final Publications publications;
    private final RequestBody body;
    private final RequestRate rate;
    private final ApiProperties.Api limits;
    private final JsonMapper json;

    PublicationController(
            FrameCodec codec,
            Publications publications,
            RequestBody body,
            RequestRate rate,
            ApiProperties properties,
            JsonMapper json) {
        this.codec = codec;
        this.publications = publications;
        this.body = body;
        this.rate = rate;
        this.limits = properties.api();
        this.json = json;
    }

    /**
     * What became of one message.
     *
     * @param index which one it is, from 0
     * @param channel where it was to be published, as far as that could be read
     * @param epoch of its position, if the channel keeps a history
     * @param offset likewise
     * @param error why it was not published; null if it was
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Outcome(
            long index,
            @Nullable String channel,
            @Nullable String epoch,
            @Nullable Long offset,
            @Nullable Failure error) {

        private static Outcome published(long index, ChannelName channel, @Nullable StreamPosition position) {
            return position == null
                    ? new Outcome(index, channel.value(), null, null, null)
                    : new Outcome(index, channel.value(), position.epoch(), position.offset(), null);
        }

        /** Whether the caller may do nothing more, whatever comes next. */
        private boolean isOfInvalidToken() {
            return error != null && error.code().equals(ErrorCode.INVALID_TOKEN.text());
        }

        private static Outcome failed(long index, @Nullable ChannelName channel, ErrorCode code, String message) {
            return new Outcome(
                    index,
                    channel == null ? null : channel.value(),
                    null,
                    null,
                    new Failure(code.text(), message, code.retry()));
        }
    }

    /**
     * Why a message was not published.
     *
     * @param code for programs, as in the protocol
     * @param message for people
     * @param retry whether the same may succeed later
     */
    record Failure(String code, String message, boolean retry) {}

    /**
     * What became of a batch.
     *
     * @param published how many messages the broker has
     * @param failed how many were not published
     * @param results one of each, in the order of the batch
     */
    record BatchResult(int published, int failed, List<Outcome> results) {

        private static BatchResult of(List<Outcome> outcomes) {
            int failed = (int)
                    outcomes.stream().filter(outcome -> outcome.error() != null).count();
            return new BatchResult(outcomes.size() - failed, failed, outcomes);
        }
    }

    /** Publishes a batch; what can't be published of it keeps nothing else from being. */
    @PostMapping("/messages")
    Mono<BatchResult> publishBatch(@AuthenticationPrincipal VerifiedToken caller, ServerHttpRequest request) {
        return body.read(request, (int) limits.maxBatchSize().toBytes())
                .flatMapIterable(text -> entries(text, caller))
                .index()
                .flatMapSequential(entry -> publish(caller, entry.getT1(), entry.getT2()), WINDOW)
                .collectList()
                .map(BatchResult::of);
    }

    private List<BatchEntry> entries(byte[] text, VerifiedToken caller) {
        List<BatchEntry> entries;
        try {
            entries = codec.batch(text, limits.maxBatch());
        } catch (MalformedFrameException fault) {
            throw new RefusedException(fault.code(), fault.message());
        }
        checkSize(entries);
        if (entries.size() > 1) {
            rate.checkRest(caller.user(), entries.size() - 1);
        }
        return entries;
    }

    /** A batch may have the same data for many channels: what counts is what is published. */
    private void checkSize(List<BatchEntry> entries) {
        long bytes = 0;
        for (BatchEntry entry : entries) {
            bytes += entry instanceof BatchEntry.Message message
                    ? message.publish().data().length
                    : 0;
        }
        if (bytes > limits.maxBatchSize().toBytes()) {
            throw new RefusedException(
                    ErrorCode.TOO_LARGE,
                    "the messages of a batch have at most "
                            + limits.maxBatchSize().toBytes() + " bytes together");
        }
    }

    /**
     * Publishes a message per line, as many as come, and tells of each in a line. If the client stops reading the response or sends
     * faster than its rate allows, we stop reading its request (back-pressure). A line that is too long ends the request.
     */
    @PostMapping(path = "/messages", consumes = MediaType.APPLICATION_NDJSON_VALUE)
    Mono<Void> publishLines(
            @AuthenticationPrincipal VerifiedToken caller, ServerHttpRequest request, ServerHttpResponse response) {
        response.getHeaders().setContentType(MediaType.APPLICATION_NDJSON);
        return response.writeAndFlushWith(body.lines(request, publications.maxBytes() + LINE_OVERHEAD)
                .concatMap(line -> rate.pass(caller.user(), line), 1)
                .index()
                .flatMapSequential(line -> publish(caller, line.getT1(), entry(line.getT2())), WINDOW, WINDOW)
                .takeUntil(outcome -> outcome.isOfInvalidToken())
                .bufferTimeout(MOST_ANSWERS, ANSWER_DELAY, true)
                .map(outcomes -> Mono.just(response.bufferFactory().wrap(lines(outcomes)))));
    }

    private BatchEntry entry(byte[] line) {
        return line == BodyLines.TOO_LONG
                ? new BatchEntry.Faulty(ErrorCode.TOO_LARGE, "the line is too long", null)
                : codec.batchEntry(line);
    }

    private byte[] lines(List<Outcome> outcomes) {
        StringBuilder lines = new StringBuilder();
        outcomes.forEach(
                outcome -> lines.append(json.writeValueAsString(outcome)).append('\n'));
        return lines.toString().getBytes(StandardCharsets.UTF_8);
    }

    private Mono<Outcome> publish(VerifiedToken caller, long index, BatchEntry entry) {
        if (entry instanceof BatchEntry.Faulty fault) {
            return Mono.just(Outcome.failed(index, fault.channel(), fault.code(), fault.message()));
        }
        ClientFrame.Publish publish = ((BatchEntry.Message) entry).publish();
        ChannelName channel = publish.channel();
        return publications
                .publish(caller, publish)
                .map(position -> Outcome.published(index, channel, position))
                .switchIfEmpty(Mono.fromSupplier(() -> Outcome.published(index, channel, null)))
                .onErrorResume(
                        RefusedException.class,
                        refused -> Mono.just(Outcome.failed(index, channel, refused.code(), refused.message())));
    }
}
