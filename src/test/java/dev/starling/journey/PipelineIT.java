package dev.starling.journey;

/** With the broker in memory, which answers a publish at once. */
final class PipelineIT extends PipelineJourney {

    @Override
    ServerProcess server() {
        return StandardServer.get();
    }
}
