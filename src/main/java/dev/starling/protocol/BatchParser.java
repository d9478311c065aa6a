package dev.starling.protocol;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonToken;
import tools.jackson.core.json.JsonFactory;

/** The reading of many messages at once. Thread-safe. */
final class BatchParser {

    private final ChannelNameRule names;
    private final JsonFactory one;
    private final JsonFactory many;

    /** @param maxNesting of one message; the batch and its array are around it */
    BatchParser(ChannelNameRule names, int maxNesting) {
        this.names = names;
        this.one = JsonMembers.factory(maxNesting);
        this.many = JsonMembers.factory(maxNesting + 2);
    }

    BatchEntry entry(byte[] text) {
        try {
            return new BatchEntry.Message(message(EnvelopeParser.text(text)));
        } catch (MalformedFrameException fault) {
            return BatchEntry.Faulty.of(fault);
        }
    }

    private ClientFrame.Publish message(String text) throws MalformedFrameException {
        JsonMembers members = new JsonMembers(text);
        members.read(one);
        EnvelopeFields fields = new EnvelopeFields(members, one);
        return new ClientFrame.Publish(null, fields.channel(names), fields.data(), fields.key());
    }

    List<BatchEntry> read(byte[] bytes, int most) throws MalformedFrameException {
        String text = EnvelopeParser.text(bytes);
        JsonMembers members = new JsonMembers(text);
        members.read(many);
        String messages = array(members, "messages");
        String channels = array(members, "channels");
        if ((messages == null) == (channels == null)) {
            throw new MalformedFrameException(
                    ErrorCode.MALFORMED, "a batch has either an array of messages or an array of channels");
        }
        return messages != null
                ? messages(messages, most)
                : channels(channels, new EnvelopeFields(members, many), most);
    }

    private static @Nullable String array(JsonMembers members, String name) throws MalformedFrameException {
        JsonMembers.Value value = members.get(name);
        if (value == null) {
            return null;
        }
        if (value.token() != JsonToken.START_ARRAY) {
            throw new MalformedFrameException(ErrorCode.MALFORMED, name + " is not an array");
        }
        return members.text(value);
    }

    private List<BatchEntry> messages(String array, int most) throws MalformedFrameException {
        List<BatchEntry> entries = new ArrayList<>();
        for (JsonMembers.Value element : elements(array, most)) {
            try {
                entries.add(new BatchEntry.Message(message(array.substring(element.start(), element.end()))));
            } catch (MalformedFrameException fault) {
                entries.add(BatchEntry.Faulty.of(fault));
            }
        }
        return entries;
    }

    private List<BatchEntry> channels(String array, EnvelopeFields fields, int most) throws MalformedFrameException {
        byte[] data = fields.data();
        String key = fields.key();
        List<BatchEntry> entries = new ArrayList<>();
        for (JsonMembers.Value element : elements(array, most)) {
            String name = element.string();
            try {
                if (name == null) {
                    throw new MalformedFrameException(ErrorCode.INVALID_CHANNEL, "a channel is not a string");
                }
                entries.add(new BatchEntry.Message(new ClientFrame.Publish(null, names.channel(name), data, key)));
            } catch (MalformedFrameException fault) {
                entries.add(BatchEntry.Faulty.of(fault));
            }
        }
        return entries;
    }

    private List<JsonMembers.Value> elements(String array, int most) throws MalformedFrameException {
        List<JsonMembers.Value> elements = JsonMembers.elements(array, many);
        if (elements.size() > most) {
            throw new MalformedFrameException(ErrorCode.TOO_LARGE, "a batch has at most " + most + " messages");
        }
        return elements;
    }
}
