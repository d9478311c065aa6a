package dev.starling.websocket;

import dev.starling.security.Problem;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.net.URISyntaxException;
import org.springframework.http.HttpStatus;

/** The answer to what is no HTTP, or not what a request may be, with which the connection ends. */
final class HttpRefusal {

    private static final Problem LONG_LINE =
            new Problem(HttpStatus.URI_TOO_LONG, "The request's line is too long", null, "uri_too_long");
    private static final Problem LONG_HEADERS = new Problem(
            HttpStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "The request's headers are too long", null, "headers_too_long");
    private static final Problem PATH = new Problem(
            HttpStatus.BAD_REQUEST,
            "The path can't be read",
            "other characters than those of a URI must be percent-encoded, with two hexadecimal digits each",
            "invalid_path");
    private static final Problem OTHER =
            new Problem(HttpStatus.BAD_REQUEST, "The request is not HTTP/1.1", null, "invalid_request");

    private HttpRefusal() {}

    static FullHttpResponse of(Throwable fault) {
        return problem(fault).answer();
    }

    private static Problem problem(Throwable fault) {
        if (fault instanceof TooLongHttpLineException) {
            return LONG_LINE;
        } else if (fault instanceof TooLongHttpHeaderException) {
            return LONG_HEADERS;
        }
        return fault instanceof URISyntaxException ? PATH : OTHER;
    }
}
