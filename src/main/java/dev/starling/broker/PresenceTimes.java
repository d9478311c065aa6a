package dev.starling.broker;

import dev.starling.setting.Range;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How long a node that says nothing is believed; more options of presence are in the channel room.
 *
 * @param ttl How long the members of a node that died are still shown, 5s to 1h. Within each third of it, a node
 *     confirms all its members.
 */
@ConfigurationProperties("starling.presence")
public record PresenceTimes(@DefaultValue("60s") Duration ttl) {

    /** @throws IllegalArgumentException naming property, value and range */
    public PresenceTimes {
        Range.of("starling.presence.ttl", ttl, Duration.ofSeconds(5), Duration.ofHours(1));
    }
}
