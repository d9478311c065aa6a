package dev.starling.channel;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;

/** Direct memory that is used up when the test says so, and remembers what was taken of it. */
final class ScarceMemory extends AbstractByteBufAllocator {

    private final List<ByteBuf> taken = new ArrayList<>();
    private int left = Integer.MAX_VALUE;

    /** From now on only so many buffers are left. */
    void leave(int buffers) {
        left = buffers;
    }

    /** From now on there is enough. */
    void refill() {
        left = Integer.MAX_VALUE;
    }

    List<ByteBuf> taken() {
        return taken;
    }

    @Override
    protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
        return UnpooledByteBufAllocator.DEFAULT.heapBuffer(initialCapacity, maxCapacity);
    }

    @Override
    protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
        if (left-- <= 0) {
            throw new OutOfMemoryError("the test says so");
        }
        ByteBuf buffer = UnpooledByteBufAllocator.DEFAULT.directBuffer(initialCapacity, maxCapacity);
        taken.add(buffer);
        return buffer;
    }

    @Override
    public boolean isDirectBufferPooled() {
        return false;
    }
}
