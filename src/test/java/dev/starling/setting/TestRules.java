package dev.starling.setting;

import java.util.HashMap;
import java.util.Map;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** Rules for channels as a node binds them, for the tests and benchmarks of all rooms. */
public final class TestRules {

    private TestRules() {}

    /** Rules in their order, each a pattern and its options: {@code "chat:* history-size=100 presence=true"}. */
    public static ChannelRules of(String... rules) {
        Map<String, String> properties = new HashMap<>();
        for (int i = 0; i < rules.length; i++) {
            String[] words = ("pattern=" + rules[i]).split(" ");
            for (String word : words) {
                int equals = word.indexOf('=');
                properties.put("starling.channels[" + i + "]." + word.substring(0, equals), word.substring(equals + 1));
            }
        }
        return bind(properties);
    }

    static ChannelRules bind(Map<String, String> properties) {
        return new Binder(new MapConfigurationPropertySource(properties)).bindOrCreate("starling", ChannelRules.class);
    }
}
