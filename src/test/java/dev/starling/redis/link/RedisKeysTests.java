package dev.starling.redis.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.starling.protocol.ChannelName;
import io.lettuce.core.cluster.SlotHash;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RedisKeysTests {

    private static final RedisKeys KEYS = new RedisKeys("ws:");

    @ParameterizedTest
    @ValueSource(strings = {"a", "chat:1", "inbox:7/x", "!#$%&'()+,-./:;<=>?@[]^_`|~"})
    void allNamesOfAChannelShareASlotAndAreAscii(String name) {
        ChannelName channel = new ChannelName(name);

        List<String> names = names(channel);

        assertThat(names).doesNotHaveDuplicates().allMatch(key -> key.startsWith("ws:"));
        assertThat(names).allMatch(StandardCharsets.US_ASCII.newEncoder()::canEncode);
        assertThat(names.stream().map(SlotHash::getSlot).distinct()).containsExactly(SlotHash.getSlot(name));
    }

    private static List<String> names(ChannelName channel) {
        return List.of(
                KEYS.pubsub(channel),
                KEYS.meta(channel),
                KEYS.stream(channel),
                KEYS.presence(channel),
                KEYS.presenceExpiry(channel),
                KEYS.presenceBatches(channel, "0a"),
                KEYS.idempotency(channel, "order 1"),
                KEYS.idempotency(channel, "}{é\n"));
    }

    @Test
    void namesSayWhatTheyAre() {
        ChannelName channel = new ChannelName("chat:1");

        assertThat(names(channel))
                .containsExactly(
                        "ws:{chat:1}",
                        "ws:meta:{chat:1}",
                        "ws:stream:{chat:1}",
                        "ws:presence:{chat:1}",
                        "ws:presence-expiry:{chat:1}",
                        "ws:presence-batches:{chat:1}:0a",
                        "ws:key:{chat:1}:order%00201",
                        "ws:key:{chat:1}:}{%00e9%000a");
    }

    @Test
    void whatAllNodesShareIsInOneSlotAndNoneOfItIsAChannels() {
        List<String> names = List.of(KEYS.nodes(), KEYS.refusals(), KEYS.refusalsVersion(), KEYS.inbox("1a2b"));

        assertThat(names)
                .containsExactly(
                        "ws:nodes:{nodes}", "ws:refusals:{nodes}", "ws:refusals-version:{nodes}", "ws:inbox:{1a2b}");
        assertThat(names.stream().limit(3).map(SlotHash::getSlot).distinct()).hasSize(1);
        assertThat(names)
                .allSatisfy(name ->
                        assertThatThrownBy(() -> KEYS.channelOf(name)).isInstanceOf(IllegalArgumentException.class));
        assertThat(names)
                .doesNotContainAnyElementsOf(names(new ChannelName("nodes")))
                .doesNotContainAnyElementsOf(names(new ChannelName("1a2b")));
    }

    @Test
    void differentIdempotencyKeysHaveDifferentNames() {
        ChannelName channel = new ChannelName("c");
        Set<String> names = new HashSet<>();

        Stream.of("a", "%", "%0061", "%25", "%0025", "é", "e", "\u0000", " ", "  ", "😀", "?", "??", "A")
                .forEach(key -> assertThat(names.add(KEYS.idempotency(channel, key)))
                        .as(key)
                        .isTrue());
    }

    @Test
    void theChannelIsFoundByItsName() {
        assertThat(KEYS.channelOf("ws:{chat:1}")).isEqualTo(new ChannelName("chat:1"));
        assertThat(new RedisKeys("").channelOf("{c}")).isEqualTo(new ChannelName("c"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "ws:",
                "ws:{",
                "ws:{}",
                "ws:chat",
                "ws:{chat",
                "ws:chat}",
                "xs:{chat}",
                "ws:{a}b}",
                "ws:meta:{c}"
            })
    void anotherNameIsOfNoChannel(String name) {
        assertThatThrownBy(() -> KEYS.channelOf(name)).isInstanceOf(IllegalArgumentException.class);
    }
}
