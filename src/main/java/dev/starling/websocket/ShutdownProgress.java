package dev.starling.websocket;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Collectors;
import org.springframework.beans.factory.config.DestructionAwareBeanPostProcessor;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.Lifecycle;
import org.springframework.context.Phased;
import org.springframework.context.event.ContextRefreshedEvent;

/**
 * How far the shutdown has come: which lifecycle phase still runs, which bean was destroyed last, and which threads keep the
 * process. All of it is known beforehand or read without a lock, since the container holds its own while it destroys.
 */
final class ShutdownProgress {

    private static final String NONE = "none";
    private static final int FRAMES = 12;

    private volatile Map<String, Lifecycle> lifecycles = Map.of();
    private volatile String bean = NONE;

    /** Learns the lifecycle beans of a context, and follows the destruction of its others. */
    void watch(ConfigurableApplicationContext context) {
        context.addApplicationListener(event -> {
            if (event instanceof ContextRefreshedEvent refreshed && refreshed.getApplicationContext() == context) {
                lifecycles = context.getBeansOfType(Lifecycle.class, false, false);
            }
        });
        context.getBeanFactory().addBeanPostProcessor(new DestructionAwareBeanPostProcessor() {
            @Override
            public void postProcessBeforeDestruction(Object destroyed, String name) {
                bean = name;
            }
        });
    }

    /** The lifecycle beans that run, of the highest phase first: it is the one that is stopped now. */
    String running() {
        String running = lifecycles.entrySet().stream()
                .filter(entry -> entry.getValue().isRunning())
                .sorted(Comparator.comparingInt((Map.Entry<String, Lifecycle> entry) -> phase(entry.getValue()))
                        .reversed())
                .map(entry -> entry.getKey() + " of phase " + phase(entry.getValue()))
                .collect(Collectors.joining(", "));
        return running.isEmpty() ? NONE : running;
    }

    private static int phase(Lifecycle bean) {
        return bean instanceof Phased phased ? phased.getPhase() : 0;
    }

    /** The bean whose destruction began last. */
    String bean() {
        return bean;
    }

    /** The threads that the JVM waits for, and where each of them is. */
    String threads() {
        return Thread.getAllStackTraces().entrySet().stream()
                .filter(entry -> !entry.getKey().isDaemon() && entry.getValue().length > 0)
                .map(entry -> describe(entry.getKey(), entry.getValue()))
                .collect(Collectors.joining("; "));
    }

    private static String describe(Thread thread, StackTraceElement[] stack) {
        return thread.getName() + " " + thread.getState()
                + Arrays.stream(stack)
                        .limit(FRAMES)
                        .map(frame -> frame.getClassName() + "." + frame.getMethodName() + ":" + frame.getLineNumber())
                        .collect(Collectors.joining(" < ", " at ", ""));
    }
}
