package dev.starling.websocket;

import org.jspecify.annotations.Nullable;

/**
 * Finds connections: those to which all of this applies.
 *
 * @param connection the id of the one that is looked for; null finds all
 * @param part what the connection's id, its user or its address has in it, in upper or lower case; empty finds all
 * @param user whose they are; null finds all
 * @param address where they come from; null finds all
 */
public record ConnectionSearch(
        @Nullable String connection,
        String part,
        @Nullable String user,
        @Nullable String address) {

    /** Whether this is one of those that are searched for. */
    public boolean finds(String connection, String user, String address) {
        return (this.connection == null || this.connection.equals(connection))
                && (this.user == null || this.user.equals(user))
                && (this.address == null || this.address.equals(address))
                && (isIn(user) || isIn(address) || isIn(connection));
    }

    private boolean isIn(String text) {
        int last = text.length() - part.length();
        for (int i = 0; i <= last; i++) {
            if (text.regionMatches(true, i, part, 0, part.length())) {
                return true;
            }
        }
        return false;
    }
}
