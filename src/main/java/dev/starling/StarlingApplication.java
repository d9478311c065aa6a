package dev.starling;

import dev.starling.websocket.ExitDeadline;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;

/** A WebSocket pub/sub server: one process is one node. */
@SpringBootApplication
@ConfigurationPropertiesScan
public class StarlingApplication {

    private static final String LETTUCE_IO_URING = "io.lettuce.core.iouring";

    /** Starts one node. */
    public static void main(String[] args) {
        keepLettuceOnEpoll();
        SpringApplication application = new SpringApplication(StarlingApplication.class);
        ExitDeadline.guard(application);
        application.run(args);
    }

    /** Lettuce would take io_uring wherever its library is found, which is there for those who ask for it. */
    private static void keepLettuceOnEpoll() {
        if (System.getProperty(LETTUCE_IO_URING) == null) {
            System.setProperty(LETTUCE_IO_URING, "false");
        }
    }
}
