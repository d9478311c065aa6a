/** RFC 6455, section 7.4.1: no close frame came. */
export const ABNORMAL = 1006;

const NEVER = new Set([1000, 1002, 1003, 1007, 1009]);

/** Whether the close code alone says not to come back: see "Close codes" in the server's protocol.md. */
export function isTerminal(code) {
  return NEVER.has(code) || (code >= 4500 && code <= 4999);
}

/** The error codes that the client itself acts upon, or reports. */
export const ErrorCode = { RATE_LIMITED: 107, TOO_LARGE: 108, UNRECOVERABLE_POSITION: 110, INTERNAL: 111, INVALID_TOKEN: 112 };
