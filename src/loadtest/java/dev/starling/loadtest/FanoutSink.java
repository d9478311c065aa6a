package dev.starling.loadtest;

import dev.starling.loadtest.client.ChannelPlan;
import dev.starling.loadtest.client.Client;
import dev.starling.loadtest.client.LoopDesk;
import dev.starling.loadtest.client.ServerText;
import dev.starling.loadtest.client.Words;

/** Receives what is published: takes times, follows sequences. */
final class FanoutSink implements Client.Sink {

    private final ChannelPlan plan;
    private volatile long fromNanos = Long.MAX_VALUE;
    private volatile long toNanos = Long.MAX_VALUE;
    private volatile @org.jspecify.annotations.Nullable Publishing publishing;

    FanoutSink(ChannelPlan plan) {
        this.plan = plan;
    }

    /** What is published by this process. */
    void follow(Publishing own) {
        publishing = own;
    }

    /** Times count of what was meant to be sent from now on. */
    void count() {
        fromNanos = System.nanoTime();
    }

    /** Times no longer count. */
    void stop() {
        toNanos = System.nanoTime();
    }

    @Override
    public void message(Client client, LoopDesk desk, ServerText frame) {
        int channel = (int) frame.number(Words.CHANNEL_NUMBER);
        int sequence = (int) frame.number(Words.SEQUENCE);
        long intended = frame.number(Words.INTENDED);
        desk.deliver();
        if (client.track().message(channel, plan.channels(), sequence)) {
            if (intended >= fromNanos && intended < toNanos) {
                desk.record(intended);
            }
            Publishing own = publishing;
            if (own != null) {
                own.delivered(channel, sequence);
            }
        }
    }
}
