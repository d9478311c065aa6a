package dev.starling.api;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What this node serves by plain HTTP.
 *
 * @param api what operators may ask
 * @param console the page from which operators look at a node
 */
@ConfigurationProperties("starling")
record ApiProperties(@DefaultValue Api api, @DefaultValue Console console) {

    private static final int MOST_CLOSES = 100_000;

    /**
     * What operators may ask.
     *
     * @param recentCloses how many of the connections that ended last are remembered, with what they ended by; 0 to 100000
     */
    record Api(@DefaultValue("1000") int recentCloses) {

        /** @throws IllegalArgumentException naming the property, the value and what is allowed */
        Api {
            if (recentCloses < 0 || recentCloses > MOST_CLOSES) {
                throw new IllegalArgumentException(
                        "starling.api.recent-closes is " + recentCloses + ": it must be from 0 to " + MOST_CLOSES);
            }
        }
    }

    /**
     * The page from which operators look at a node.
     *
     * @param enabled whether it is served, at {@code /console/}
     */
    record Console(@DefaultValue("true") boolean enabled) {}
}
