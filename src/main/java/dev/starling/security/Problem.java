package dev.starling.security;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import tools.jackson.core.io.JsonStringEncoder;

/**
 * The body of a refusal. Written here rather than by a message writer, since most refusals come from a filter, in front of everything
 * that would know how to write one.
 *
 * @param status the status of the response
 * @param title what it is, for people, the same at each occurrence
 * @param detail more of this occurrence, for people, JSON-safe or not; null = nothing to add
 * @param code the reason for programs, such as {@code no_token}
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9457">RFC 9457</a>
 */
public record Problem(
        HttpStatus status, String title, @Nullable String detail, String code) {

    /** Makes it the response, and completes when that is written; without effect if the response has begun. */
    public Mono<Void> write(ServerWebExchange exchange) {
        ServerHttpResponse response = exchange.getResponse();
        if (!response.setStatusCode(status)) {
            return Mono.empty();
        }
        byte[] body = body();
        HttpHeaders headers = response.getHeaders();
        headers.setContentType(MediaType.APPLICATION_PROBLEM_JSON);
        headers.setContentLength(body.length);
        return response.writeWith(
                Mono.fromSupplier(() -> response.bufferFactory().wrap(body)));
    }

    /** The same for a handler that writes to the connection itself, and closes it then. */
    public FullHttpResponse answer() {
        byte[] body = body();
        FullHttpResponse answer = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status.value()), Unpooled.wrappedBuffer(body));
        answer.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, MediaType.APPLICATION_PROBLEM_JSON_VALUE)
                .set(HttpHeaderNames.CONTENT_LENGTH, body.length)
                .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        return answer;
    }

    /** The same as the bytes of a body. */
    public byte[] body() {
        return json().getBytes(StandardCharsets.UTF_8);
    }

    private String json() {
        StringBuilder json = new StringBuilder(160);
        json.append("{\"type\":\"about:blank\",\"title\":\"").append(quote(title));
        json.append("\",\"status\":").append(status.value());
        if (detail != null) {
            json.append(",\"detail\":\"").append(quote(detail)).append('"');
        }
        return json.append(",\"code\":\"").append(code).append("\"}\n").toString();
    }

    private static String quote(String text) {
        return new String(JsonStringEncoder.getInstance().quoteAsCharArray(text));
    }
}
