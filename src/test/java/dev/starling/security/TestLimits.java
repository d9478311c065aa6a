package dev.starling.security;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** Limits as the configuration would give them. */
public final class TestLimits {

    private static final ConnectionLimits NONE =
            new ConnectionLimits(of("max-connections=0", "max-connections-per-ip=0", "connect-rate=0"));

    private TestLimits() {}

    /** @param properties such as {@code max-connections=2}; the rest has its defaults */
    public static LimitsProperties of(String... properties) {
        Map<String, String> values = Arrays.stream(properties)
                .map(property -> property.split("=", 2))
                .collect(Collectors.toMap(pair -> "starling.limits." + pair[0], pair -> pair[1]));
        return new Binder(new MapConfigurationPropertySource(values))
                .bindOrCreate("starling.limits", LimitsProperties.class);
    }

    /** Those of HTTP, with proxies in these networks. */
    public static HttpLimits http(LimitsProperties properties, String... trustedProxies) {
        return new HttpLimits(properties, new ClientAddressResolver(List.of(trustedProxies)));
    }

    /** The place of one connection where there are no limits. */
    public static ConnectionPermit permit() {
        return (ConnectionPermit) NONE.admit(ClientAddress.LOCAL);
    }
}
