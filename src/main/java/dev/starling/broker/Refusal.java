package dev.starling.broker;

import java.util.Locale;

/** placeholder */
public record Refusal(Kind kind, String name, long until) {
    public enum Kind {
        USER,
        TOKEN;

        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
