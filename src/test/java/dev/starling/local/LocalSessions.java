package dev.starling.local;

import java.time.Duration;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Holds so many sessions in this process, has them pinged, broadcasts to them, and says what each costs: heap by class, processor time
 * of the loops (the client's share of it included). {@code LocalSessions <sessions> [<loops>]}; all that is counted must be exact, or it
 * ends with status 1.
 */
final class LocalSessions {

    private static final Duration BOUND = Duration.ofMinutes(30);
    private static final String SESSION = "dev.starling.websocket.Session";
    private static final int WARM_UP = 2000;
    private static final int BARE = 20_000;
    private static final int CHANNELS = 100_000;
    private static final int TOP = 40;

    private final int sessions;
    private final LocalLoops loops;
    private final LocalNode node;
    private final ClientTokens tokens = new ClientTokens();

    private LocalSessions(int sessions, int loops) {
        this.sessions = sessions;
        this.loops = new LocalLoops(loops);
        this.node = new LocalNode(this.loops, properties(sessions));
    }

    public static void main(String[] args) {
        int sessions = Integer.parseInt(args[0]);
        int loops = args.length > 1 ? Integer.parseInt(args[1]) : 1;
        boolean exact = new LocalSessions(sessions, loops).run();
        System.exit(exact ? 0 : 1);
    }

    /** All clients count as one address, and none may be cut for what a collection of all this heap takes. */
    private static String[] properties(int sessions) {
        return new String[] {
            "--server.port=0",
            "--spring.main.banner-mode=off",
            "--logging.level.dev.starling.session=warn",
            "--starling.security.jwt.secret=" + ClientTokens.SECRET,
            "--starling.channels[0].pattern=*",
            "--starling.channels[0].subscribe=anyone",
            "--starling.channels[0].publish=nobody",
            "--starling.limits.max-connections=" + Math.max(sessions, WARM_UP),
            "--starling.limits.max-connections-per-ip=" + Math.max(sessions, WARM_UP),
            "--starling.limits.connect-rate=0",
            "--starling.limits.handshake-timeout=10m",
            "--starling.heartbeat.interval=" + Math.max(5, sessions / 10_000) + "s",
            "--starling.heartbeat.timeout=10m",
        };
    }

    private boolean run() {
        long clientBytes = BarePairs.bytesPerClient(loops, Math.min(sessions, BARE));
        figure("client.bytes", clientBytes);
        hold(Math.min(sessions, WARM_UP), clientBytes, false);
        return hold(sessions, clientBytes, true);
    }

    /** The whole life of so many sessions. */
    private boolean hold(int count, long clientBytes, boolean told) {
        Heap before = Heap.baseline();
        boolean exact = live(before, count, clientBytes, told);
        leave(before, count, told);
        return exact;
    }

    private boolean live(Heap before, int count, long clientBytes, boolean told) {
        Ear ear = new Ear(tokens::of);
        Broadcasts broadcasts = new Broadcasts(node, loops, ear, count);
        try (LocalClients clients = new LocalClients(loops, LocalNode.ADDRESS, ear, count)) {
            long connectNanos = connect(clients, ear, count);
            Heap held = Heap.live().since(before);
            long pingNanos = told ? heartbeat(ear, count) : 0;
            long miscounted = clients.miscounted(told ? broadcasts.all() : broadcasts.some());
            if (told) {
                figure("session.bytes", held.bytes() / count - clientBytes);
                held.top(TOP, count).forEach(System.out::println);
                figure("connect.micros", connectNanos / 1e3 / count);
                figure("ping.micros", pingNanos / 1e3 / count);
                figure("pinged", ear.pinged.sum());
                broadcasts.tell();
                figure("miscounted", miscounted);
                channels(clients, ear, count);
                figure("connections", node.connections());
                figure("faults", ear.faults.sum());
                figure("heartbeat.timeouts", node.counter("ws.heartbeat.timeouts"));
            }
            return miscounted == 0 && ear.faults.sum() == 0 && node.connections() == count;
        }
    }

    /** Processor time of the loops, both ends. */
    private long connect(LocalClients clients, Ear ear, int count) {
        long start = loops.cpuNanos();
        clients.open(() -> ear.subscribed.sum() / Ear.SUBSCRIPTIONS);
        Until.holds("all have subscribed", BOUND, () -> ear.subscribed.sum() == (long) count * Ear.SUBSCRIPTIONS);
        return loops.cpuNanos() - start;
    }

    private long heartbeat(Ear ear, int count) {
        long start = loops.cpuNanos();
        Until.holds("each is pinged", BOUND, () -> ear.pinged.sum() == count);
        return loops.cpuNanos() - start;
    }

    /** Channels with one subscriber each, spread over the sessions. */
    private void channels(LocalClients clients, Ear ear, int count) {
        Heap before = Heap.baseline();
        long subscribed = ear.subscribed.sum();
        int owners = Math.min(count, CHANNELS);
        int each = Math.max(1, CHANNELS / count);
        clients.each(
                owners,
                client -> IntStream.range(0, each)
                        .forEach(i -> client.writeAndFlush(
                                ClientFrames.subscribe("own:" + client.index() + ":" + i), client.voidPromise())));
        long channels = (long) owners * each;
        Until.holds("all have channels of their own", BOUND, () -> ear.subscribed.sum() == subscribed + channels);
        Heap more = Heap.live().since(before);
        figure("channels", node.gauge("ws.channels"));
        figure("channel.bytes", more.bytes() / channels);
        more.top(TOP, channels).forEach(System.out::println);
    }

    /** Of the sessions nothing may be left; of tables and pools something is. */
    private void leave(Heap before, int count, boolean told) {
        Until.holds("all have left", BOUND, () -> node.connections() == 0 && node.gauge("ws.channels") == 0);
        // Channels take leave of their loops after their sessions have gone, and a full collection stops the loops.
        Until.holds("the loops are done", BOUND, loops::isIdle);
        Heap left = Heap.live();
        if (told) {
            figure("left.sessions", left.of(SESSION).count());
            figure("left.bytes", left.since(before).bytes() / count);
            left.since(before).top(TOP, count).forEach(System.out::println);
        }
    }

    static void figure(String name, long value) {
        System.out.println("figure " + name + " " + value);
    }

    static void figure(String name, double value) {
        System.out.printf("figure %s %.3f%n", name, value);
    }

    static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
