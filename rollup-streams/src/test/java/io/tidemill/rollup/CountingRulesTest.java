package io.tidemill.rollup;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tidemill.contract.Event;
import io.tidemill.contract.Hash128;
import io.tidemill.contract.HourlyRollup;
import io.tidemill.contract.Hours;
import io.tidemill.contract.RollupKey;
import io.tidemill.contract.settings.SettingsHistory;
import io.tidemill.contract.settings.SettingsReader;
import io.tidemill.contract.settings.SettingsVersion;
import io.tidemill.contract.sketch.HourlySketches;
import io.tidemill.rollup.OncePerCommit.Gatherer;
import io.tidemill.rollup.RandomEvents.Sent;
import io.tidemill.testkit.FurtherGroupBy;
import io.tidemill.testkit.GroupBy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// The counting rules without Kafka: tasks that commit, crash and forget at random moments, and run
/// hours apart.
class CountingRulesTest {

    private static final SimpleMeterRegistry METERS = new SimpleMeterRegistry();
    private static final Horizon HORIZON = Horizon.of(Duration.ofHours(24));

    /// They hold from the second of the hours that events are in.
    private static final SettingsHistory SETTINGS =
            SettingsHistory.NONE.with(
                    new SettingsVersion(
                            1,
                            RandomEvents.FIRST_HOUR + Hours.MILLIS,
                            SettingsReader.read(
                                    """
                                    {"dimensions": [{"name": "model", "path": "llm.model"}],
                                     "measures": [{"name": "cost_usd", "path": "cost_usd", "by": ["model", "tool", "risk_mode"]}]}
                                    """
                                            .getBytes(StandardCharsets.UTF_8))));

    @Test
    void anyOrderDuplicationBatchingAndCrashGivesTheGroupBy() {
        for (int number = 0; number < 2_000; number++) {
            // given
            RandomEvents random = RandomEvents.ofCase(number);
            List<Event> distinct = random.distinct("shop");
            List<Sent> sent =
                    random.duplicatedAndShuffled(distinct).stream()
                            .map(event -> new Sent(event, event.timestampMillis()))
                            .toList();

            // when
            Simulation simulation = new Simulation(random);
            simulation.run(sent);

            // then
            assertThat(simulation.rollups()).as(random.toString()).isEqualTo(GroupBy.of(distinct));
            assertThat(simulation.sketches())
                    .as(random.toString())
                    .isEqualTo(GroupBy.sketchBytes(distinct));
            assertThat(simulation.further())
                    .as(random.toString())
                    .isEqualTo(FurtherGroupBy.of(distinct, SETTINGS));
            assertThat(simulation.announced).as(random.toString()).isEmpty();
        }
    }

    @Test
    void whateverIsLateAheadOrFarBehindIsAnnouncedOrCountedRight() {
        int announced = 0;
        int counted = 0;
        for (int number = 0; number < 2_000; number++) {
            // given
            RandomEvents random = RandomEvents.ofCase(number);
            List<Event> distinct = random.distinct("shop", RandomEvents.FIRST_HOUR, 40);

            // when
            Simulation simulation = new Simulation(random);
            simulation.run(random.appendedAnyhow(distinct));

            // then
            Map<RollupKey, HourlyRollup> rollups = simulation.rollups();
            Map<RollupKey, HourlyRollup> expected = GroupBy.of(distinct);
            announced += expected.size();
            for (HourKey hour : simulation.announced) {
                rollups.remove(hour.rollupKey());
                expected.remove(hour.rollupKey());
            }
            announced -= expected.size();
            counted += expected.size();
            assertThat(rollups).as(random.toString()).isEqualTo(expected);
        }
        assertThat(announced).isPositive();
        assertThat(counted).isPositive();
    }

    /// What a step has said of an hour, with the append time that goes along.
    private record Said<V>(HourKey hour, long appendedMillis, V value) {}

    private interface HandOn<D> {
        void accept(HourKey hour, long appendedMillis, D gathered);
    }

    /// What a task keeps; all of it is as of the last commit again after a crash.
    private static final class State implements AppendClock.Memory, HourParts.Memory {

