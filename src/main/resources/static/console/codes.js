/** What the numbers and names of the protocol (src/docs/protocol.md) mean, for people. */

const CLOSES = {
  1000: ["normal", "The client was done."],
  1001: ["going away", "The node was shutting down, or the page was left. Clients come back to another node."],
  1002: ["protocol error", "What came was no valid WebSocket."],
  1003: ["unsupported data", "A binary frame came; only text is accepted."],
  1006: ["abnormal", "The connection broke without a close frame: the network, or a process that was killed."],
  1007: ["invalid text", "A text frame was not UTF-8."],
  1009: ["message too big", "A message was over the size limit."],
  1011: ["internal error", "The server failed; its log says how."],
  4001: ["slow_consumer", "The client read more slowly than its channels spoke."],
  4002: ["heartbeat_timeout", "The client gave no sign of life."],
  4003: ["rate_limited", "The client kept sending faster than it may."],
  4004: ["rebalance", "The client was sent to another node."],
  4005: ["insufficient_state", "The node could not tell what the client had missed."],
  4006: ["token_expired", "The token expired and was not refreshed."],
  4501: ["revoked", "The user or the token was refused."],
  4502: ["too_many_errors", "The client kept sending malformed frames."],
  4503: ["closed_by_operator", "An operator ended the connection."],
};

const ERRORS = {
  100: "malformed",
  101: "unknown_type",
  102: "invalid_channel",
  103: "not_subscribed",
  105: "forbidden",
  106: "too_many_subscriptions",
  107: "rate_limited",
  108: "too_large",
  109: "broker_unavailable",
  110: "unrecoverable_position",
  111: "internal",
  112: "invalid_token",
};

const REFUSALS = {
  no_token: "There was no token. Paste one, or open the link that the server printed.",
  bad_handshake: "The server did not take the request for a WebSocket. Something between it and this page changes the handshake.",
  invalid_token:
    "The server does not accept this token: it is malformed, has expired, or was signed with another key" +
    " (a development token dies with its process). Paste a new one, or open the link from the server's log.",
  origin:
    "The server does not allow pages of this address. Open the console at the server's own address, or add this one to" +
    " starling.security.allowed-origins.",
  address_limit: "There are too many connections from this address. Close some, or raise starling.limits.max-connections-per-ip.",
  user_limit: "This user has too many connections. Close some, or raise starling.limits.max-connections-per-user.",
  node_full: "The node is full.",
  connect_rate: "Too many clients connect to this node at once.",
  overloaded: "The client waited too long for the node, which has more to do than it can.",
  draining: "The node is about to stop.",
  not_ready: "The node is not ready yet.",
};

/** The close codes that have a name, as `[code, name]`. */
export const CLOSE_NAMES = Object.entries(CLOSES).map(([code, [name]]) => [Number(code), name]);

/** The name of a close code; empty if it has none. */
export function closeName(code) {
  return CLOSES[code]?.[0] ?? "";
}

/** What a close code means, in a sentence; empty if nobody knows. */
export function closeMeaning(code) {
  return CLOSES[code]?.[1] ?? "";
}

/** Why an upgrade or a request was refused, and what to do; empty if nobody knows. */
export function refusalMeaning(code) {
  return REFUSALS[code] ?? "";
}

/** An error of the client, in a line: `Refused with 105 forbidden: …`. */
export function errorText(error) {
  const name = typeof error.code === "number" ? `${error.code} ${ERRORS[error.code] ?? ""}`.trim() : error.code;
  return name ? `${name}: ${error.message}` : error.message;
}
