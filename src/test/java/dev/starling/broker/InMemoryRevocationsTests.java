package dev.starling.broker;

import java.time.InstantSource;
import java.util.List;

final class InMemoryRevocationsTests extends RevocationsContract {

    @Override
    protected List<Revocations> nodes() {
        return List.of(new InMemoryRevocations(new RefusalTable(InstantSource.system()), MOST));
    }
}
