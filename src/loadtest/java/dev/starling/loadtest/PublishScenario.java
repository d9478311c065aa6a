package dev.starling.loadtest;

import picocli.CommandLine.Command;

/** Publishes what nobody reads: {@code --connections} publishers, each with a channel of its own. */
@Command(
        name = "publish",
        description = "As fanout without subscribers: --connections publish, each to its own channel.")
final class PublishScenario extends FanoutScenario {

    @Override
    String scenario() {
        return "publish";
    }

    @Override
    int subscribers() {
        return 0;
    }

    @Override
    int publishers() {
        return options.connections;
    }

    @Override
    int channels() {
        return options.connections;
    }
}
