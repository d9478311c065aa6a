package dev.starling.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.io.JsonStringEncoder;

/** The JSON text of one server frame in the making: {@code type} first, then the fields as they come; null adds none. */
final class FrameWriter {

    private static final int USUAL_LENGTH = 128;

    private final StringBuilder json = new StringBuilder(USUAL_LENGTH);

    FrameWriter(String type) {
        json.append("{\"type\":\"").append(type).append('"');
    }

    FrameWriter string(String name, @Nullable String value) {
        if (value != null) {
            name(name).append('"');
            JsonStringEncoder.getInstance().quoteAsString(value, json);
            json.append('"');
        }
        return this;
    }

    FrameWriter number(String name, long value) {
        name(name).append(value);
        return this;
    }

    FrameWriter number(String name, @Nullable Long value) {
        return value == null ? this : number(name, value.longValue());
    }

    FrameWriter flag(String name, @Nullable Boolean value) {
        if (value != null) {
            name(name).append(value.booleanValue());
        }
        return this;
    }

    FrameWriter id(@Nullable RequestId id) {
        if (id != null) {
            name("id").append(id.json());
        }
        return this;
    }

    FrameWriter channel(@Nullable ChannelName channel) {
        if (channel != null) {
            // A channel name has no character that JSON would escape.
            name("channel").append('"').append(channel.value()).append('"');
        }
        return this;
    }

    FrameWriter position(@Nullable StreamPosition position) {
        return position == null ? this : string("epoch", position.epoch()).number("offset", position.offset());
    }

    FrameWriter messages(List<Publication> messages) {
        name("messages").append('[');
        String separator = "";
        for (Publication message : messages) {
            json.append(separator).append("{\"data\":").append(new String(message.data(), StandardCharsets.UTF_8));
            StreamPosition position = message.position();
            if (position != null) {
                number("offset", position.offset());
            }
            json.append('}');
            separator = ",";
        }
        json.append(']');
        return this;
    }

    FrameWriter members(List<Member> members) {
        name("members").append('[');
        String separator = "";
        for (Member member : members) {
            json.append(separator).append("{\"user\":\"");
            JsonStringEncoder.getInstance().quoteAsString(member.user(), json);
            json.append('"');
            string("connection", member.connection()).number("since", member.sinceMillis());
            json.append('}');
            separator = ",";
        }
        json.append(']');
        return this;
    }

    /** The frame with its WebSocket header. */
    ByteBuf finish(ByteBufAllocator allocator) {
        byte[] payload = json.append('}').toString().getBytes(StandardCharsets.UTF_8);
        ByteBuf frame = allocator.directBuffer(TextFrameHeader.size(payload.length) + payload.length);
        TextFrameHeader.write(frame, payload.length);
        return frame.writeBytes(payload);
    }

    private StringBuilder name(String name) {
        return json.append(",\"").append(name).append("\":");
    }
}
