package dev.starling.journey;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

/** Names of equal hashes on a node that keeps them itself; what it promises of each table, MapKeysTests checks in every build. */
@Tag("long")
class CollidingNamesIT extends CollidingNames {

    private static ServerProcess node;

    @BeforeAll
    static void start() {
        node = Nodes.alone(OPTIONS);
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    @Override
    ServerProcess node() {
        return node;
    }
}
