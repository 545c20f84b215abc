package io.tidemill.rollup;

import static io.tidemill.contract.CohortApplication.ACTIVITY;
import static io.tidemill.contract.CohortApplication.CELLS;

import io.micrometer.core.instrument.MeterRegistry;
import io.tidemill.contract.CohortCell;
import io.tidemill.contract.CohortCodec;
import io.tidemill.contract.CohortCount;
import io.tidemill.contract.Topics;
import io.tidemill.rollup.cohorts.UserNews;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;
import org.apache.kafka.streams.processor.StreamPartitioner;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/// From accepted events to the absolute cells of the retention table, without the users that are
/// erased. A value: building it touches nothing.
///
/// Between `events` and `erasures` there is no order, and none is needed: what a user's shard knows
/// is the same whichever comes first ({@link io.tidemill.rollup.cohorts.UserActivity}).
///
/// The names of steps, stores and repartitions are names of topics and folders: changing one loses
/// what it kept. The numbers of shards never change either: nothing but this topology knows the
/// days of users, so there is no starting afresh.
final class CohortTopology implements Supplier<Topology> {

    static final String USERS = "users";
    static final String USER_CLOCK = "user-clock";
    static final String CELL_STORE = "cells";

    private static final int USER_SHARDS = 8;
    private static final int CELL_SHARDS = 4;

    private static final Serde<CohortCell> CELL =
            BinarySerde.of(CohortTopology::encode, CohortTopology::decode);
    private static final Serde<CohortCell> COHORT_KEY = BinarySerde.written(CohortCodec::encodeKey);
    private static final Serde<CohortCount> COHORT = BinarySerde.written(CohortCodec::encodeValue);

    private final Topics topics;
    private final MeterRegistry meters;

    CohortTopology(Topics topics, MeterRegistry meters) {
        this.topics = topics;
        this.meters = meters;
    }

    @Override
    public Topology get() {
        StreamsBuilder builder = new StreamsBuilder(EverythingNamed.config());
        builder.addStateStore(UserStore.builder(USERS));
        builder.addStateStore(AppendClock.builder(USER_CLOCK));
        builder.addStateStore(cells());

        KStream<UserKey, UserNews> activity =
                read(builder, topics.events(), "events", () -> new ActivityReader(meters));
        KStream<UserKey, UserNews> erasures =
                read(builder, topics.erasures(), "erasures", () -> new ErasureReader(meters));
        mergeCells(builder, changes(activity.merge(erasures, Named.as("news"))))
                .to(
                        topics.retentionCohorts(),
                        Produced.with(COHORT_KEY, COHORT)
                                .withStreamPartitioner(byCohort())
                                .withName("cohorts"));
        return builder.build();
    }

    private static KStream<UserKey, UserNews> read(
            StreamsBuilder builder,
            String topic,
            String name,
            ProcessorSupplier<byte[], byte[], UserKey, UserNews> reader) {
        return builder.stream(
                        topic, Consumed.with(Serdes.ByteArray(), Serdes.ByteArray()).withName(name))
                .process(reader, Named.as("read-" + name));
    }

    private KStream<CohortCell, Integer> changes(KStream<UserKey, UserNews> news) {
        return news.repartition(
                        Repartitioned.<UserKey, UserNews>as(ACTIVITY)
                                .withKeySerde(UserKey.SERDE)
                                .withValueSerde(UserNewsSerde.SERDE)
                                .withNumberOfPartitions(USER_SHARDS)
                                .withStreamPartitioner((topic, user, value, shards) ->
                                        Optional.of(Set.of(user.shard(shards)))))
                .process(
                        () -> new UserActivityProcessor(USERS, USER_CLOCK, meters),
                        Named.as("users"),
                        USERS,
                        USER_CLOCK);
    }

    private KStream<CohortCell, CohortCount> mergeCells(
            StreamsBuilder builder, KStream<CohortCell, Integer> changes) {
        KStream<CohortCell, Integer> byCell =
                changes.repartition(
                        Repartitioned.<CohortCell, Integer>as(CELLS)
                                .withKeySerde(CELL)
                                .withValueSerde(Serdes.Integer())
                                .withNumberOfPartitions(CELL_SHARDS)
                                .withStreamPartitioner(byCohort()));
        return OncePerCommit.step(
                        builder, byCell, "merge-cells", CELL, context -> new CellMerging())
                .processValues(
                        () ->
                                new CellEmitter(
                                        CELL_STORE, meters.counter("tidemill_cohort_emitted")),
                        Named.as("emit"),
                        CELL_STORE);
    }

    private static <V> StreamPartitioner<CohortCell, V> byCohort() {
        return (topic, cell, value, partitions) -> Optional.of(Set.of(cell.partition(partitions)));
    }

    private static StoreBuilder<KeyValueStore<CohortCell, CellState>> cells() {
        return Stores.keyValueStoreBuilder(
                        Stores.persistentKeyValueStore(CELL_STORE), CELL, CellState.SERDE)
                .withCachingDisabled()
                .withLoggingEnabled(Map.of());
    }

    private static byte[] encode(CohortCell cell) {
        return new BinaryWriter()
                .text(cell.projectId())
                .fixedLong(cell.cohortDay())
                .number(cell.dayNumber())
                .bytes();
    }

    private static CohortCell decode(byte[] bytes) {
        BinaryReader in = new BinaryReader(bytes);
        return new CohortCell(in.requiredText(), in.fixedLong(), (int) in.number());
    }
}
