/**
 * The edge: admission, sessions, outboxes, heartbeat, drain. May import {@code channel}, {@code security},
 * {@code setting} and {@code protocol}; only {@code api} may import it, and the application for its {@link
 * dev.starling.websocket.ExitDeadline}.
 */
@NullMarked
package dev.starling.websocket;

import org.jspecify.annotations.NullMarked;