        private final Map<Long, Set<String>> seen = new HashMap<>();
        private final Map<HourKey, HourState> hours = new HashMap<>();
        private final Map<PartKey, byte[]> parts = new HashMap<>();
        private long newest;

        State copy() {
            State copy = new State();
            seen.forEach((hour, keys) -> copy.seen.put(hour, new HashSet<>(keys)));
            hours.forEach((hour, state) -> copy.hours.put(hour, throughItsBytes(state)));
            copy.parts.putAll(parts);
            copy.newest = newest;
            return copy;
        }

        boolean first(Seen.Kind kind, long hourMillis, Hash128 hash) {
            return seen.computeIfAbsent(hourMillis, _ -> new HashSet<>()).add(kind + "/" + hash);
        }

        void expire() {
            long keptFrom = HORIZON.keptFrom(newest);
            seen.keySet().removeIf(hour -> hour < keptFrom);
            hours.keySet().removeIf(hour -> hour.hourMillis() < keptFrom);
            parts.keySet().removeIf(part -> part.hour().hourMillis() < keptFrom);
        }

        @Override
        public byte @Nullable [] read(PartKey part) {
            return parts.get(part);
        }

        @Override
        public void write(PartKey part, byte[] value) {
            parts.put(part, value);
        }

        @Override
        public long read() {
            return newest;
        }

        @Override
        public void write(long newest) {
            this.newest = newest;
        }

        private static HourState throughItsBytes(HourState state) {
            byte[] bytes = HourState.SERDE.serializer().serialize("hours", state);
            return HourState.SERDE.deserializer().deserialize("hours", bytes);
        }
    }

    /// A task of a step: its state, what it gathered, and what it has read since its last commit.
    private static final class Task<V, D> {

        private final Function<State, Gatherer<HourKey, V, D>> rules;
        private final HandOn<D> handOn;
        private final Map<HourKey, Said<D>> pending = new HashMap<>();
        private final List<Said<V>> uncommitted = new ArrayList<>();
        private State committed = new State();
        private State state = new State();
        private Gatherer<HourKey, V, D> gatherer;

        Task(Function<State, Gatherer<HourKey, V, D>> rules, HandOn<D> handOn) {
            this.rules = rules;
            this.handOn = handOn;
            gatherer = rules.apply(state);
        }

        void process(Said<V> record) {
            uncommitted.add(record);
            HourKey hour = record.hour();
            long appended = record.appendedMillis();
            Said<D> gathered = pending.get(hour);
            if (gathered != null) {
                gatherer.add(hour, record.value(), appended, gathered.value());
                return;
            }
            D first = gatherer.nothing();
            if (gatherer.add(hour, record.value(), appended, first)) {
                pending.put(hour, new Said<>(hour, appended, first));
            }
        }

        void commit() {
            pending.forEach(
                    (hour, said) -> handOn.accept(hour, said.appendedMillis(), said.value()));
            pending.clear();
            committed = state.copy();
            uncommitted.clear();
        }

        /// The transaction is aborted: all that it read is read again.
        void crash() {
            pending.clear();
            state = committed.copy();
            gatherer = rules.apply(state);
            List<Said<V>> again = List.copyOf(uncommitted);
            uncommitted.clear();
            again.forEach(this::process);
        }
    }

    private static final class Simulation {

        private final RandomEvents random;
        private final List<Said<Hash128>> sessions = new ArrayList<>();
        private final List<Said<HourDelta>> deltas = new ArrayList<>();
        private final List<State> merges = List.of(new State(), new State(), new State());
        private final Map<HourKey, HourlyRollup> newest = new HashMap<>();
        private final Map<RollupKey, byte[]> newestParts = new HashMap<>();
        final Set<HourKey> announced = new HashSet<>();

        Simulation(RandomEvents random) {
            this.random = random;
        }

