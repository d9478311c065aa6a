/** The client: what stands here is replaced by it. */
export declare const SUBPROTOCOL: "starling.v1";
