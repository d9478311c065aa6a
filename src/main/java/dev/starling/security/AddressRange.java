package dev.starling.security;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/** A network of IP addresses, such as {@code 10.0.0.0/8}, {@code 2001:db8::/32} or {@code 192.0.2.1} alone. */
record AddressRange(InetAddress network, int prefixBits) {

    /** @throws IllegalArgumentException saying what is allowed */
    static AddressRange parse(String text) {
        int slash = text.indexOf('/');
        InetAddress network = literal(slash < 0 ? text : text.substring(0, slash));
        if (network == null) {
            throw new IllegalArgumentException(
                    "must be an IPv4 or IPv6 address, or address/bits; host names are not allowed");
        }
        int maxBits = network.getAddress().length * 8;
        return new AddressRange(network, slash < 0 ? maxBits : bits(text.substring(slash + 1), maxBits));
    }

    private static int bits(String digits, int max) {
        try {
            int bits = Integer.parseInt(digits);
            if (bits >= 0 && bits <= max) {
                return bits;
            }
        } catch (NumberFormatException e) {
            // Told below, as for a number out of range.
        }
        throw new IllegalArgumentException("the number after the / must be between 0 and " + max);
    }

    boolean contains(InetAddress address) {
        byte[] a = network.getAddress();
        byte[] b = address.getAddress();
        if (a.length != b.length) {
            return false;
        }
        for (int bit = 0; bit < prefixBits; bit += 8) {
            int mask = prefixBits - bit >= 8 ? 0xff : (0xff << (8 - (prefixBits - bit))) & 0xff;
            if (((a[bit / 8] ^ b[bit / 8]) & mask) != 0) {
                return false;
            }
        }
        return true;
    }

    /** An address written out, an IPv4 address inside of IPv6 as IPv4; null for anything else. Never asks the DNS. */
    static @Nullable InetAddress literal(String text) {
        // A scope such as %eth0 means something on the machine that wrote it only.
        boolean plain = !text.isEmpty() && text.indexOf('%') < 0 && text.indexOf('[') < 0;
        byte[] bytes = plain ? NetUtil.createByteArrayFromIpAddressString(text) : null;
        try {
            return bytes == null ? null : InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new AssertionError("an address has 4 or 16 bytes", e);
        }
    }
}
