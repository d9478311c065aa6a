package dev.starling.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AccessTokenQueryTests {

    @ParameterizedTest
    @CsvSource({
        "/ws?access_token=a.b.c, /ws, Bearer a.b.c",
        "/ws?x=1&access_token=a.b.c&y=2, /ws?x=1&y=2, Bearer a.b.c",
        "/ws?access%5Ftoken=a.b.c, /ws, Bearer a.b.c",
        "/ws?%61ccess_token=a%2Eb%2ec, /ws, Bearer a.b.c",
        "/ws?access_token=, /ws, Bearer !",
        "/ws?access_token, /ws, Bearer !",
        "/ws?access_token=%zz, /ws, Bearer !",
        "/ws?access_token=a%0d%0aX-Evil:%201, /ws, Bearer !",
        "/ws?access_token=a+b, /ws, Bearer !",
        "http://host/ws?access_token=abc&x=1, http://host/ws?x=1, Bearer abc",
    })
    void tokenMovesToTheHeader(String uri, String expected, String authorization) {
        FullHttpRequest request = handle(request(uri));
        assertThat(request.uri()).isEqualTo(expected);
        assertThat(request.headers().getAll("Authorization")).containsExactly(authorization);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/ws",
                "/ws?",
                "/ws?x=1&y=%20&&z",
                "/ws?xaccess_token=1",
                "/ws?ACCESS_TOKEN=1",
                "/ws?x=%zz",
                "/ws?&"
            })
    void requestWithoutTokenStaysAsItIs(String uri) {
        FullHttpRequest request = handle(request(uri));
        assertThat(request.uri()).isEqualTo(uri);
        assertThat(request.headers().isEmpty()).isTrue();
    }

    @Test
    void eachTokenIsOneMoreLine() {
        FullHttpRequest request = request("/ws?access_token=a&x&access_token=b");
        request.headers().set("Authorization", "Basic YTpi");

        assertThat(handle(request).headers().getAll("Authorization"))
                .containsExactly("Basic YTpi", "Bearer a", "Bearer b");
        assertThat(request.uri()).isEqualTo("/ws?x");
    }

    @Test
    void whatIsNoRequestPasses() {
        EmbeddedChannel channel = new EmbeddedChannel(new QueryTokenHandler());
        channel.writeInbound("anything");
        assertThat(channel.<String>readInbound()).isEqualTo("anything");
    }

    private static FullHttpRequest request(String uri) {
        return new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, uri, Unpooled.EMPTY_BUFFER);
    }

    private static FullHttpRequest handle(FullHttpRequest request) {
        EmbeddedChannel channel = new EmbeddedChannel(new QueryTokenHandler());
        channel.writeInbound(request);
        FullHttpRequest handled = channel.readInbound();
        assertThat(handled).isSameAs(request);
        return handled;
    }
}
