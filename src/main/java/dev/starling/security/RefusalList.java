package dev.starling.security;

/** Tokens that are good for nothing although they are valid, since an operator said so. */
@FunctionalInterface
public interface RefusalList {

    /** Whether this is one of them. Asked for each token that is verified, by any thread; must not block. */
    boolean refuses(VerifiedToken token);
}
