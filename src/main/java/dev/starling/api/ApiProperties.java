package dev.starling.api;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What this node serves by plain HTTP.
 *
 * @param console the page from which operators look at a node
 */
@ConfigurationProperties("starling")
record ApiProperties(@DefaultValue Console console) {

    /**
     * The page from which operators look at a node.
     *
     * @param enabled whether it is served, at {@code /console/}
     */
    record Console(@DefaultValue("true") boolean enabled) {}
}
