package dev.starling.channel;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class MessageBatchTests {

    private final HubFixture rig = new HubFixture();
    private final List<String> frames = new ArrayList<>();

    @AfterEach
    void stop() {
        rig.close();
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1",
        "16, 16",
        "17, '16,1'",
        "40, '16,16,8'",
        "256, '16,16,16,16,16,16,16,16,16,16,16,16,16,16,16,16'"
    })
    void aDeliveryTakesUpToSixteenMessagesThatWait(int messages, String batches) {
        RecordingReceiver receiver = join(4).get(0);

        publish(messages, "1");

        assertThat(receiver.batches().stream().map(String::valueOf)).containsExactly(batches.split(","));
        assertThat(receiver.texts()).hasSize(messages);
    }

    @Test
    void whatWaitsOfOneChannelIsOneBatchHoweverItWasMixedWithOthers() {
        RecordingReceiver chat = new RecordingReceiver();
        RecordingReceiver other = new RecordingReceiver();
        rig.join("chat", chat);
        rig.join("other", other);

        for (int i = 0; i < 10; i++) {
            rig.publish("chat", "" + i);
            rig.publish("other", "" + i);
        }
        rig.run();

        assertThat(chat.batches()).containsExactly(10);
        assertThat(other.batches()).containsExactly(10);
        assertThat(chat.data()).isEqualTo(other.data()).hasSize(10);
    }

    @Test
    void forFourReceiversAndMoreTheFramesAreJoined() {
        List<RecordingReceiver> receivers = join(4);
        receivers.get(3).then(this::keepFrames);

        publish(5, "\"é\"");

        assertThat(frames).hasSize(5);
        assertThat(receivers).allSatisfy(receiver -> {
            assertThat(receiver.joinedBytes()).containsExactly(String.join("", frames));
            assertThat(receiver.joined().get(0))
                    .isSameAs(receivers.get(0).joined().get(0));
        });
    }

    @Test
    void forFewerReceiversTheyAreNot() {
        List<RecordingReceiver> receivers = join(3);

        publish(5, "1");

        assertThat(receivers).allSatisfy(receiver -> {
            assertThat(receiver.batches()).containsExactly(5);
            assertThat(receiver.joined()).isEmpty();
        });
    }

    @Test
    void largeMessagesAreNotCopiedTogether() {
        List<RecordingReceiver> receivers = join(8);

        publish(2, '"' + "x".repeat(9_000) + '"');

        assertThat(receivers).allSatisfy(receiver -> {
            assertThat(receiver.batches()).containsExactly(2);
            assertThat(receiver.joined()).isEmpty();
        });
    }

    @Test
    void oneMessageIsItsOwnJoinedBuffer() {
        RecordingReceiver receiver = join(1).get(0);

        publish(1, '"' + "x".repeat(60_000) + '"');

        assertThat(receiver.joined()).hasSize(1);
        assertThat(receiver.joined().get(0)).isSameAs(receiver.frames().get(0));
    }

    @Test
    void aBatchSaysHowManyBytesItHas() {
        RecordingReceiver receiver = join(4).get(0);
        List<Integer> bytes = new ArrayList<>();
        receiver.then(batch -> bytes.add(batch.bytes()));

        publish(3, "1");
        publish(1, "22");

        assertThat(bytes)
                .containsExactly(
                        receiver.joinedBytes().get(0).length(),
                        receiver.joinedBytes().get(1).length());
    }

    private void keepFrames(MessageBatch batch) {
        for (int i = 0; i < batch.count(); i++) {
            ByteBuf frame = batch.message(i).frame();
            frames.add(frame.toString(StandardCharsets.ISO_8859_1));
        }
    }

    private List<RecordingReceiver> join(int count) {
        List<RecordingReceiver> receivers =
                IntStream.range(0, count).mapToObj(i -> new RecordingReceiver()).toList();
        receivers.forEach(receiver -> rig.join("chat", receiver));
        return receivers;
    }

    private void publish(int count, String data) {
        for (int i = 0; i < count; i++) {
            rig.publish("chat", data);
        }
        rig.run();
    }
}
