package dev.starling.broker;

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

    private static final Duration LEAST = Duration.ofSeconds(5);
    private static final Duration MOST = Duration.ofHours(1);

    /** @throws IllegalArgumentException naming property, value and range */
    public PresenceTimes {
        if (ttl.compareTo(LEAST) < 0 || ttl.compareTo(MOST) > 0) {
            throw new IllegalArgumentException(
                    "starling.presence.ttl is " + ttl.toMillis() + "ms: it must be from 5s to 1h");
        }
    }
}
