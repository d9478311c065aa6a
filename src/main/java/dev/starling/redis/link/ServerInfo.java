package dev.starling.redis.link;

import java.util.regex.Pattern;

/**
 * What a server says about its place in replication, by {@code INFO replication}.
 *
 * @param isReplica whether it follows another server; false if it does not say
 */
record ServerInfo(boolean isReplica) {

    private static final Pattern REPLICA = Pattern.compile("(?m)^role:slave\\b");

    /** Of a server that gives this user no information. */
    static final ServerInfo UNKNOWN = new ServerInfo(false);

    static ServerInfo of(String info) {
        return new ServerInfo(REPLICA.matcher(info).find());
    }
}
