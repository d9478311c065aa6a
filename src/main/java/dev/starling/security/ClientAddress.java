package dev.starling.security;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.Arrays;

/**
 * Where a client connects from.
 *
 * @param text the address for people and logs, such as {@code 192.0.2.7} or {@code 2001:db8::7}
 * @param limitKey what counts as one address for the limits: an IPv4 address, or a /64 network of IPv6, since that is what one customer
 *     gets and can choose addresses from at will
 */
public record ClientAddress(String text, String limitKey) {

    /** A client that did not come by IP, such as by a Unix socket: all of them count as one address. */
    public static final ClientAddress LOCAL = new ClientAddress("local", "local");

    static ClientAddress of(InetAddress address) {
        String text = NetUtil.toAddressString(address);
        byte[] bytes = address.getAddress();
        return new ClientAddress(text, bytes.length == 4 ? text : network64(bytes));
    }

    private static String network64(byte[] address) {
        byte[] network = address.clone();
        Arrays.fill(network, 8, 16, (byte) 0);
        return NetUtil.bytesToIpAddress(network) + "/64";
    }
}
