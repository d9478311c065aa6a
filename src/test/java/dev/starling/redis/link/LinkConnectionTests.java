package dev.starling.redis.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.protocol.AsyncCommand;
import io.lettuce.core.protocol.Command;
import io.lettuce.core.protocol.CommandType;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.lettuce.core.pubsub.api.async.RedisPubSubAsyncCommands;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

final class LinkConnectionTests {

    /** What was sent, oldest first. */
    private final List<AsyncCommand<?, ?, ?>> sent = new ArrayList<>();

    /** What was told, such as {@code moved a}. */
    private final List<String> told = new ArrayList<>();

    @Test
    void oneThatIsToldTwiceToBeGoneWhileItLeavesCountsOnce() {
        LinkConnection link = link(true);
        link.unsubscribe(List.of("a"));
        link.sunsubscribed(new LinkName("a"), 1); // its slot has moved
        link.subscribe(List.of("b"));
        moved(0); // the answer of a server that has not got the slot any more

        assertThat(link.isIdle()).isFalse();
        link.ssubscribed(new LinkName("b"), 1);

        assertThat(link.isIdle()).isTrue();
        assertThat(told).containsExactly("answered", "subscribed b", "answered");
    }

    @Test
    void anErrorThatIsTakenForAnothersCountsOnce() {
        LinkConnection link = link(true);
        link.subscribe(List.of("a", "b"));
        moved(0);
        link.ssubscribed(new LinkName("a"), 1);
        assertThat(link.isIdle()).isFalse();
        link.ssubscribed(new LinkName("b"), 2);

        assertThat(link.isIdle()).isTrue();
        assertThat(told).containsExactly("moved a", "subscribed a", "subscribed b", "answered");
    }

    @Test
    void anErrorIsTheAnswerToAWholeBatch() {
        LinkConnection link = link(false);
        link.subscribe(List.of("a", "b"));
        sent.get(0).completeExceptionally(new RedisCommandExecutionException("BUSY Redis is busy running a script."));

        assertThat(link.isIdle()).isTrue();
        assertThat(told).containsExactly("refused [a, b]", "answered");
    }

    @Test
    void withShardedPubSubAnErrorIsTheAnswerToOneChannel() {
        LinkConnection link = link(true);
        link.subscribe(List.of("a", "b"));
        sent.get(1).completeExceptionally(new RedisCommandExecutionException("NOPERM no"));
        assertThat(link.isIdle()).isFalse();
        link.ssubscribed(new LinkName("a"), 1);

        assertThat(link.isIdle()).isTrue();
        assertThat(told).containsExactly("refused [b]", "subscribed a", "answered");
    }

    @Test
    void aPingFailsIfAnAnswerBeforeItsOwnWasLeftOut() {
        LinkConnection link = link(false);
        link.subscribe(List.of("a", "b"));
        var ping = link.ping().toCompletableFuture();
        link.subscribed(new LinkName("a"), 1);

        sent.get(1).complete();

        assertThat(ping).isCompletedExceptionally();
    }

    @Test
    void aPingSucceedsWhileALaterBatchIsUnderWay() {
        LinkConnection link = link(false);
        link.subscribe(List.of("a"));
        var ping = link.ping().toCompletableFuture();
        link.subscribed(new LinkName("a"), 1);
        link.subscribe(List.of("b"));

        sent.get(1).complete();

        assertThat(ping).isCompleted();
    }

    @Test
    void aPingSucceedsThoughABatchWasSentAfterIt() {
        LinkConnection link = link(false);
        var ping = link.ping().toCompletableFuture();
        link.subscribe(List.of("a"));

        sent.get(0).complete();

        assertThat(ping).isCompleted();
    }

    private void moved(int command) {
        sent.get(command).completeExceptionally(new RedisCommandExecutionException("MOVED 1 127.0.0.1:1"));
    }

    private LinkConnection link(boolean sharded) {
        RedisPubSubAsyncCommands<?, ?> commands = proxy(RedisPubSubAsyncCommands.class, () -> {
            AsyncCommand<?, ?, ?> command =
                    new AsyncCommand<>(new Command<String, byte[], Void>(CommandType.PING, null));
            sent.add(command);
            return command;
        });
        @SuppressWarnings("unchecked")
        StatefulRedisPubSubConnection<LinkName, byte[]> connection =
                proxy(StatefulRedisPubSubConnection.class, () -> commands);
        return new LinkConnection(connection, sharded, new Events());
    }

    private static <T> T proxy(Class<T> type, Supplier<?> answer) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> answer.get()));
    }

    /** Notes what is told. */
    private final class Events implements LinkConnection.Events {

        @Override
        public void message(String channel, byte[] payload) {
            told.add("message " + channel);
        }

        @Override
        public void subscribed(String channel) {
            told.add("subscribed " + channel);
        }

        @Override
        public void answered() {
            told.add("answered");
        }

        @Override
        public void refused(LinkConnection which, List<String> channels, Throwable failure) {
            told.add("refused " + channels);
        }

        @Override
        public void moved(String channel) {
            told.add("moved " + channel);
        }

        @Override
        public void disconnected(LinkConnection which) {
            told.add("disconnected");
        }
    }
}
