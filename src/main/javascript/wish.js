/** The shortest wait that a server may ask for where the client comes back again and again. Milliseconds. */
export const LEAST = 1000;

/** The longest wait without a connection that a server may ask for. Milliseconds. */
export const LONGEST = 300_000;

/** The longest wait while there is a connection, for its next sign of life or for the move to another node. Milliseconds. */
export const HOUR = 3_600_000;

/** A wait that the server asks for, kept within bounds; undefined if it is not a number. */
export function within(wish, least, most) {
  return typeof wish === "number" && !Number.isNaN(wish) ? Math.min(most, Math.max(least, wish)) : undefined;
}
