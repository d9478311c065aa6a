package dev.starling.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LoopSlotsTests {

    private final LoopSlots<Thing> slots = new LoopSlots<>();
    private final List<Thing> removals = new ArrayList<>();

    @Test
    void walksFromTheLastToTheFirst() {
        List<Thing> things = add(5);

        Collections.reverse(things);
        assertThat(walk()).containsExactlyElementsOf(things);
    }

    @Test
    void aThingLiesInOneBagOnly() {
        Thing thing = add(1).get(0);

        assertThatThrownBy(() -> new LoopSlots<Thing>().add(thing)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> slots.add(thing)).isInstanceOf(IllegalStateException.class);
        assertThat(slots.size()).isEqualTo(1);
    }

    @Test
    void removingTakesOutWhatLiesHereAndNothingElse() {
        LoopSlots<Thing> others = new LoopSlots<>();
        Thing other = new Thing();
        others.add(other);
        Thing thing = add(1).get(0);

        assertThat(slots.remove(other)).isFalse();
        assertThat(slots.remove(new Thing())).isFalse();
        assertThat(slots.remove(thing)).isTrue();
        assertThat(slots.remove(thing)).isFalse();
        assertThat(slots.size()).isZero();
        assertThat(others.size()).isEqualTo(1);
    }

    @Test
    void whatWasRemovedMayComeBackAlsoToAnotherBag() {
        Thing thing = add(1).get(0);
        LoopSlots<Thing> others = new LoopSlots<>();

        slots.remove(thing);
        others.add(thing);

        assertThat(walk()).isEmpty();
        assertThat(others.remove(thing)).isTrue();
        slots.add(thing);
        assertThat(walk()).containsExactly(thing);
    }

    @Test
    void aWalkDoesNotSeeWhatIsAddedMeanwhile() {
        List<Thing> things = add(3);
        List<Thing> seen = new ArrayList<>();

        slots.forEach(thing -> {
            seen.add(thing);
            slots.add(new Thing());
        });

        assertThat(seen).containsExactlyInAnyOrderElementsOf(things);
        assertThat(slots.size()).isEqualTo(6);
        assertThat(walk()).hasSize(6);
    }

    @Test
    void aVisitorMayRemoveItselfAndAll() {
        add(10);
        List<Thing> seen = walk(slots::remove);

        assertThat(seen).hasSize(10);
        assertThat(slots.size()).isZero();
        assertThat(walk()).isEmpty();
    }

    @Test
    void whatIsRemovedBeforeItsTurnIsNotVisited() {
        List<Thing> things = add(6);
        Thing first = things.get(0);
        Thing third = things.get(2);

        List<Thing> seen = walk(thing -> {
            slots.remove(first);
            slots.remove(third);
        });

        assertThat(seen).hasSize(4).doesNotContain(first, third);
        assertThat(walk()).containsExactlyInAnyOrderElementsOf(seen);
    }

    @Test
    void whatIsRemovedAndAddedAgainInAWalkIsSeenByTheNextWalk() {
        List<Thing> things = add(3);
        Thing first = things.get(0);

        List<Thing> seen = walk(thing -> {
            if (thing == things.get(2)) {
                slots.remove(first);
                slots.add(first);
            }
        });

        assertThat(seen).containsExactly(things.get(2), things.get(1));
        assertThat(walk()).containsExactlyInAnyOrderElementsOf(things);
    }

    @Test
    void theHolesOfANestedWalkStayUntilTheOuterHasEnded() {
        List<Thing> things = add(8);
        List<Thing> outer = walk(thing -> {
            if (thing == things.get(6)) {
                walk(inner -> {
                    if (things.indexOf(inner) % 2 == 0) {
                        slots.remove(inner);
                    }
                });
            }
        });

        assertThat(outer).containsExactly(things.get(7), things.get(6), things.get(5), things.get(3), things.get(1));
        assertThat(slots.slots()).isEqualTo(slots.size()).isEqualTo(4);
    }

    @Test
    void whatAVisitorThrowsEndsTheWalkAndHarmsNothing() {
        List<Thing> things = add(4);

        assertThatThrownBy(() -> slots.forEach(thing -> {
                    slots.remove(thing);
                    throw new IllegalStateException("visitor");
                }))
                .hasMessage("visitor");

        assertThat(slots.slots()).as("no hole is left").isEqualTo(3);
        assertThat(walk()).containsExactly(things.get(2), things.get(1), things.get(0));
    }

    @Test
    void aPartIsWalkedWithinItsBoundsAndWithinTheBag() {
        List<Thing> things = add(5);
        List<Thing> seen = new ArrayList<>();

        slots.forEach(1, 3, seen::add);
        slots.forEach(4, 100, seen::add);
        slots.forEach(7, 9, seen::add);

        assertThat(seen).containsExactly(things.get(2), things.get(1), things.get(4));
    }

    @Test
    void itShrinksAndGrowsAgain() {
        for (int round = 0; round < 3; round++) {
            List<Thing> things = add(10_000);
            things.forEach(thing -> assertThat(slots.remove(thing)).isTrue());
            assertThat(slots.size()).isZero();
        }
        assertThat(walk()).isEmpty();
        List<Thing> last = add(3);
        assertThat(walk()).containsExactlyInAnyOrderElementsOf(last);
    }

    /** A set is the model: whatever is done, the bag holds the same. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 20_261_124, 7_777_777})
    void itHoldsWhatASetWouldHold(long seed) {
        Random random = new Random(seed);
        Set<Thing> model = new LinkedHashSet<>();
        List<Thing> gone = new ArrayList<>();
        for (int step = 0; step < 3_000; step++) {
            if (random.nextInt(10) == 0) {
                walkAndChange(random, model, gone, 0);
            } else {
                change(random, model, gone);
            }
            assertThat(slots.size()).isEqualTo(model.size());
            assertThat(slots.slots()).as("no hole outside of a walk").isEqualTo(model.size());
        }
        assertThat(walk()).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(model);
    }

    private void walkAndChange(Random random, Set<Thing> model, List<Thing> gone, int depth) {
        Set<Thing> before = new HashSet<>(model);
        Set<Thing> seen = new HashSet<>();
        int removalsBefore = removals.size();
        slots.forEach(thing -> {
            assertThat(model).as("what is visited lies in the bag").contains(thing);
            assertThat(before)
                    .as("what is visited was there when the walk began")
                    .contains(thing);
            assertThat(seen.add(thing)).as("visited once").isTrue();
            for (int i = random.nextInt(3); i > 0; i--) {
                change(random, model, gone);
            }
            if (depth < 2 && random.nextInt(20) == 0) {
                walkAndChange(random, model, gone, depth + 1);
            }
            assertThat(slots.size()).isEqualTo(model.size());
        });
        before.removeAll(new HashSet<>(removals.subList(removalsBefore, removals.size())));
        assertThat(seen).as("all that stayed was visited").containsAll(before);
    }

    private void change(Random random, Set<Thing> model, List<Thing> gone) {
        if (model.isEmpty() || random.nextInt(100) < (model.size() < 60 ? 55 : 40)) {
            Thing thing = gone.isEmpty() || random.nextBoolean() ? new Thing() : gone.remove(gone.size() - 1);
            slots.add(thing);
            model.add(thing);
        } else {
            Thing thing = model.stream()
                    .skip(random.nextInt(model.size()))
                    .findFirst()
                    .orElseThrow();
            assertThat(slots.remove(thing)).isTrue();
            model.remove(thing);
            removals.add(thing);
            if (random.nextInt(4) == 0) {
                gone.add(thing);
            }
        }
    }

    private List<Thing> add(int count) {
        List<Thing> things = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Thing thing = new Thing();
            things.add(thing);
            slots.add(thing);
        }
        return things;
    }

    private List<Thing> walk() {
        return walk(thing -> {});
    }

    private List<Thing> walk(Consumer<Thing> visitor) {
        List<Thing> seen = new ArrayList<>();
        slots.forEach(thing -> {
            seen.add(thing);
            visitor.accept(thing);
        });
        return seen;
    }

    private static final class Thing extends LoopSlots.Slot {}
}
