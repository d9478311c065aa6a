package dev.starling.websocket;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.event.ApplicationEnvironmentPreparedEvent;
import org.springframework.boot.context.event.ApplicationFailedEvent;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.ApplicationEvent;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.core.env.Environment;

/**
 * Ends the process at {@code starling.drain.deadline}, whatever hangs: a lifecycle phase, a bean, a thread, or the log. The
 * time runs from the signal, from the closing of the context, or from a start that failed, whichever comes first. The thread
 * that waits is made at the start and needs no lock, so that neither a full heap nor a stuck logger can keep it.
 */
public final class ExitDeadline {

    /** The exit status of a process that was ended by force, as that of {@code timeout(1)}. */
    public static final int STATUS = 124;

    private static final Logger log = LoggerFactory.getLogger(ExitDeadline.class);
    private static final String PROPERTY = "starling.drain.deadline";
    private static final Duration DEFAULT = Duration.ofSeconds(10);

    /** How long the report may take: the log may be what hangs. */
    private static final Duration REPORT = Duration.ofMillis(250);

    private final CountDownLatch leaving = new CountDownLatch(1);
    private final ShutdownProgress progress;
    private final IntConsumer halt;
    private volatile Duration deadline = DEFAULT;

    ExitDeadline(ShutdownProgress progress, IntConsumer halt) {
        this.progress = progress;
        this.halt = halt;
    }

    /** Guards the process that runs this application. Call it before the start, once. */
    public static void guard(SpringApplication application) {
        ShutdownProgress progress = new ShutdownProgress();
        ExitDeadline exit = new ExitDeadline(progress, Runtime.getRuntime()::halt);
        application.addInitializers(progress::watch);
        application.addListeners(exit::observe);
        exit.startThread();
        Runtime.getRuntime().addShutdownHook(new Thread(exit::begin, "exit-deadline-start"));
    }

    private void observe(ApplicationEvent event) {
        if (event instanceof ApplicationEnvironmentPreparedEvent prepared) {
            deadline = deadline(prepared.getEnvironment());
        } else if (event instanceof ApplicationFailedEvent) {
            begin();
        } else if (event instanceof ContextClosedEvent closed
                && closed.getApplicationContext().getParent() == null) {
            begin();
        }
    }

    /** A value that cannot be read stops the start, which says so; until the process is gone the default holds. */
    private static Duration deadline(Environment environment) {
        try {
            return Binder.get(environment).bind(PROPERTY, Duration.class).orElse(DEFAULT);
        } catch (RuntimeException unreadable) {
            return DEFAULT;
        }
    }

    /** Has the time run; again is without effect. */
    void begin() {
        leaving.countDown();
    }

    /** Starts the thread that waits. It is a daemon: a process that ends in time does not wait for it. */
    void startThread() {
        daemon("exit-deadline", this::waitAndHalt).start();
    }

    private void waitAndHalt() {
        await(leaving);
        try {
            sleep(deadline);
            report();
        } finally {
            halt.accept(STATUS);
        }
    }

    private void report() {
        CountDownLatch reported = new CountDownLatch(1);
        daemon("exit-report", () -> {
                    try {
                        write();
                    } finally {
                        reported.countDown();
                    }
                })
                .start();
        sleepUnless(reported, REPORT);
    }

    private void write() {
        log.atError()
                .addKeyValue("deadline", deadline.toMillis() + "ms")
                .addKeyValue("status", STATUS)
                .addKeyValue("running", progress.running())
                .addKeyValue("bean", progress.bean())
                .addKeyValue("threads", progress.threads())
                .log("shutdown.overdue");
    }

    private static Thread daemon(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        return thread;
    }

    private static void await(CountDownLatch latch) {
        while (true) {
            try {
                latch.await();
                return;
            } catch (InterruptedException ignored) {
                // This thread ends the process, and nothing else ends this thread.
            }
        }
    }

    private static void sleep(Duration time) {
        sleepUnless(new CountDownLatch(1), time);
    }

    private static void sleepUnless(CountDownLatch latch, Duration time) {
        long end = System.nanoTime() + time.toNanos();
        while (true) {
            try {
                latch.await(end - System.nanoTime(), TimeUnit.NANOSECONDS);
                return;
            } catch (InterruptedException ignored) {
                // The deadline holds all the same.
            }
        }
    }
}
