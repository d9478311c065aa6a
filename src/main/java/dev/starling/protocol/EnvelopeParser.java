package dev.starling.protocol;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.json.JsonFactory;

/**
 * The full reading of a client's frame, with Jackson: the truth about what is a frame, and the source of all errors.
 * Thread-safe.
 */
final class EnvelopeParser {

    private final ChannelNameRule names;
    private final JsonFactory json;

    EnvelopeParser(ChannelNameRule names, int maxNesting) {
        this.names = names;
        this.json = JsonMembers.factory(maxNesting);
    }

    ClientFrame parse(byte[] in, int offset, int length) throws MalformedFrameException, InvalidTextException {
        JsonMembers members = new JsonMembers(decode(in, offset, length));
        EnvelopeFields fields = new EnvelopeFields(members, json);
        try {
            members.read(json);
            return frame(fields);
        } catch (MalformedFrameException e) {
            throw e.in(knownId(fields), knownChannel(fields));
        }
    }

    /** Jackson's own decoder takes surrogates and overlong forms, the one of the JDK does not. */
    private static String decode(byte[] in, int offset, int length) throws InvalidTextException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(in, offset, length))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new InvalidTextException();
        }
    }

    /** The same for text whose sender is told of all faults in the same way. */
    static String text(byte[] in) throws MalformedFrameException {
        try {
            return decode(in, 0, in.length);
        } catch (InvalidTextException e) {
            throw new MalformedFrameException(ErrorCode.MALFORMED, "this is not UTF-8");
        }
    }

    private ClientFrame frame(EnvelopeFields fields) throws MalformedFrameException {
        RequestId id = fields.id();
        String type = fields.type();
        switch (type) {
            case "subscribe":
                return new ClientFrame.Subscribe(id, fields.channel(names), fields.position("recover"), fields.token());
            case "unsubscribe":
                return new ClientFrame.Unsubscribe(id, fields.channel(names));
            case "publish":
                return new ClientFrame.Publish(id, fields.channel(names), fields.data(), fields.key());
            case "history":
                return new ClientFrame.History(id, fields.channel(names), fields.limit(), fields.position("since"));
            case "presence":
                return new ClientFrame.Presence(id, fields.channel(names));
            case "refresh":
                return new ClientFrame.Refresh(id, fields.requiredToken());
            case "ping":
                return new ClientFrame.Ping(id);
            default:
                throw new MalformedFrameException(
                        ErrorCode.UNKNOWN_TYPE, "there is no frame of type " + Excerpt.of(type));
        }
    }

    private static @Nullable RequestId knownId(EnvelopeFields fields) {
        try {
            return fields.id();
        } catch (MalformedFrameException e) {
            return null;
        }
    }

    private @Nullable ChannelName knownChannel(EnvelopeFields fields) {
        try {
            return fields.channel(names);
        } catch (MalformedFrameException e) {
            return null;
        }
    }
}
