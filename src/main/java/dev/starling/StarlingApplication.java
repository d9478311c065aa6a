package dev.starling;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;

/** A WebSocket pub/sub server: one process is one node. */
@SpringBootApplication
@ConfigurationPropertiesScan
public class StarlingApplication {

    /** Starts one node. */
    public static void main(String[] args) {
        SpringApplication.run(StarlingApplication.class, args);
    }
}
