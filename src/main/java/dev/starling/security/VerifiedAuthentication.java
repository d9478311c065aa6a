package dev.starling.security;

import java.util.Collection;
import org.springframework.security.authentication.AbstractAuthenticationToken;
import org.springframework.security.core.GrantedAuthority;

/** A request with a valid token. Holds what the token says and its authorities ({@code SCOPE_…}), not the token. */
final class VerifiedAuthentication extends AbstractAuthenticationToken {

    private final VerifiedToken token;

    VerifiedAuthentication(VerifiedToken token, Collection<? extends GrantedAuthority> authorities) {
        super(authorities);
        this.token = token;
        setAuthenticated(true);
    }

    @Override
    public VerifiedToken getPrincipal() {
        return token;
    }

    @Override
    public String getName() {
        return token.user();
    }

    @Override
    public String getCredentials() {
        return "";
    }
}
