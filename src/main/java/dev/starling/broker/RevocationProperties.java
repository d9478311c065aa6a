package dev.starling.broker;

import dev.starling.setting.Range;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How many may be refused, see {@link Revocations}.
 *
 * @param maxRefusals Users, API keys and tokens that are refused at a time on all nodes, 1 to 100000. No more are
 *     accepted beyond it.
 */
@ConfigurationProperties("starling.security")
public record RevocationProperties(@DefaultValue("10000") int maxRefusals) {

    /** @throws IllegalArgumentException naming property, value and range */
    public RevocationProperties {
        Range.of("starling.security.max-refusals", maxRefusals, 1, 100_000);
    }
}
