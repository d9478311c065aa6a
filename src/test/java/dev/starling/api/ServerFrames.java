package dev.starling.api;

import dev.starling.protocol.ChannelName;
import dev.starling.protocol.EncodedMessage;
import dev.starling.protocol.ErrorCode;
import dev.starling.protocol.Member;
import dev.starling.protocol.Publication;
import dev.starling.protocol.RequestId;
import dev.starling.protocol.ServerFrame;
import dev.starling.protocol.StreamPosition;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Frames of the server, made of what they are to look like. */
final class ServerFrames {

    private ServerFrames() {}

    static EncodedMessage message(JsonNode json, ByteBufAllocator allocator) {
        return EncodedMessage.of(channel(json), data(json), json.path("offset").asLong(0), allocator);
    }

    static ServerFrame read(JsonNode json) {
        return switch (text(json, "type")) {
            case "welcome" ->
                new ServerFrame.Welcome(
                        text(json, "connection"),
                        text(json, "node"),
                        number(json, "heartbeat"),
                        (int) number(json, "maxMessageBytes"),
                        optional(json, "expiresIn"),
                        optional(json, "refreshIn"));
            case "subscribed" ->
                new ServerFrame.Subscribed(
                        id(json),
                        channel(json),
                        position(json),
                        json.has("recovered") ? json.get("recovered").asBoolean() : null);
            case "unsubscribed" -> new ServerFrame.Unsubscribed(id(json), channel(json));
            case "published" ->
                new ServerFrame.Published(Objects.requireNonNull(id(json)), channel(json), position(json));
            case "history" ->
                new ServerFrame.History(
                        id(json),
                        channel(json),
                        Objects.requireNonNull(position(json)),
                        json.get("messages")
                                .valueStream()
                                .map(message -> new Publication(
                                        channel(json),
                                        data(message),
                                        new StreamPosition("e", number(message, "offset"))))
                                .toList());
            case "presence" ->
                new ServerFrame.Presence(
                        id(json),
                        channel(json),
                        number(json, "count"),
                        json.get("members")
                                .valueStream()
                                .map(member -> member(member, number(member, "since")))
                                .toList());
            case "join" -> new ServerFrame.Join(channel(json), member(json, 0));
            case "leave" -> new ServerFrame.Leave(channel(json), member(json, 0));
            case "gap" -> new ServerFrame.Gap(channel(json), number(json, "from"), number(json, "to"));
            case "refreshed" ->
                new ServerFrame.Refreshed(id(json), optional(json, "expiresIn"), optional(json, "refreshIn"));
            case "pong" -> new ServerFrame.Pong(id(json), number(json, "ts"));
            case "goaway" ->
                new ServerFrame.GoAway(text(json, "reason"), number(json, "reconnectAfter"), number(json, "closeBy"));
            case "error" ->
                new ServerFrame.Failure(
                        code(json), text(json, "message"), optional(json, "retryAfter"), id(json), channel(json));
            default -> throw new IllegalArgumentException("no frame of the server: " + json);
        };
    }

    private static String text(JsonNode json, String name) {
        return json.required(name).asString();
    }

    private static long number(JsonNode json, String name) {
        return json.required(name).asLong();
    }

    private static @Nullable Long optional(JsonNode json, String name) {
        return json.has(name) ? number(json, name) : null;
    }

    private static @Nullable RequestId id(JsonNode json) {
        return json.has("id") ? new RequestId(json.get("id").toString()) : null;
    }

    private static ChannelName channel(JsonNode json) {
        return new ChannelName(text(json, "channel"));
    }

    private static byte[] data(JsonNode json) {
        return json.required("data").toString().getBytes(StandardCharsets.UTF_8);
    }

    private static @Nullable StreamPosition position(JsonNode json) {
        return json.has("epoch") ? new StreamPosition(text(json, "epoch"), number(json, "offset")) : null;
    }

    private static Member member(JsonNode json, long since) {
        return new Member(text(json, "user"), text(json, "connection"), since);
    }

    private static ErrorCode code(JsonNode json) {
        return Arrays.stream(ErrorCode.values())
                .filter(code -> code.code() == number(json, "code"))
                .findFirst()
                .orElseThrow();
    }
}
