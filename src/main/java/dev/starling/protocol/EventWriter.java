package dev.starling.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.util.ByteProcessor;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Writes the events of an event stream into a buffer: for each its fields, then {@link #data}, which ends it. What has line
 * breaks arrives with a line feed for each of them.
 *
 * @see <a href="https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream">HTML, section 9.2.5</a>
 */
public final class EventWriter {

    /** What the fields of an event add to its text, but for long names and many lines. */
    public static final int USUAL_OVERHEAD = 64;

    private final ByteBuf out;

    public EventWriter(ByteBuf out) {
        this.out = out;
    }

    /** What the event is called; one without a name is a message. */
    public EventWriter type(String type) {
        return field("event: ", type);
    }

    /** Where the client is once it has the event; null says nothing of that. */
    public EventWriter id(@Nullable StreamPosition position) {
        return position == null ? this : field("id: ", position.text());
    }

    /** How long the client is to wait after the end of a stream before it asks for the next. */
    public EventWriter retry(long millis) {
        return field("retry: ", Long.toString(millis));
    }

    private EventWriter field(String name, String value) {
        ascii(name);
        ascii(value);
        out.writeByte('\n');
        return this;
    }

    /** The event's text, which is left as it is; ends the event. */
    public void data(ByteBuf text) {
        int from = text.readerIndex();
        int end = text.writerIndex();
        while (true) {
            int found = text.forEachByte(from, end - from, ByteProcessor.FIND_CRLF);
            int stop = found < 0 ? end : found;
            ascii("data: ");
            out.writeBytes(text, from, stop - from);
            out.writeByte('\n');
            if (found < 0) {
                break;
            }
            boolean isPair = text.getByte(found) == '\r' && found + 1 < end && text.getByte(found + 1) == '\n';
            from = found + (isPair ? 2 : 1);
        }
        out.writeByte('\n');
    }

    /** The same with a text of ASCII without line breaks. */
    public void data(String text) {
        field("data: ", text);
        out.writeByte('\n');
    }

    private void ascii(String text) {
        out.writeCharSequence(text, StandardCharsets.US_ASCII);
    }
}
