package dev.starling.journey;

/** With the broker in Redis, whose answers come on another thread. */
final class PipelineRedisIT extends PipelineJourney {

    @Override
    ServerProcess server() {
        return Nodes.shared().get(0);
    }
}
