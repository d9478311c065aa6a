package dev.starling.security;

import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A query without its {@code access_token}, and what that said.
 *
 * @param rest the query without the parameter, everything else as it was; null = nothing is left, or there was no query
 * @param tokens its values, percent-decoded, in their order; more than one is a mistake, but not of this class
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6750#section-2.3">RFC 6750, section 2.3</a>
 */
record AccessTokenQuery(@Nullable String rest, List<String> tokens) {

    /** In place of a token that cannot be read; no token looks like it, so it is refused as any other bad one. */
    static final String UNREADABLE = "!";

    private static final String NAME = "access_token";

    /** @param query what stands after the {@code ?} */
    static AccessTokenQuery parse(@Nullable String query) {
        if (query == null || !(query.contains(NAME) || query.indexOf('%') >= 0)) {
            return new AccessTokenQuery(query, List.of());
        }
        List<String> rest = new ArrayList<>();
        List<String> tokens = new ArrayList<>(1);
        for (String parameter : query.split("&", -1)) {
            int equals = parameter.indexOf('=');
            if (!NAME.equals(decode(equals < 0 ? parameter : parameter.substring(0, equals)))) {
                rest.add(parameter);
            } else {
                tokens.add(equals < 0 ? UNREADABLE : value(parameter.substring(equals + 1)));
            }
        }
        return new AccessTokenQuery(rest.isEmpty() ? null : String.join("&", rest), tokens);
    }

    private static String value(String encoded) {
        String token = decode(encoded);
        return token != null && PresentedToken.isToken(token) ? token : UNREADABLE;
    }

    private static @Nullable String decode(String encoded) {
        try {
            return QueryStringDecoder.decodeComponent(encoded);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
