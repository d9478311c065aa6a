package dev.starling.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;

class ClientAddressResolverTests {

    private static final String PROXY = "10.0.0.1";
    private final ClientAddressResolver resolver =
            new ClientAddressResolver(List.of("10.0.0.0/8", "2001:db8:1::/48", "192.0.2.200"));

    @Test
    void headersOfAnybodyElseAreNotBelieved() {
        assertThat(from("192.0.2.7", "X-Forwarded-For", "1.1.1.1")).isEqualTo("192.0.2.7");
        assertThat(from("192.0.2.7", "Forwarded", "for=1.1.1.1")).isEqualTo("192.0.2.7");
        assertThat(new ClientAddressResolver(List.of())
                        .of(request(PROXY, "X-Forwarded-For", "1.1.1.1"))
                        .text())
                .isEqualTo(PROXY);
    }

    @Test
    void proxyWithoutHeaderCountsItself() {
        assertThat(resolver.of(MockServerHttpRequest.get("/")
                                .remoteAddress(new InetSocketAddress(PROXY, 1))
                                .build())
                        .text())
                .isEqualTo(PROXY);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "198.51.100.7 | 198.51.100.7",
                "6.6.6.6, 198.51.100.7 | 198.51.100.7",
                "6.6.6.6, 198.51.100.7, 10.1.1.1 | 198.51.100.7",
                "198.51.100.7,10.1.1.1,2001:db8:1::5 | 198.51.100.7",
                "10.2.2.2, 10.1.1.1 | 10.2.2.2",
                "198.51.100.7:4711 | 198.51.100.7",
                "2001:db8:2::7 | 2001:db8:2::7",
                "[2001:db8:2::7]:4711 | 2001:db8:2::7",
                "::ffff:198.51.100.7 | 198.51.100.7",
                "unknown | 10.0.0.1",
                "6.6.6.6, unknown | 10.0.0.1",
                "6.6.6.6, unknown, 10.1.1.1 | 10.1.1.1",
                "6.6.6.6, | 10.0.0.1",
                "6.6.6.6, evil.example | 10.0.0.1",
                "6.6.6.6, 1.2.3 | 10.0.0.1",
                "6.6.6.6, 300.1.1.1 | 10.0.0.1",
                "6.6.6.6, [::1 | 10.0.0.1",
                "6.6.6.6, fe80::1%lo | 10.0.0.1",
                "6.6.6.6, 1.1.1.1:x:y | 10.0.0.1",
            })
    void walksForwardedAddressesFromTheRight(String header, String expected) {
        assertThat(from(PROXY, "X-Forwarded-For", header)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\'',
            value = {
                "for=198.51.100.7 | 198.51.100.7",
                "For=\"198.51.100.7:80\";proto=https;by=10.0.0.1 | 198.51.100.7",
                "for=6.6.6.6, proto=https;for=198.51.100.7 | 198.51.100.7",
                "for=198.51.100.7, for=10.1.1.1 | 198.51.100.7",
                "for=\"[2001:db8:2::7]:4711\" | 2001:db8:2::7",
                "for=\"[2001:db8:2::7]\" | 2001:db8:2::7",
                "for=198.51.100.7;ext=\"a,b;for=6.6.6.6\" | 198.51.100.7",
                "for=198.51.100.7;ext=\"a\\\"b\" | 198.51.100.7",
                "for=6.6.6.6, for=unknown | 10.0.0.1",
                "for=6.6.6.6, for=_hidden | 10.0.0.1",
                "for=6.6.6.6, by=10.0.0.1 | 10.0.0.1",
                "for=6.6.6.6, for=198.51.100.7;for=7.7.7.7 | 10.0.0.1",
                "for=\"198.51.100.7:_port\" | 198.51.100.7",
            })
    void readsTheStandardHeader(String header, String expected) {
        assertThat(from(PROXY, "Forwarded", header)).isEqualTo(expected);
    }

    @Test
    void quoteThatIsNeverClosedSwallowsNothing() {
        assertThat(from(PROXY, "Forwarded", "for=6.6.6.6;x=\", for=198.51.100.7"))
                .isEqualTo(PROXY);
        assertThat(from(PROXY, "Forwarded", "for=6.6.6.6;x=\", for=\"[2001:db8:2::7]:1\""))
                .isEqualTo(PROXY);
        assertThat(from(PROXY, "Forwarded", "for=6.6.6.6;x=\"", "for=198.51.100.7"))
                .isEqualTo("198.51.100.7");
    }

    @Test
    void severalHeadersAreOneList() {
        assertThat(from(PROXY, "X-Forwarded-For", "6.6.6.6", "198.51.100.7", "10.1.1.1"))
                .isEqualTo("198.51.100.7");
    }

    @Test
    void bothHeadersMustAgree() {
        assertThat(both("198.51.100.7", "for=198.51.100.7")).isEqualTo("198.51.100.7");
        assertThat(both("198.51.100.7", "for=6.6.6.6")).isEqualTo(PROXY);
        assertThat(both("6.6.6.6", "for=198.51.100.7")).isEqualTo(PROXY);
        assertThat(both("6.6.6.6", "")).isEqualTo(PROXY);
    }

    @Test
    void noAddressAtAllIsLocal() {
        assertThat(resolver.of(MockServerHttpRequest.get("/").build())).isEqualTo(ClientAddress.LOCAL);
        assertThat(resolver.of(MockServerHttpRequest.get("/")
                        .remoteAddress(InetSocketAddress.createUnresolved("evil.example", 1))
                        .build()))
                .isEqualTo(ClientAddress.LOCAL);
    }

    @Test
    void sixtyFourBitsOfIpv6CountAsOneAddress() {
        ClientAddress one = resolver.of(request("2001:db8:2:3::1", "X", ""));
        ClientAddress neighbour = resolver.of(request("2001:db8:2:3:ffff:ffff:ffff:ffff", "X", ""));
        ClientAddress other = resolver.of(request("2001:db8:2:4::1", "X", ""));
        assertThat(one.text()).isEqualTo("2001:db8:2:3::1");
        assertThat(one.limitKey()).isEqualTo(neighbour.limitKey()).endsWith("/64");
        assertThat(other.limitKey()).isNotEqualTo(one.limitKey());
    }

    @Test
    void ipv4CountsWhole() {
        assertThat(resolver.of(request("192.0.2.7", "X", ""))).isEqualTo(new ClientAddress("192.0.2.7", "192.0.2.7"));
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.255.0.1, true",
        "10.0.0.0/8, 11.0.0.1, false",
        "192.0.2.128/25, 192.0.2.127, false",
        "192.0.2.128/25, 192.0.2.128, true",
        "192.0.2.1, 192.0.2.1, true",
        "192.0.2.1, 192.0.2.2, false",
        "0.0.0.0/0, 9.9.9.9, true",
        "0.0.0.0/0, ::1, false",
        "2001:db8::/33, 2001:db8:7fff::, true",
        "2001:db8::/33, 2001:db8:8000::, false",
        "::ffff:10.0.0.1, 10.0.0.1, true",
    })
    void rangeContains(String range, String address, boolean expected) {
        assertThat(AddressRange.parse(range).contains(Objects.requireNonNull(AddressRange.literal(address))))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "localhost", "proxy.example", "10.0.0.0/33", "::/129", "10.0.0.0/-1", "10.0.0.0/", "a/8"})
    void refusesWhatIsNoRange(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AddressRange.parse(text))
                .withMessageContaining("must be");
    }

    private String from(String peer, String header, String... values) {
        return resolver.of(request(peer, header, values)).text();
    }

    private String both(String plain, String standard) {
        return resolver.of(MockServerHttpRequest.get("/")
                        .remoteAddress(new InetSocketAddress(PROXY, 1))
                        .header("X-Forwarded-For", plain)
                        .header("Forwarded", standard)
                        .build())
                .text();
    }

    private static MockServerHttpRequest request(String peer, String header, String... values) {
        return MockServerHttpRequest.get("/")
                .remoteAddress(new InetSocketAddress(peer, 1))
                .header(header, values)
                .build();
    }
}
