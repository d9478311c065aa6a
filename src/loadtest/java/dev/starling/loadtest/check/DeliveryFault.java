package dev.starling.loadtest.check;

/**
 * One breach of what the protocol promises.
 *
 * @param subscriber the name of who was wronged; empty if that is no single one
 * @param detail what was expected and what came
 */
public record DeliveryFault(Kind kind, String channel, String subscriber, String detail) {

    /** What can be wrong. */
    public enum Kind {
        /** Messages of a channel with history that a subscriber neither got nor was told of. */
        LOST,
        /** A message that a subscriber had already, or that comes after a later one. */
        REPEATED,
        /** One message that has two places in the channel. */
        PUBLISHED_TWICE,
        /** Messages of one publisher that have other places than in the order in which it sent them. */
        OUT_OF_ORDER,
        /** One position at which there are different messages. */
        ALTERED,
        /** An offset that was given to no message. */
        HOLE,
        /** A message that nobody sent. */
        STRANGE,
        /** A message to somebody who is not subscribed. */
        UNASKED,
        /** A message or an acknowledgement without a position in a channel that has them, or with one in another. */
        WRONG_POSITION,
        /** A gap that does not begin after the last message, or that ends before it begins. */
        WRONG_GAP,
        /** A subscription that goes on elsewhere than where the subscriber was without saying so, or that goes back. */
        WRONG_RECOVERY,
        /** A subscriber that was left in a history which has been replaced. */
        UNTOLD_RESTART
    }
}
