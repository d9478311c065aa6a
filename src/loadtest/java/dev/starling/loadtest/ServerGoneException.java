package dev.starling.loadtest;

/** A process of the server that was watched is no more. */
final class ServerGoneException extends RuntimeException {

    ServerGoneException(long pid) {
        super("the process " + pid + " of --pid has ended");
    }
}
