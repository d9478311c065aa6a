package dev.starling.api;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.core.ResolvableType;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferFactory;
import org.springframework.http.codec.json.JacksonJsonEncoder;
import org.springframework.util.MimeType;
import tools.jackson.databind.json.JsonMapper;

/** Ends each JSON answer with a line feed, so that a shell prompt does not follow it on the same line. */
final class LineJsonEncoder extends JacksonJsonEncoder {

    private static final byte LINE_FEED = '\n';

    LineJsonEncoder(JsonMapper mapper) {
        super(mapper);
    }

    @Override
    public DataBuffer encodeValue(
            Object value,
            DataBufferFactory bufferFactory,
            ResolvableType valueType,
            @Nullable MimeType mimeType,
            @Nullable Map<String, Object> hints) {
        return super.encodeValue(value, bufferFactory, valueType, mimeType, hints)
                .write(LINE_FEED);
    }
}
