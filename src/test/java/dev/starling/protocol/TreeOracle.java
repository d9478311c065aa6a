package dev.starling.protocol;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;

/** A second opinion on frames, from Jackson's tree of the whole message: slow, and written without a look at the parser. */
final class TreeOracle {

    private final ObjectMapper strict = mapper(true);
    private final ObjectMapper lax = mapper(false);

    private static ObjectMapper mapper(boolean strict) {
        JsonFactory factory = JsonFactory.builder()
                .disable(TokenStreamFactory.Feature.CHARSET_DETECTION)
                .configure(StreamReadFeature.STRICT_DUPLICATE_DETECTION, strict)
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(FrameLimits.DEFAULT.maxNesting())
                        .build())
                .build();
        return JsonMapper.builder(factory).build();
    }

    /** Whether it is text, JSON, without half a surrogate pair and, if strict, without a name twice anywhere. */
    boolean isJson(byte[] message, boolean strictly) {
        byte[] again = new String(message, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8);
        JsonNode tree = Arrays.equals(message, again) ? tree(message, strictly) : null;
        return tree != null && isWhole(tree);
    }

    /** What a frame says, as a list to compare; null if the message is no frame. */
    @Nullable
    List<@Nullable Object> read(byte[] message) {
        JsonNode tree = tree(message, false);
        if (tree == null || !tree.isObject() || !tree.path("type").isString()) {
            return null;
        }
        JsonNode id = tree.get("id");
        String type = tree.path("type").asString();
        String channel = tree.path("channel").asString("");
        if ((id != null && !id.isNumber() && !id.isString())
                || (!type.equals("ping") && !type.equals("refresh") && !isName(tree.path("channel")))) {
            return null;
        }
        switch (type) {
            case "ping":
                return list(type, id);
            case "refresh":
                return isString(tree.get("token"), 0, 8192) ? list(type, id, tree.get("token")) : null;
            case "unsubscribe":
            case "presence":
                return list(type, id, channel);
            case "publish":
                JsonNode key = tree.get("key");
                return tree.has("data") && (key == null || isString(key, 1, 128))
                        ? list(type, id, channel, tree.get("data"), key)
                        : null;
            case "subscribe":
                JsonNode token = tree.get("token");
                return (token == null || isString(token, 0, 8192)) && isPosition(tree.get("recover"))
                        ? list(type, id, channel, position(tree.get("recover")), token)
                        : null;
            case "history":
                JsonNode limit = tree.get("limit");
                return (limit == null || isInteger(limit, 1, 1000)) && isPosition(tree.get("since"))
                        ? list(type, id, channel, limit == null ? 0 : limit.asInt(), position(tree.get("since")))
                        : null;
            default:
                return null;
        }
    }

    /** The same list of a frame that was read. */
    List<@Nullable Object> list(ClientFrame frame) {
        RequestId requestId = frame.id();
        JsonNode id = requestId == null ? null : tree(requestId.json().getBytes(StandardCharsets.UTF_8), false);
        if (frame instanceof ClientFrame.Publish publish) {
            return list("publish", id, publish.channel().value(), tree(publish.data(), false), node(publish.key()));
        }
        if (frame instanceof ClientFrame.Subscribe subscribe) {
            return list("subscribe", id, subscribe.channel().value(), subscribe.recover(), node(subscribe.token()));
        }
        if (frame instanceof ClientFrame.History history) {
            return list("history", id, history.channel().value(), history.limit(), history.since());
        }
        if (frame instanceof ClientFrame.Unsubscribe unsubscribe) {
            return list("unsubscribe", id, unsubscribe.channel().value());
        }
        if (frame instanceof ClientFrame.Presence presence) {
            return list("presence", id, presence.channel().value());
        }
        if (frame instanceof ClientFrame.Refresh refresh) {
            return list("refresh", id, node(refresh.token()));
        }
        return list("ping", id);
    }

    private @Nullable JsonNode tree(byte[] message, boolean strictly) {
        try {
            return (strictly ? strict : lax).readTree(message);
        } catch (JacksonException e) {
            return null;
        }
    }

    private @Nullable JsonNode node(@Nullable String text) {
        return text == null ? null : lax.getNodeFactory().stringNode(text);
    }

    private static boolean isName(JsonNode node) {
        return node.isString() && node.asString().matches("[A-Za-z0-9:._/@=+~|,;!$'()#&%-]{1,255}");
    }

    private static boolean isString(@Nullable JsonNode node, int least, int most) {
        return node != null
                && node.isString()
                && node.asString().length() >= least
                && node.asString().length() <= most;
    }

    private static boolean isInteger(@Nullable JsonNode node, long least, long most) {
        return node != null
                && node.isIntegralNumber()
                && node.canConvertToLong()
                && node.asLong() >= least
                && node.asLong() <= most;
    }

    private static boolean isPosition(@Nullable JsonNode node) {
        return node == null
                || (node.isObject()
                        && isString(node.get("epoch"), 1, 64)
                        && isInteger(node.get("offset"), 0, Long.MAX_VALUE));
    }

    private static @Nullable StreamPosition position(@Nullable JsonNode node) {
        return node == null
                ? null
                : new StreamPosition(
                        node.path("epoch").asString(), node.path("offset").asLong());
    }

    private static boolean isWhole(JsonNode node) {
        if (node.isString()) {
            return isWhole(node.asString());
        }
        return node.propertyNames().stream().allMatch(TreeOracle::isWhole)
                && node.values().stream().allMatch(TreeOracle::isWhole);
    }

    private static boolean isWhole(String text) {
        return text.codePoints().noneMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
    }

    private static List<@Nullable Object> list(@Nullable Object... parts) {
        return new ArrayList<>(Arrays.asList(parts));
    }
}
