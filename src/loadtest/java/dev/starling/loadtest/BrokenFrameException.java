package dev.starling.loadtest;

/** The server sent bytes that are no WebSocket frames. */
final class BrokenFrameException extends RuntimeException {

    BrokenFrameException(String message) {
        super(message, null, false, false);
    }
}
