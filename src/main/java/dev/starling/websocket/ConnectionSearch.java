package dev.starling.websocket;

/**
 * Finds connections by a part of what they are called, in upper or lower case.
 *
 * @param part what the connection's id, its user or its address has in it; empty finds all
 */
public record ConnectionSearch(String part) {

    /** Whether this is one of those that are searched for. */
    public boolean finds(String connection, String user, String address) {
        return isIn(user) || isIn(address) || isIn(connection);
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
