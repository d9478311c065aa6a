/** The client: what stands here is replaced by it. */
export const SUBPROTOCOL = "starling.v1";
