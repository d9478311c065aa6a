package dev.starling.broker;

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

    private static final int MOST = 100_000;

    /** @throws IllegalArgumentException naming property, value and range */
    public RevocationProperties {
        if (maxRefusals < 1 || maxRefusals > MOST) {
            throw new IllegalArgumentException(
                    "starling.security.max-refusals is " + maxRefusals + ": it must be from 1 to " + MOST);
        }
    }
}
