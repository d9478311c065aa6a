package dev.starling.loadtest.client;

import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The addresses that connections come from: {@code 127.0.0.2-127.0.0.30,127.0.1.1}. */
public record SourceRange(List<InetAddress> addresses) {

    private static final int MAX_ADDRESSES = 65_536;

    public SourceRange {
        addresses = List.copyOf(addresses);
    }

    /** @throws IllegalArgumentException if it is no list of addresses and ranges of them */
    public static SourceRange of(String text) {
        List<InetAddress> addresses = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            String[] ends = part.trim().split("-", 2);
            if (ends.length == 1) {
                addresses.add(address(ends[0]));
            } else {
                addRange(addresses, number(ends[0]), number(ends[1]), part);
            }
        }
        return new SourceRange(addresses);
    }

    /** Which of them this machine does not have, and what would help; empty if it has all. */
    public Optional<String> objection() {
        return addresses.stream()
                .filter(address -> !isHere(address))
                .findFirst()
                .map(InetAddress::getHostAddress)
                .map(address -> "--source " + address + " is no address of this machine. Add it with: ip address add "
                        + address + " dev lo");
    }

    private static boolean isHere(InetAddress address) {
        try (DatagramSocket socket = new DatagramSocket(0, address)) {
            return socket.isBound();
        } catch (SocketException e) {
            return false;
        }
    }

    private static void addRange(List<InetAddress> addresses, int first, int last, String text) {
        int count = last - first + 1;
        if (count < 1 || count > MAX_ADDRESSES) {
            throw new IllegalArgumentException("not a range of 1 to " + MAX_ADDRESSES + " addresses: " + text);
        }
        for (int i = 0; i < count; i++) {
            addresses.add(address(first + i));
        }
    }

    private static int number(String text) {
        if (!(address(text.trim()) instanceof Inet4Address address)) {
            throw new IllegalArgumentException("ranges are of IPv4 addresses: " + text);
        }
        return ByteBuffer.wrap(address.getAddress()).getInt();
    }

    private static InetAddress address(int number) {
        try {
            return InetAddress.getByAddress(
                    ByteBuffer.allocate(4).putInt(number).array());
        } catch (UnknownHostException e) {
            throw new IllegalStateException("four bytes are an address", e);
        }
    }

    private static InetAddress address(String text) {
        // A name would be looked up, and might be anything.
        if (!text.matches("[0-9a-fA-F:.]+") || !text.matches(".*[.:].*")) {
            throw new IllegalArgumentException("not an address: " + text);
        }
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("not an address: " + text, e);
        }
    }
}
