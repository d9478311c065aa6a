package dev.starling.redis;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a server says about its place in replication, by {@code INFO replication}.
 *
 * @param isReplica whether it follows another server; false if it does not say
 * @param replicationId names the history of writes that it continues, and changes with each start of a master and with each
 *     promotion; empty if it does not say
 */
record ServerInfo(boolean isReplica, String replicationId) {

    private static final Pattern REPLICA = Pattern.compile("(?m)^role:slave\\b");
    private static final Pattern ID = Pattern.compile("(?m)^master_replid:([0-9a-f]{1,64})\\b");

    /** Of a server that gives this user no information. */
    static final ServerInfo UNKNOWN = new ServerInfo(false, "");

    static ServerInfo of(String info) {
        Matcher id = ID.matcher(info);
        return new ServerInfo(REPLICA.matcher(info).find(), id.find() ? id.group(1) : "");
    }
}
