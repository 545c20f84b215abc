package io.tidemill.rollup;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tidemill.contract.Event;
import io.tidemill.contract.Hash128;
import io.tidemill.contract.HourlyRollup;
import io.tidemill.contract.RollupKey;
import io.tidemill.rollup.OncePerCommit.Gatherer;
import io.tidemill.rollup.ShardCounting.ShardCounts;
import io.tidemill.testkit.GroupBy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/// The counting rules without Kafka: shards that commit and crash at random moments.
class CountingRulesTest {

    private static final SimpleMeterRegistry METERS = new SimpleMeterRegistry();

    @Test
    void anyOrderDuplicationBatchingAndCrashGivesTheGroupBy() {
        for (int number = 0; number < 2_000; number++) {
            // given
            RandomEvents random = RandomEvents.ofCase(number);
            List<Event> distinct = random.distinct("shop");
            List<Event> sent = random.duplicatedAndShuffled(distinct);

            // when
            Map<RollupKey, HourlyRollup> rollups = new Simulation(random).run(sent);

            // then
            assertThat(rollups).as(random.toString()).isEqualTo(GroupBy.of(distinct));
        }
    }

    /// What a step has said of an hour.
    private record Said<V>(HourKey hour, V value) {}

    /// A task of a step: its store, what it gathered, and what it has read since its last commit.
    private static final class Task<V, D> {

        private final Function<Seen, Gatherer<HourKey, V, D>> rules;
        private final BiConsumer<HourKey, D> handOn;
        private final Map<HourKey, D> pending = new HashMap<>();
        private final List<Said<V>> uncommitted = new ArrayList<>();
        private Set<String> committed = new HashSet<>();
        private Set<String> seen = new HashSet<>();

        Task(Function<Seen, Gatherer<HourKey, V, D>> rules, BiConsumer<HourKey, D> handOn) {
            this.rules = rules;
            this.handOn = handOn;
        }

        void process(Said<V> record) {
            uncommitted.add(record);
            Gatherer<HourKey, V, D> gatherer =
                    rules.apply((kind, hour, hash) -> seen.add(kind + "/" + hour + "/" + hash));
            D gathered = pending.get(record.hour());
            if (gathered != null) {
                gatherer.add(record.hour(), record.value(), gathered);
                return;
            }
            D first = gatherer.nothing();
            if (gatherer.add(record.hour(), record.value(), first)) {
                pending.put(record.hour(), first);
            }
        }

        void commit() {
            pending.forEach(handOn);
            pending.clear();
            committed = new HashSet<>(seen);
            uncommitted.clear();
        }

        /// The transaction is aborted: all that it read is read again.
        void crash() {
            pending.clear();
            seen = new HashSet<>(committed);
            List<Said<V>> again = List.copyOf(uncommitted);
            uncommitted.clear();
            again.forEach(this::process);
        }
    }

    private static final class Simulation {

        private final RandomEvents random;
        private final List<Said<Hash128>> sessions = new ArrayList<>();
        private final List<Said<HourCounts>> parts = new ArrayList<>();
        private final Map<HourKey, HourState> hours = new HashMap<>();

        Simulation(RandomEvents random) {
            this.random = random;
        }

        Map<RollupKey, HourlyRollup> run(List<Event> sent) {
            List<Said<ShardRecord>> records =
                    sent.stream()
                            .map(event ->
                                    new Said<>(
                                            new HourKey(event.projectId(), event.hourMillis()),
                                            ShardRecord.of(event)))
                            .toList();
            step(
                    records,
                    record -> record.value().shard(3),
                    seen ->
                            new ShardCounting(
                                    seen, METERS.counter("counted"), METERS.counter("duplicate")),
                    this::splitShardCounts);
            Collections.shuffle(sessions, random.random());
            step(
                    sessions,
                    session -> session.value().bucket(3),
                    SessionCounting::new,
                    (hour, counts) -> parts.add(new Said<>(hour, throughItsBytes(counts))));
            Collections.shuffle(parts, random.random());
            step(
                    parts,
                    part -> part.hour().rollupKey().partition(3),
                    seen -> new Merging(),
                    this::emit);

            Map<RollupKey, HourlyRollup> rollups = new HashMap<>();
            hours.forEach((hour, state) ->
                    rollups.put(hour.rollupKey(), state.counts().toRollup(hour, 0)));
            return rollups;
        }

        private <V, D> void step(
                List<Said<V>> records,
                Function<Said<V>, Integer> partition,
                Function<Seen, Gatherer<HourKey, V, D>> rules,
                BiConsumer<HourKey, D> handOn) {
            List<Task<V, D>> tasks = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                tasks.add(new Task<>(rules, handOn));
            }
            for (Said<V> record : records) {
                Task<V, D> task = tasks.get(partition.apply(record));
                task.process(record);
                int dice = random.random().nextInt(10);
                if (dice < 2) {
                    task.commit();
                } else if (dice == 2) {
                    task.crash();
                }
            }
            tasks.forEach(Task::commit);
        }

        private void splitShardCounts(HourKey hour, ShardCounts shard) {
            parts.add(new Said<>(hour, throughItsBytes(shard.counts())));
            shard.sessions().forEach(session -> sessions.add(new Said<>(hour, session)));
        }

        private void emit(HourKey hour, HourCounts counts) {
            HourState before = hours.getOrDefault(hour, HourState.empty());
            long revisionBefore = before.revision(1);
            HourState now = before.plus(counts);
            assertThat(now.revision(1)).isGreaterThan(revisionBefore);
            byte[] bytes = HourState.SERDE.serializer().serialize("hours", now);
            hours.put(hour, HourState.SERDE.deserializer().deserialize("hours", bytes));
        }

        private static HourCounts throughItsBytes(HourCounts counts) {
            byte[] bytes = HourCounts.SERDE.serializer().serialize("merge", counts);
            return HourCounts.SERDE.deserializer().deserialize("merge", bytes);
        }
    }
}
