package dev.starling.broker;

import dev.starling.setting.Range;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Presence, in channels with {@code starling.channels[n].presence}.
 *
 * @param ttl How long the members of a node that died are still shown, 5s to 1h. Within each third of it, a node
 *     confirms all its members.
 * @param maxMembers Members listed in one answer, 0 to 5000. The count includes all.
 * @param maxChangesPerSecond {@code join} and {@code leave} frames per channel and second that this node publishes, 1
 *     to 100000. More are dropped and counted.
 */
@ConfigurationProperties("starling.presence")
public record PresenceProperties(
        @DefaultValue("60s") Duration ttl,
        @DefaultValue("1000") int maxMembers,
        @DefaultValue("100") int maxChangesPerSecond) {

    /** @throws IllegalArgumentException naming the property, the value and what is allowed */
    public PresenceProperties {
        Range.of("starling.presence.ttl", ttl, Duration.ofSeconds(5), Duration.ofHours(1));
        Range.of("starling.presence.max-members", maxMembers, 0, 5000);
        Range.of("starling.presence.max-changes-per-second", maxChangesPerSecond, 1, 100_000);
    }
}
