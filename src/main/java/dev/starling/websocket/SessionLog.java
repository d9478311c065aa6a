package dev.starling.websocket;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;
import org.springframework.beans.factory.DisposableBean;

/**
 * One line per change of state of a connection, as an event with keys. Written by a thread of its own, since a slow disk or
 * terminal must not hold an event loop; what does not fit into its queue is counted instead. Never shows a token.
 */
final class SessionLog implements DisposableBean {

    private static final Logger log = LoggerFactory.getLogger("dev.starling.session");
    private static final int QUEUE = 16_384;
    private static final long FLUSH_SECONDS = 1;

    private final LongAdder dropped = new LongAdder();
    private final ThreadPoolExecutor writer = new ThreadPoolExecutor(
            1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(QUEUE), SessionLog::thread, this::drop);

    SessionLog(MeterRegistry registry) {
        FunctionCounter.builder("ws.log.dropped", dropped, LongAdder::sum)
                .description("Events of connections that were not logged because too many came at once")
                .register(registry);
    }

    private static Thread thread(Runnable task) {
        Thread thread = new Thread(task, "session-log");
        thread.setDaemon(true);
        return thread;
    }

    private void drop(Runnable line, ThreadPoolExecutor executor) {
        dropped.increment();
    }

    void connected(Session session) {
        write(event(Level.INFO, session), "ws.connect");
    }

    void disconnected(Session session, Closing how) {
        Traffic traffic = session.traffic();
        write(
                event(Level.INFO, session)
                        .addKeyValue("code", how.code())
                        .addKeyValue("reason", how.reason())
                        .addKeyValue("initiator", how.initiator().text())
                        .addKeyValue("durationMillis", traffic.ageMillis())
                        .addKeyValue("messagesIn", traffic.messagesIn())
                        .addKeyValue("messagesOut", traffic.messagesOut())
                        .addKeyValue("bytesIn", traffic.bytesIn())
                        .addKeyValue("bytesOut", traffic.bytesOut())
                        .addKeyValue("pendingBytes", how.pendingBytes()),
                "ws.disconnect");
    }

    void slowConsumer(Session session) {
        write(event(Level.WARN, session).addKeyValue("pendingBytes", session.pendingBytes()), "ws.slow_consumer");
    }

    /** A fault of ours, with its stack trace. */
    void failed(Session session, Throwable failure) {
        write(event(Level.ERROR, session).setCause(failure), "ws.error");
    }

    private static LoggingEventBuilder event(Level level, Session session) {
        return log.atLevel(level)
                .addKeyValue("connection", session.id())
                .addKeyValue("user", session.token().user())
                .addKeyValue("address", session.address().text())
                .addKeyValue("active", session.node().registry().size());
    }

    private void write(LoggingEventBuilder event, String name) {
        writer.execute(() -> event.addKeyValue("event", name).log(name));
    }

    @Override
    public void destroy() throws InterruptedException {
        writer.shutdown();
        writer.awaitTermination(FLUSH_SECONDS, TimeUnit.SECONDS);
    }
}
