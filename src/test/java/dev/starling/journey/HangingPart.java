package dev.starling.journey;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.support.GenericApplicationContext;

/** A part that never ends, put into the real server by an agent's jar: its JVM takes the classes of one from there. */
enum HangingPart {
    /** A bean whose destruction never returns. */
    BEAN,
    /** A lifecycle bean that never returns from {@code stop}. */
    LIFECYCLE,
    /** A phase that is never said to be over. */
    PHASE,
    /** A shutdown hook of the JVM that never returns. */
    HOOK,
    /** A start that does not come to its end. */
    START,
    /** A start that fails and leaves a thread behind. */
    THREAD;

    /** The property of the JVM that says which one. */
    private static final String PROPERTY = "starling.hang";

    /** The flags for a JVM to have this part. */
    String[] flags() {
        return new String[] {"-Xmx256m", "-javaagent:" + jar(), "-D" + PROPERTY + "=" + name()};
    }

    /** What the bean, the hook or the thread is called. */
    String part() {
        return "hanging-" + name().toLowerCase(Locale.ROOT);
    }

    private static Path jar() {
        Path jar = Path.of(
                        "target", "journeys", "hang-" + ProcessHandle.current().pid() + ".jar")
                .toAbsolutePath();
        if (Files.exists(jar)) {
            return jar;
        }
        Manifest manifest = new Manifest();
        Attributes attributes = manifest.getMainAttributes();
        attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        attributes.put(new Attributes.Name("Premain-Class"), Agent.class.getName());
        try {
            Files.createDirectories(jar.getParent());
            try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
                for (Class<?> type : new Class<?>[] {HangingPart.class, Agent.class, Injection.class, Part.class}) {
                    String file = type.getName().replace('.', '/') + ".class";
                    out.putNextEntry(new ZipEntry(file));
                    try (InputStream in = Objects.requireNonNull(
                            HangingPart.class.getClassLoader().getResourceAsStream(file))) {
                        in.transferTo(out);
                    }
                }
                out.putNextEntry(new ZipEntry("META-INF/spring.factories"));
                out.write((ApplicationContextInitializer.class.getName() + "=" + Injection.class.getName())
                        .getBytes(StandardCharsets.UTF_8));
            }
            return jar;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What makes the jar one of an agent. */
    public static final class Agent {

        private Agent() {}

        /** Does nothing. */
        public static void premain(String options) {}
    }

    /** Adds the part to the server's context. */
    public static final class Injection implements ApplicationContextInitializer<ConfigurableApplicationContext> {

        /** For Spring. */
        public Injection() {}

        @Override
        public void initialize(ConfigurableApplicationContext context) {
            if (context.getParent() != null) {
                return;
            }
            HangingPart kind = valueOf(System.getProperty(PROPERTY));
            if (kind == HOOK) {
                Runtime.getRuntime().addShutdownHook(new Thread(Part::hang, kind.part()));
            } else {
                ((GenericApplicationContext) context).registerBean(kind.part(), Part.class, () -> new Part(kind));
            }
        }
    }

    /** The part as a bean: hangs where its kind says, and is well everywhere else. */
    static final class Part implements DisposableBean, InitializingBean, SmartLifecycle {

        private final HangingPart kind;
        private volatile boolean running;

        Part(HangingPart kind) {
            this.kind = kind;
        }

        @Override
        public void afterPropertiesSet() throws IOException {
            if (kind == START) {
                accept();
            }
            if (kind == THREAD) {
                new Thread(Part::hang, kind.part()).start();
                throw new IllegalStateException("on purpose");
            }
        }

        @Override
        public void destroy() {
            if (kind == BEAN) {
                hang();
            }
        }

        @Override
        public void start() {
            running = true;
        }

        @Override
        public void stop() {
            if (kind == LIFECYCLE) {
                hang();
            }
            running = false;
        }

        @Override
        public void stop(Runnable callback) {
            if (kind != PHASE) {
                stop();
                callback.run();
            }
        }

        @Override
        public boolean isRunning() {
            return running;
        }

        @Override
        public int getPhase() {
            return 7;
        }

        /** Waits in the kernel for a client that never comes: to the JVM, a thread that runs. */
        private static void accept() throws IOException {
            try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                System.out.println("hanging");
                server.accept().close();
            }
        }

        /** Takes no interrupt for an answer. */
        static void hang() {
            while (true) {
                LockSupport.park();
                Thread.interrupted();
            }
        }
    }
}
