package dev.starling.loadtest.client;

/**
 * Who subscribes to what: client {@code i} to the channels from {@code i × subscriptions} on, modulo their number.
 *
 * @param prefix what the names of the channels begin with
 * @param channels how many there are
 * @param subscriptions how many each client subscribes to
 */
public record ChannelPlan(String prefix, int channels, int subscriptions) {

    /** Nobody subscribes to anything. */
    public static final ChannelPlan NONE = new ChannelPlan("", 1, 0);

    public int first(int client) {
        return (int) ((long) client * subscriptions % channels);
    }

    public String channel(int client, int index) {
        return name((first(client) + index) % channels);
    }

    public String name(int channel) {
        return prefix + channel;
    }

    /** How many of {@code clients} subscribe to a channel. */
    public long subscribers(int channel, int clients) {
        long all = (long) clients * subscriptions;
        return all / channels + (channel < all % channels ? 1 : 0);
    }
}
