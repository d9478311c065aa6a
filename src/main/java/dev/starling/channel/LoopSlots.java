package dev.starling.channel;

import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A bag of things that one event loop owns: adding, removing and walking cost no lock, no hashing and no copy. Only that
 * loop may touch it. While it is walked, things may be added (the walk does not see them) and removed (the walk does
 * not visit them any more), also by the visitor itself.
 *
 * @param <E> what lies in it; each knows its slot and lies in one bag only
 */
public final class LoopSlots<E extends LoopSlots.Slot> {

    private static final int SMALLEST = 2;

    private @Nullable Slot[] slots = new Slot[SMALLEST];
    private int size;
    private int holes;
    private int walks;

    /** A thing that lies in a bag. */
    public abstract static class Slot {
        private int slot = -1;

        /** For subclasses. */
        protected Slot() {}
    }

    /** How many things lie in it. */
    public int size() {
        return size - holes;
    }

    /** Puts {@code element} in, which must not lie in a bag yet. */
    public void add(E element) {
        Slot slot = element;
        if (slot.slot >= 0) {
            throw new IllegalStateException("already in a bag");
        }
        if (size == slots.length) {
            slots = Arrays.copyOf(slots, size * 2);
        }
        slot.slot = size;
        slots[size++] = slot;
    }

    /** Takes {@code element} out; false if it does not lie here. */
    public boolean remove(E element) {
        Slot slot = element;
        int index = slot.slot;
        if (index < 0 || index >= size || slots[index] != slot) {
            return false;
        }
        slot.slot = -1;
        slots[index] = null;
        holes++;
        if (walks == 0) {
            fill(index);
            shrink();
        }
        return true;
    }

    /** Visits all, from the last to the first. What the visitor throws ends the walk. */
    public void forEach(Consumer<? super E> visitor) {
        forEach(0, size, visitor);
    }

    /** Visits those in the slots from {@code from} to before {@code to}, as far as there are such. */
    @SuppressWarnings("unchecked") // only E come in
    public void forEach(int from, int to, Consumer<? super E> visitor) {
        walks++;
        try {
            for (int i = Math.min(to, size) - 1; i >= from; i--) {
                Slot slot = slots[i];
                if (slot != null) {
                    visitor.accept((E) slot);
                }
            }
        } finally {
            if (--walks == 0 && holes > 0) {
                compact();
            }
        }
    }

    /** How many slots there are to walk, holes included. */
    public int slots() {
        return size;
    }

    private void compact() {
        for (int i = size - 1; holes > 0; i--) {
            if (slots[i] == null) {
                fill(i);
            }
        }
        shrink();
    }

    /** Moves the last thing into the hole at {@code index}; all behind it is filled. */
    private void fill(int index) {
        int last = --size;
        holes--;
        Slot moved = slots[last];
        slots[last] = null;
        if (moved != null) {
            slots[index] = moved;
            moved.slot = index;
        }
    }

    private void shrink() {
        if (slots.length > SMALLEST && size < slots.length / 4) {
            slots = Arrays.copyOf(slots, Math.max(SMALLEST, slots.length / 2));
        }
    }
}
