package dev.starling.broker;

import java.util.List;

final class InMemoryPresenceTests extends PresenceContract {

    @Override
    protected List<PresenceStore> nodes() {
        return List.of(new InMemoryPresence());
    }
}
