package dev.starling.channel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Receivers that change who listens while they are handed a message, as a connection does that breaks in mid-broadcast. */
final class ChannelHubReentrancyTests {

    private final HubFixture rig = new HubFixture();
    private final RecordingReceiver ann = new RecordingReceiver();
    private final RecordingReceiver bob = new RecordingReceiver();
    private final RecordingReceiver eve = new RecordingReceiver();

    @AfterEach
    void stop() {
        rig.close();
    }

    @Test
    void aReceiverMayUnsubscribeItself() {
        rig.join("chat", ann);
        List<ChannelSubscription> own = new ArrayList<>();
        own.add(rig.join("chat", eve.then(batch -> own.forEach(rig.hub::unsubscribe))));
        rig.join("chat", bob);

        publishTwice();

        assertThat(eve.data()).containsExactly("1");
        assertThat(ann.data()).containsExactly("1", "2");
        assertThat(bob.data()).containsExactly("1", "2");
        assertThat(rig.value("ws.subscriptions")).isEqualTo(2);
    }

    @Test
    void aReceiverMayUnsubscribeOthersBeforeAndBehindIt() {
        ChannelSubscription first = rig.join("chat", ann);
        List<ChannelSubscription> others = new ArrayList<>(List.of(first));
        rig.join("chat", eve.then(batch -> others.forEach(rig.hub::unsubscribe)));
        others.add(rig.join("chat", bob));

        publishTwice();

        assertThat(eve.data()).containsExactly("1", "2");
        assertThat(ann.data()).as("its turn came after").isEmpty();
        assertThat(bob.data()).as("its turn came before").containsExactly("1");
        assertThat(rig.value("ws.subscriptions")).isEqualTo(1);
    }

    @Test
    void theLastOneMayEndTheChannelFromWithin() {
        List<ChannelSubscription> own = new ArrayList<>();
        own.add(rig.join("chat", eve.then(batch -> own.forEach(rig.hub::unsubscribe))));

        publishTwice();

        assertThat(eve.data()).containsExactly("1");
        assertThat(rig.value("ws.channels")).isZero();
        assertThat(rig.broker.calls()).containsExactly("+chat", "-chat");
        assertThat(eve.frames()).allSatisfy(frame -> assertThat(frame.refCnt()).isZero());
    }

    @Test
    void whoUnsubscribesAndSubscribesFromWithinGetsTheNextMessage() {
        List<ChannelSubscription> own = new ArrayList<>();
        eve.then(batch -> {
            rig.hub.unsubscribe(own.remove(0));
            own.add(rig.join("chat", eve));
        });
        own.add(rig.join("chat", eve));
        rig.join("chat", ann);

        publishTwice();

        assertThat(eve.data()).containsExactly("1", "2");
        assertThat(ann.data()).containsExactly("1", "2");
        assertThat(rig.value("ws.subscriptions")).isEqualTo(2);
    }

    @Test
    void aReceiverMaySubscribeAnotherWhichGetsTheNextMessage() {
        rig.join("chat", eve.then(batch -> {
            if (eve.texts().size() == 1) {
                rig.join("chat", bob);
            }
        }));
        rig.join("chat", ann);

        publishTwice();

        assertThat(eve.data()).containsExactly("1", "2");
        assertThat(ann.data()).containsExactly("1", "2");
        assertThat(bob.data()).containsExactly("2");
    }

    @Test
    void aReceiverMayPublish() {
        rig.join("chat", ann);
        rig.join("chat", eve.then(batch -> {
            if (eve.texts().size() < 5) {
                rig.publish("chat", "\"" + eve.texts().size() + "\"");
            }
        }));

        rig.publish("chat", "\"0\"");
        rig.run();

        assertThat(eve.data()).containsExactly("\"0\"", "\"1\"", "\"2\"", "\"3\"", "\"4\"");
        assertThat(ann.data()).isEqualTo(eve.data());
    }

    @Test
    void aReceiverMayUnsubscribeInAChannelThatIsStillToBeDeliveredInTheSameTurn() {
        ChannelSubscription other = rig.join("other", bob);
        rig.join("chat", eve.then(batch -> rig.hub.unsubscribe(other)));

        rig.publish("chat", "1");
        rig.publish("other", "2");
        rig.run();

        assertThat(eve.data()).containsExactly("1");
        assertThat(bob.data()).isEmpty();
        assertThat(rig.broker.calls()).endsWith("-other");
    }

    /** Sessions come and go at random from within; who stays gets all, who is gone gets nothing. */
    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13, 14})
    void whoeverComesAndGoesThoseWhoStayGetEverything(long seed) {
        Random random = new Random(seed);
        List<ChannelSubscription> fickle = new ArrayList<>();
        rig.join("chat", ann);
        for (int i = 0; i < 20; i++) {
            fickle.add(rig.join("chat", new Fickle(random, fickle)));
        }
        rig.join("chat", bob);

        List<String> sent = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            sent.add(Integer.toString(i));
            rig.publish("chat", sent.get(i));
            if (random.nextInt(3) == 0) {
                rig.run();
            }
        }
        rig.run();

        assertThat(ann.data()).isEqualTo(sent);
        assertThat(bob.data()).isEqualTo(sent);
        assertThat(rig.value("ws.subscriptions")).isEqualTo(2.0 + fickle.size());
        assertThat(ann.frames()).allSatisfy(frame -> assertThat(frame.refCnt()).isZero());
    }

    private final class Fickle implements Receiver {

        private final Random random;
        private final List<ChannelSubscription> all;

        private Fickle(Random random, List<ChannelSubscription> all) {
            this.random = random;
            this.all = all;
        }

        @Override
        public void receive(MessageBatch batch) {
            assertThat(all).anyMatch(subscription -> subscription.receiver() == this);
            if (random.nextInt(4) == 0) {
                rig.hub.unsubscribe(all.remove(random.nextInt(all.size())));
            }
            if (all.size() < 20 && random.nextInt(4) == 0) {
                all.add(rig.join("chat", new Fickle(random, all)));
            }
        }
    }

    private void publishTwice() {
        rig.publish("chat", "1");
        rig.run();
        rig.publish("chat", "2");
        rig.run();
    }
}
