/**
 * Who may connect, subscribe and publish: tokens, origins, permissions, limits per address. May import
 * {@code setting} and {@code protocol}.
 */
@NullMarked
package dev.starling.security;

import org.jspecify.annotations.NullMarked;
