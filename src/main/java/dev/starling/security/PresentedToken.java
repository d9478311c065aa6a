package dev.starling.security;

import java.util.List;
import org.springframework.security.authentication.AbstractAuthenticationToken;

/** A token as a request brought it, not verified yet. Unlike Spring's own, its text form does not show the token. */
final class PresentedToken extends AbstractAuthenticationToken {

    private final String token;

    PresentedToken(String token) {
        super(List.of());
        this.token = token;
    }

    /** Whether the text has the form of a bearer token (RFC 6750, section 2.1: {@code b64token}). */
    static boolean isToken(String text) {
        int end = text.length();
        while (end > 0 && text.charAt(end - 1) == '=') {
            end--;
        }
        for (int i = 0; i < end; i++) {
            char c = text.charAt(i);
            boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            if (!letter && "-._~+/".indexOf(c) < 0) {
                return false;
            }
        }
        return end > 0;
    }

    @Override
    public String getCredentials() {
        return token;
    }

    @Override
    public String getPrincipal() {
        return "not verified";
    }
}
