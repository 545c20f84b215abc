package io.tidemill.rollup.cohorts;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.contract.Hash128;
import io.tidemill.rollup.cohorts.CohortSimulation.Input;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// The rules of cohorts without Kafka: tasks that commit and crash at random moments, partitions
/// that run days apart, erasures that come at any time.
class CohortRulesTest {

    private static final long SEED = Long.getLong("seed", System.nanoTime());
    private static final int CASES = 2_000;
    private static final long FIRST_DAY = 20_000;

    @Test
    void anyOrderDuplicationCrashAndErasureGivesTheReference() {
        for (int number = 0; number < CASES; number++) {
            // given
            Random random = new Random(SEED + number);
            List<Input> inputs = new ArrayList<>(read(random, events(random, 90)));
            for (Input erasure : erasures(random)) {
                inputs.add(random.nextInt(inputs.size() + 1), erasure);
            }

            // when
            CohortSimulation simulation = new CohortSimulation(random, 20);
            simulation.run(inputs);

            // then
            assertThat(simulation.table())
                    .as("-Dseed=%d", SEED + number)
                    .isEqualTo(reference(inputs));
        }
    }

    @Test
    void forgettingWhatCanNotChangeAnyMoreGivesTheReference() {
        int forgotten = 0;
        for (int number = 0; number < CASES; number++) {
            // given
            Random random = new Random(SEED + number);
            List<Input> inputs = read(random, events(random, 700));

            // when
            CohortSimulation simulation = new CohortSimulation(random, 0);
            simulation.run(inputs);

            // then
            assertThat(simulation.table())
                    .as("-Dseed=%d", SEED + number)
                    .isEqualTo(reference(inputs));
            forgotten += simulation.forgotten();
        }
        assertThat(forgotten).isPositive();
    }

    /// Events of few users, some of them late or ahead, as they are appended to three partitions,
    /// often more than once.
    private static List<List<Input>> events(Random random, int days) {
        List<List<Input>> partitions =
                List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        for (int events = 1 + random.nextInt(60); events > 0; events--) {
            long day = FIRST_DAY + random.nextInt(days);
            long appendedHour = day * 24 + hoursLate(random);
            Hash128 user = user(random);
            for (int copies = 1 + random.nextInt(2); copies > 0; copies--) {
                long receivedHour = appendedHour - random.nextInt(2);
                partitions
                        .get(random.nextInt(3))
                        .add(new Input(user, new UserNews.Active(day, receivedHour), appendedHour));
                appendedHour += random.nextInt(30);
            }
        }
        partitions.forEach(p -> p.sort(Comparator.comparingLong(Input::appendedHour)));
        return partitions;
    }

    private static long hoursLate(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> -24 + random.nextInt(24);
            case 1 -> random.nextInt(27 * 24);
            default -> random.nextInt(24);
        };
    }

    /// In the order in which they are read: partitions up to 14 days apart.
    private static List<Input> read(Random random, List<List<Input>> partitions) {
        List<Input> read = new ArrayList<>();
        int favourite = random.nextInt(3);
        while (!partitions.stream().allMatch(List::isEmpty)) {
            long oldest =
                    partitions.stream()
                            .filter(p -> !p.isEmpty())
                            .mapToLong(p -> p.getFirst().appendedHour())
                            .min()
                            .orElseThrow();
            List<Input> next =
                    partitions.get(random.nextInt(4) > 0 ? favourite : random.nextInt(3));
            if (next.isEmpty() || next.getFirst().appendedHour() > oldest + 14 * 24) {
                favourite = random.nextInt(3);
            } else {
                read.add(next.removeFirst());
            }
        }
        return read;
    }

    private static List<Input> erasures(Random random) {
        List<Input> erasures = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            long before = (FIRST_DAY - 2) * 24 + random.nextInt(120 * 24);
            erasures.add(new Input(user(random), new UserNews.Erased(before), before));
        }
        return erasures;
    }

    private static Hash128 user(Random random) {
        return Hash128.of("shop", "user-" + random.nextInt(3));
    }

    /// The plainest way: of each user the days that no erasure covers, then the rules of stays.
    private static Map<Cell, Integer> reference(List<Input> inputs) {
        Map<Hash128, Long> erasedBefore = new HashMap<>();
        for (Input input : inputs) {
            if (input.news() instanceof UserNews.Erased(long hour)) {
                erasedBefore.merge(input.user(), hour, Long::max);
            }
        }
        Map<Hash128, NavigableSet<Long>> days = new HashMap<>();
        for (Input input : inputs) {
            if (input.news() instanceof UserNews.Active(long day, long received)
                    && received >= erasedBefore.getOrDefault(input.user(), Long.MIN_VALUE)) {
                days.computeIfAbsent(input.user(), _ -> new TreeSet<>()).add(day);
            }
        }
        Map<Cell, Integer> table = new TreeMap<>();
        days.values().forEach(user -> addStays(user, table));
        return table;
    }

    private static void addStays(NavigableSet<Long> days, Map<Cell, Integer> table) {
        long cohort = days.first();
        long before = days.first();
        for (long day : days) {
            if (day - before > 90) {
                cohort = day;
            }
            if (day - cohort <= 90) {
                table.merge(new Cell(cohort, (int) (day - cohort)), 1, Integer::sum);
            }
            before = day;
        }
    }
}
