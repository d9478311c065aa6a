package dev.starling.redis.link;

import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import java.nio.ByteBuffer;
import java.security.SecureRandom;

/**
 * A channel's name on the way to a {@link LinkConnection} and back. Lettuce keeps the names of a connection in a hash set whose
 * entries have no order, so names of equal hash would cost linear time each. This hash has factors that are drawn at random
 * for each process: clients cannot choose names that collide.
 */
record LinkName(String text) {

    /** As {@link RedisClients#CODEC}, for the connections of links. */
    static final RedisCodec<LinkName, byte[]> CODEC = new RedisCodec<>() {
        @Override
        public LinkName decodeKey(ByteBuffer bytes) {
            return new LinkName(StringCodec.ASCII.decodeKey(bytes));
        }

        @Override
        public byte[] decodeValue(ByteBuffer bytes) {
            return ByteArrayCodec.INSTANCE.decodeValue(bytes);
        }

        @Override
        public ByteBuffer encodeKey(LinkName name) {
            return StringCodec.ASCII.encodeKey(name.text());
        }

        @Override
        public ByteBuffer encodeValue(byte[] value) {
            return ByteArrayCodec.INSTANCE.encodeValue(value);
        }
    };

    /** More than any name of ours has characters; a power of two. */
    private static final int FACTOR_COUNT = 1024;

    private static final long[] FACTORS = new SecureRandom().longs(FACTOR_COUNT).toArray();

    /** The upper half of a sum with random factors: a universal hash, since no character of a name is 0. */
    @Override
    public int hashCode() {
        long sum = 0;
        for (int i = 0; i < text.length(); i++) {
            sum += FACTORS[i & (FACTOR_COUNT - 1)] * text.charAt(i);
        }
        return (int) (sum >>> Integer.SIZE);
    }

    @Override
    public String toString() {
        return text;
    }
}
