package dev.starling.protocol;

/**
 * A text message is not UTF-8, hence no text at all: the connection ends with {@link CloseCode#INVALID_TEXT}. Without a
 * stack trace, as it is the client's fault.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6455#section-8.1">RFC 6455, section 8.1</a>
 */
public final class InvalidTextException extends Exception {

    InvalidTextException() {
        super(CloseCode.INVALID_TEXT.reason(), null, false, false);
    }
}
