package dev.starling.local;

import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import io.netty.channel.local.LocalAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** Many clients of one address, spread over the loops. */
final class LocalClients implements AutoCloseable {

    private static final int AT_ONCE = 400;
    private static final int PER_TASK = 100;
    private static final Duration BOUND = Duration.ofMinutes(30);
    private static final AtomicInteger ADDRESSES = new AtomicInteger();

    private final LocalAddress server;
    private final ChannelHandler handler;
    private final List<EventLoop> loops;
    private final LocalClient[] clients;

    LocalClients(LocalLoops loops, LocalAddress server, ChannelHandler handler, int count) {
        this.server = server;
        this.handler = handler;
        this.loops = loops.loops();
        this.clients = new LocalClient[count];
    }

    /** Connects all, a bounded number at once. */
    void open(LongSupplier connected) {
        for (int next = 0; next < clients.length; next += PER_TASK) {
            int from = next;
            int to = Math.min(clients.length, from + PER_TASK);
            Until.holds("connections go on", BOUND, () -> from - connected.getAsLong() <= AT_ONCE);
            loops.get(from / PER_TASK % loops.size()).execute(() -> connect(from, to));
        }
    }

    private void connect(int from, int to) {
        EventLoop loop = loops.get(from / PER_TASK % loops.size());
        for (int i = from; i < to; i++) {
            LocalClient client = new LocalClient(i);
            clients[i] = client;
            client.pipeline().addLast(handler);
            loop.register(client);
            // The address that it would get by itself is a hash: among a million, two are the same.
            client.connect(server, new LocalAddress("c" + ADDRESSES.getAndIncrement()));
        }
    }

    /** Does something with each of the first clients, on their loops, in parts. */
    void each(int count, Consumer<LocalClient> work) {
        for (int next = 0; next < count; next += PER_TASK) {
            int from = next;
            int to = Math.min(count, from + PER_TASK);
            loops.get(from / PER_TASK % loops.size()).execute(() -> {
                for (int i = from; i < to; i++) {
                    work.accept(clients[i]);
                }
            });
        }
    }

    int count() {
        return clients.length;
    }

    /** How many have not got exactly so many messages. */
    long miscounted(int messages) {
        long wrong = 0;
        for (LocalClient client : clients) {
            wrong += client.messages() == messages ? 0 : 1;
        }
        return wrong;
    }

    /** Closes all, and waits until they are. */
    @Override
    public void close() {
        AtomicInteger closed = new AtomicInteger();
        each(clients.length, client -> {
            client.close();
            closed.incrementAndGet();
        });
        Until.holds("all are closed", BOUND, () -> closed.get() == clients.length);
    }
}