        void run(List<Sent> sent) {
            List<Said<ShardRecord>> records =
                    sent.stream()
                            .map(copy ->
                                    new Said<>(
                                            new HourKey(
                                                    copy.event().projectId(),
                                                    copy.event().hourMillis()),
                                            copy.appendedMillis(),
                                            ShardRecord.of(
                                                    copy.event(),
                                                    SETTINGS.at(copy.event().hourMillis()))))
                            .toList();
            step(
                    records,
                    record -> record.value().shard(3),
                    state ->
                            new ShardCounting(
                                    state::first, new AppendClock(state), HORIZON, METERS),
                    this::handOn);
            Collections.shuffle(sessions, random.random());
            step(
                    sessions,
                    session -> session.value().bucket(3),
                    state -> new SessionCounting(state::first, new AppendClock(state), HORIZON),
                    this::handOn);
            Collections.shuffle(deltas, random.random());
            step(deltas, part -> merge(part.hour()), _ -> new Merging(), this::emit);
        }

        Map<RollupKey, HourlyRollup> rollups() {
            Map<RollupKey, HourlyRollup> rollups = new HashMap<>();
            newest.forEach((hour, rollup) ->
                    rollups.put(hour.rollupKey(), GroupBy.withoutRevision(rollup)));
            return rollups;
        }

        Map<RollupKey, String> sketches() {
            Map<RollupKey, String> sketches = new HashMap<>();
            newestParts.forEach((key, value) -> {
                if (key.part().equals(RollupKey.SKETCHES)) {
                    sketches.put(key, GroupBy.bytesOf(HourlySketches.of(key, value)));
                }
            });
            return sketches;
        }

        Map<RollupKey, String> further() {
            Map<RollupKey, String> further = new HashMap<>();
            newestParts.forEach((key, value) -> {
                if (!key.part().equals(RollupKey.SKETCHES)) {
                    further.put(key, FurtherGroupBy.text(key, value));
                }
            });
            return further;
        }

        private <V, D> void step(
                List<Said<V>> records,
                Function<Said<V>, Integer> partition,
                Function<State, Gatherer<HourKey, V, D>> rules,
                HandOn<D> handOn) {
            List<Task<V, D>> tasks = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                tasks.add(new Task<>(rules, handOn));
            }
            for (Said<V> record : records) {
                Task<V, D> task = tasks.get(partition.apply(record));
                task.process(record);
                switch (random.random().nextInt(10)) {
                    case 0, 1 -> task.commit();
                    case 2 -> task.crash();
                    case 3 -> task.state.expire();
                    default -> {}
                }
            }
            tasks.forEach(Task::commit);
        }

        private void handOn(HourKey hour, long appendedMillis, HourNews news) {
            if (!news.announcements().isEmpty()) {
                announced.add(hour);
            }
            if (!news.delta().isEmpty()) {
                deltas.add(new Said<>(hour, appendedMillis, throughItsBytes(news.delta())));
            }
            news.sessions()
                    .forEach(session -> sessions.add(new Said<>(hour, appendedMillis, session)));
        }

        /// As `RollupEmitter` does.
        private void emit(HourKey hour, long appendedMillis, HourDelta delta) {
            State state = merges.get(merge(hour));
            long now = new AppendClock(state).saw(appendedMillis);
            if (HORIZON.hasExpired(hour.hourMillis(), now)) {
                announced.add(hour);
                return;
            }
            HourState before = state.hours.getOrDefault(hour, HourState.empty());
            long revisionBefore = before.revision(1);
            HourState after = before.plus(delta);
            assertThat(after.revision(1)).isGreaterThan(revisionBefore);
            state.hours.put(hour, State.throughItsBytes(after));
            newest.put(hour, after.counts().toRollup(hour, after.revision(1), 0));
            new HourParts(state)
                    .add(hour, delta, after.sizes(), after.revision(1))
                    .changed()
                    .forEach(part -> newestParts.put(part.key(), part.value()));
            if (random.random().nextInt(4) == 0) {
                state.expire();
            }
        }

        private static int merge(HourKey hour) {
            return hour.rollupKey().partition(3);
        }

        private static HourDelta throughItsBytes(HourDelta delta) {
            byte[] bytes = HourDelta.SERDE.serializer().serialize("merge", delta);
            return HourDelta.SERDE.deserializer().deserialize("merge", bytes);
        }
    }
}
