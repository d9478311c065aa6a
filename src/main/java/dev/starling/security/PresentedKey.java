package dev.starling.security;

import java.util.List;
import org.springframework.security.authentication.AbstractAuthenticationToken;

/** An API key as a request brought it, not looked up yet. Its text form does not show it. */
final class PresentedKey extends AbstractAuthenticationToken {

    private final String key;

    PresentedKey(String key) {
        super(List.of());
        this.key = key;
    }

    @Override
    public String getCredentials() {
        return key;
    }

    @Override
    public String getPrincipal() {
        return "not looked up";
    }
}
