package dev.starling.protocol;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonToken;
import tools.jackson.core.json.JsonFactory;

/** The fields of one client frame with their types and limits; asking for one that breaks them is the client's error. */
final class EnvelopeFields {

    /** The most characters of an id as written, the quotes of a string not counted. */
    static final int MAX_ID = 64;

    /** The most characters of an idempotency key. */
    static final int MAX_KEY = 128;

    /** The most characters of a token. */
    static final int MAX_TOKEN = 8192;

    /** The most characters of an epoch. */
    static final int MAX_EPOCH = 64;

    /** The most messages that a {@code history} may ask for. */
    static final int MAX_HISTORY = 1000;

    private static final int MAX_DIGITS = 19;

    private final JsonMembers members;
    private final JsonFactory json;

    EnvelopeFields(JsonMembers members, JsonFactory json) {
        this.members = members;
        this.json = json;
    }

    @Nullable
    RequestId id() throws MalformedFrameException {
        JsonMembers.Value value = members.get("id");
        if (value == null) {
            return null;
        }
        if (value.token() != JsonToken.VALUE_STRING && !value.token().isNumeric()) {
            throw malformed("id is not a number or a string");
        }
        int quotes = value.token() == JsonToken.VALUE_STRING ? 2 : 0;
        if (value.end() - value.start() - quotes > MAX_ID) {
            throw tooLarge("id", MAX_ID);
        }
        return new RequestId(members.text(value));
    }

    String type() throws MalformedFrameException {
        JsonMembers.Value value = members.get("type");
        String type = value == null ? null : value.string();
        if (type == null) {
            throw new MalformedFrameException(ErrorCode.UNKNOWN_TYPE, "type is missing or not a string");
        }
        return type;
    }

    ChannelName channel(ChannelNameRule names) throws MalformedFrameException {
        String name = string(members, "channel");
        if (name == null) {
            throw new MalformedFrameException(ErrorCode.INVALID_CHANNEL, "channel is missing");
        }
        return names.channel(name);
    }

    /** The bytes of {@code data}, as the client wrote them. */
    byte[] data() throws MalformedFrameException {
        return members.text(required(members, "data")).getBytes(StandardCharsets.UTF_8);
    }

    @Nullable
    String key() throws MalformedFrameException {
        return string(members, "key", 1, MAX_KEY);
    }

    @Nullable
    String token() throws MalformedFrameException {
        return string(members, "token", 0, MAX_TOKEN);
    }

    String requiredToken() throws MalformedFrameException {
        String token = token();
        if (token == null) {
            throw malformed("token is missing");
        }
        return token;
    }

    /** The limit, or 0 if there is none. */
    int limit() throws MalformedFrameException {
        JsonMembers.Value value = members.get("limit");
        if (value == null) {
            return 0;
        }
        long limit = integer(members, "limit", value);
        if (limit < 1 || limit > MAX_HISTORY) {
            throw malformed("limit is not an integer from 1 to " + MAX_HISTORY);
        }
        return (int) limit;
    }

    @Nullable
    StreamPosition position(String name) throws MalformedFrameException {
        JsonMembers.Value value = members.get(name);
        if (value == null) {
            return null;
        }
        if (value.token() != JsonToken.START_OBJECT) {
            throw malformed(name + " is not an object");
        }
        JsonMembers position = new JsonMembers(members.text(value));
        position.read(json);
        String epoch = string(position, "epoch", 1, MAX_EPOCH);
        if (epoch == null) {
            throw malformed("epoch is missing");
        }
        return new StreamPosition(epoch, integer(position, "offset", required(position, "offset")));
    }

    private static long integer(JsonMembers members, String name, JsonMembers.Value value)
            throws MalformedFrameException {
        String digits = members.text(value);
        if (value.token() == JsonToken.VALUE_NUMBER_INT && digits.charAt(0) != '-' && digits.length() <= MAX_DIGITS) {
            // Nineteen digits may pass 2^63-1, but not by so much that the sum would be positive again.
            long number = Long.parseUnsignedLong(digits);
            if (number >= 0) {
                return number;
            }
        }
        throw malformed(name + " is not an integer from 0 to 2^63-1");
    }

    private static @Nullable String string(JsonMembers members, String name, int least, int most)
            throws MalformedFrameException {
        String string = string(members, name);
        if (string != null && string.length() < least) {
            throw malformed(name + " is empty");
        }
        if (string != null && string.length() > most) {
            throw tooLarge(name, most);
        }
        return string;
    }

    private static @Nullable String string(JsonMembers members, String name) throws MalformedFrameException {
        JsonMembers.Value value = members.get(name);
        if (value != null && value.string() == null) {
            throw malformed(name + " is not a string");
        }
        return value == null ? null : value.string();
    }

    private static JsonMembers.Value required(JsonMembers members, String name) throws MalformedFrameException {
        JsonMembers.Value value = members.get(name);
        if (value == null) {
            throw malformed(name + " is missing");
        }
        return value;
    }

    private static MalformedFrameException malformed(String message) {
        return new MalformedFrameException(ErrorCode.MALFORMED, message);
    }

    private static MalformedFrameException tooLarge(String name, int most) {
        return new MalformedFrameException(ErrorCode.TOO_LARGE, name + " is longer than " + most + " characters");
    }
}
