package dev.starling.channel;

import dev.starling.protocol.EncodedMessage;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Keeps what it got: the texts, and the buffers without a reference of its own, to look at their counts later. */
final class RecordingReceiver implements Receiver {

    private final List<String> texts = new CopyOnWriteArrayList<>();
    private final List<Integer> batches = new CopyOnWriteArrayList<>();
    private final List<ByteBuf> frames = new CopyOnWriteArrayList<>();
    private final List<ByteBuf> joined = new CopyOnWriteArrayList<>();
    private final List<String> joinedBytes = new CopyOnWriteArrayList<>();
    private int failures;
    private volatile Consumer<MessageBatch> also = batch -> {};

    /** What it does besides, once it has kept the messages. */
    RecordingReceiver then(Consumer<MessageBatch> action) {
        also = action;
        return this;
    }

    @Override
    public void receive(MessageBatch batch) {
        batches.add(batch.count());
        for (int i = 0; i < batch.count(); i++) {
            EncodedMessage message = batch.message(i);
            texts.add(message.payload().toString(StandardCharsets.UTF_8));
            frames.add(message.frame());
        }
        ByteBuf all = batch.joined();
        if (all != null) {
            joined.add(all);
            joinedBytes.add(all.toString(StandardCharsets.ISO_8859_1));
        }
        also.accept(batch);
    }

    @Override
    public void failed() {
        failures++;
    }

    /** How often it was told that it failed. */
    int failures() {
        return failures;
    }

    /** The JSON texts, in the order in which they came. */
    List<String> texts() {
        return texts;
    }

    /** Only the {@code data} of each, for a channel without offsets. */
    List<String> data() {
        return texts.stream()
                .map(text -> text.substring(text.indexOf("\"data\":") + 7, text.length() - 1))
                .toList();
    }

    /** How many messages each batch had. */
    List<Integer> batches() {
        return batches;
    }

    List<ByteBuf> frames() {
        return frames;
    }

    List<ByteBuf> joined() {
        return joined;
    }

    List<String> joinedBytes() {
        return joinedBytes;
    }
}
