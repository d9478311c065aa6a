package dev.starling.protocol;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;

/**
 * The members of one JSON object, each with its place in the text. Reading is strict: RFC 8259, no lone surrogate, no
 * name twice among the members. Objects further inside may have a name twice: nobody here looks into them, and to find
 * out would cost the fast path more than all its other work.
 */
final class JsonMembers {

    /** One value: its kind, the characters if it is a string, and where its text is, from start to before end. */
    record Value(JsonToken token, @Nullable String string, int start, int end) {}

    private final String text;
    private final Map<String, Value> members = new HashMap<>();

    JsonMembers(String text) {
        this.text = text;
    }

    /** A factory that refuses what is nested deeper, and has no other limit: a text is never longer than a message. */
    static JsonFactory factory(int maxNesting) {
        return JsonFactory.builder()
                // A table of names that clients can fill would outlive their connections.
                .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
                .disable(TokenStreamFactory.Feature.INTERN_PROPERTY_NAMES)
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(maxNesting)
                        .maxNumberLength(Integer.MAX_VALUE)
                        .maxStringLength(Integer.MAX_VALUE)
                        .maxNameLength(Integer.MAX_VALUE)
                        .build())
                .build();
    }

    /** Reads all; after an exception, {@link #get} still knows what came before the fault. */
    void read(JsonFactory json) throws MalformedFrameException {
        char[] chars = text.toCharArray();
        try (JsonParser parser = json.createParser(ObjectReadContext.empty(), chars, 0, chars.length)) {
            readObject(parser);
            if (parser.nextToken() != null) {
                throw malformed("something follows the JSON object");
            }
        } catch (StreamConstraintsException e) {
            throw malformed("the JSON is nested too deeply");
        } catch (JacksonException e) {
            // Its message quotes the client's text without a bound.
            throw malformed("not valid JSON" + place(e));
        }
    }

    @Nullable
    Value get(String name) {
        return members.get(name);
    }

    /** The value as it stands in the text. */
    String text(Value value) {
        return text.substring(value.start(), value.end());
    }

    /** The values of the array that a text is. */
    static List<Value> elements(String array, JsonFactory json) throws MalformedFrameException {
        List<Value> elements = new ArrayList<>();
        char[] chars = array.toCharArray();
        try (JsonParser parser = json.createParser(ObjectReadContext.empty(), chars, 0, chars.length)) {
            parser.nextToken();
            for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
                elements.add(value(parser, token));
            }
        }
        return elements;
    }

    private void readObject(JsonParser parser) throws MalformedFrameException {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw malformed("a frame is a JSON object");
        }
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            checkString(parser);
            String name = parser.currentName();
            if (members.containsKey(name)) {
                throw malformed(Excerpt.of(name) + " is there twice");
            }
            members.put(name, readValue(parser));
        }
    }

    private static Value readValue(JsonParser parser) throws MalformedFrameException {
        return value(parser, parser.nextToken());
    }

    private static Value value(JsonParser parser, JsonToken token) throws MalformedFrameException {
        int start = (int) parser.currentTokenLocation().getCharOffset();
        if (token.isStructStart()) {
            skipChildren(parser);
        } else if (token == JsonToken.VALUE_STRING) {
            checkString(parser);
        }
        int end = (int) parser.currentLocation().getCharOffset();
        return new Value(token, token == JsonToken.VALUE_STRING ? parser.getString() : null, start, end);
    }

    /** As {@link JsonParser#skipChildren}, but with a look at each string. */
    private static void skipChildren(JsonParser parser) throws MalformedFrameException {
        int open = 1;
        while (open > 0) {
            JsonToken token = parser.nextToken();
            if (token.isStructStart()) {
                open++;
            } else if (token.isStructEnd()) {
                open--;
            } else if (token == JsonToken.VALUE_STRING || token == JsonToken.PROPERTY_NAME) {
                checkString(parser);
            }
        }
    }

    /** Jackson takes half a surrogate pair if it is written as an escape; it could not be sent on as UTF-8. */
    private static void checkString(JsonParser parser) throws MalformedFrameException {
        char[] chars = parser.getStringCharacters();
        int end = parser.getStringOffset() + parser.getStringLength();
        for (int i = parser.getStringOffset(); i < end; i++) {
            if (Character.isHighSurrogate(chars[i]) && i + 1 < end && Character.isLowSurrogate(chars[i + 1])) {
                i++;
            } else if (Character.isSurrogate(chars[i])) {
                throw malformed("a string has half of a surrogate pair");
            }
        }
    }

    private static String place(JacksonException e) {
        return e.getLocation() == null
                ? ""
                : " near character " + e.getLocation().getCharOffset();
    }

    private static MalformedFrameException malformed(String message) {
        return new MalformedFrameException(ErrorCode.MALFORMED, message);
    }
}
