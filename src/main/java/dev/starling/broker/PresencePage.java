package dev.starling.broker;

import dev.starling.protocol.Member;
import java.util.List;

/**
 * Who is in a channel.
 *
 * @param count how many connections
 * @param members some of them, those that came first first
 */
public record PresencePage(long count, List<Member> members) {

    /** Nobody. */
    static final PresencePage EMPTY = new PresencePage(0, List.of());
}
