package dev.starling.redis.link;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a server says of itself in INFO; those that are compatible with Redis say which one they are compatible with. */
record RedisVersion(int major, int minor) {

    /** The least for pub/sub, scripts and streams. */
    static final RedisVersion CLASSIC = new RedisVersion(6, 2);

    /** The least for sharded pub/sub. */
    static final RedisVersion SHARDED = new RedisVersion(7, 0);

    /** Of a server that does not say; new enough for all. */
    static final RedisVersion UNKNOWN = new RedisVersion(Integer.MAX_VALUE, 0);

    private static final Pattern LINE = Pattern.compile("(?m)^redis_version:(\\d{1,6})\\.(\\d{1,6})");

    static RedisVersion of(String info) {
        Matcher line = LINE.matcher(info);
        return line.find()
                ? new RedisVersion(Integer.parseInt(line.group(1)), Integer.parseInt(line.group(2)))
                : UNKNOWN;
    }

    boolean isBelow(RedisVersion least) {
        return major < least.major || (major == least.major && minor < least.minor);
    }
}
