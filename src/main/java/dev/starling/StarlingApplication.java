package dev.starling;

import dev.starling.loadtest.LoadTest;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;

/** A WebSocket pub/sub server: one process is one node. With {@code loadtest} as first argument, the tool that tests one. */
@SpringBootApplication
@ConfigurationPropertiesScan
public class StarlingApplication {

    /** Starts one node, or the load tool. */
    public static void main(String[] args) {
        if (LoadTest.isMeant(args)) {
            System.exit(LoadTest.run(args));
        }
        SpringApplication.run(StarlingApplication.class, args);
    }
}
