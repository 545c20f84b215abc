package io.tidemill.rollup;

import static io.tidemill.contract.RollupApplication.MERGE;
import static io.tidemill.contract.RollupApplication.SESSIONS;
import static io.tidemill.contract.RollupApplication.SHARD;

import io.micrometer.core.instrument.MeterRegistry;
import io.tidemill.contract.Hash128;
import io.tidemill.contract.HourlyRollup;
import io.tidemill.contract.RollupCodec;
import io.tidemill.contract.Topics;
import io.tidemill.rollup.ShardCounting.ShardCounts;
import java.util.Map;
import java.util.Properties;
import java.util.function.Supplier;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/// From accepted events to absolute hourly rollups, each event counted once. A value: building it
/// touches nothing.
///
/// The names of steps, stores and repartitions are names of topics and folders: changing one loses
/// what it kept.
final class RollupTopology implements Supplier<Topology> {

    static final String SEEN = "seen";
    static final String HOURS = "hours";

    private static final Serde<Hash128> HASH =
            BinarySerde.of(Hash128::bytes, bytes -> new BinaryReader(bytes).hash());
    private static final Serde<HourKey> ROLLUP_KEY =
            BinarySerde.of(
                    hour -> RollupCodec.encodeKey(hour.rollupKey()),
                    bytes -> {
                        throw new UnsupportedOperationException("rollups are only written here");
                    });
    private static final Serde<HourlyRollup> ROLLUP =
            BinarySerde.of(
                    RollupCodec::encode,
                    bytes -> {
                        throw new UnsupportedOperationException("rollups are only written here");
                    });

    private final Topics topics;
    private final RollupConfig config;
    private final MeterRegistry meters;

    RollupTopology(Topics topics, RollupConfig config, MeterRegistry meters) {
        this.topics = topics;
        this.config = config;
        this.meters = meters;
    }

    @Override
    public Topology get() {
        StreamsBuilder builder = new StreamsBuilder(everythingNamed());
        builder.addStateStore(SeenStore.builder(SEEN));
        builder.addStateStore(hours());

        KStream<HourKey, ShardCounts> shards = countPerShard(builder, shardRecords(builder));
        KStream<HourKey, HourCounts> sessions = countSessions(builder, shards);
        emit(
                builder,
                shards.mapValues(ShardCounts::counts, Named.as("shard-counts"))
                        .merge(sessions, Named.as("counts")));
        return builder.build();
    }

    private KStream<HourKey, ShardRecord> shardRecords(StreamsBuilder builder) {
        return builder.stream(
                        topics.events(),
                        Consumed.with(Serdes.ByteArray(), Serdes.ByteArray()).withName("events"))
                .process(
                        () -> new EventReader(meters.counter("tidemill_rollup_unreadable")),
                        Named.as("read"))
                .repartition(
                        Repartitioned.<HourKey, ShardRecord>as(SHARD)
                                .withKeySerde(HourKey.SERDE)
                                .withValueSerde(ShardRecord.SERDE)
                                .withNumberOfPartitions(config.shards())
                                .withStreamPartitioner(
                                        Partitioning.by((hour, event, n) -> event.shard(n))));
    }

    private KStream<HourKey, ShardCounts> countPerShard(
            StreamsBuilder builder, KStream<HourKey, ShardRecord> records) {
        return OncePerCommit.step(
                builder,
                records,
                "count",
                HourKey.SERDE,
                context ->
                        new ShardCounting(
                                new SeenStore(context.getStateStore(SEEN)),
                                meters.counter("tidemill_rollup_events", "result", "counted"),
                                meters.counter("tidemill_rollup_events", "result", "duplicate")),
                SEEN);
    }

    private KStream<HourKey, HourCounts> countSessions(
            StreamsBuilder builder, KStream<HourKey, ShardCounts> shards) {
        KStream<HourKey, Hash128> sessions =
                shards.flatMapValues(ShardCounts::sessions, Named.as("shard-sessions"))
                        .repartition(
                                Repartitioned.<HourKey, Hash128>as(SESSIONS)
                                        .withKeySerde(HourKey.SERDE)
                                        .withValueSerde(HASH)
                                        .withNumberOfPartitions(config.shards())
                                        .withStreamPartitioner(
                                                Partitioning.by(
                                                        (hour, session, n) -> session.bucket(n))));
        return OncePerCommit.step(
                builder,
                sessions,
                "count-sessions",
                HourKey.SERDE,
                context -> new SessionCounting(new SeenStore(context.getStateStore(SEEN))),
                SEEN);
    }

    private void emit(StreamsBuilder builder, KStream<HourKey, HourCounts> parts) {
        KStream<HourKey, HourCounts> hours =
                parts.repartition(
                        Repartitioned.<HourKey, HourCounts>as(MERGE)
                                .withKeySerde(HourKey.SERDE)
                                .withValueSerde(HourCounts.SERDE)
                                .withNumberOfPartitions(config.mergePartitions())
                                .withStreamPartitioner(Partitioning.byHour()));
        OncePerCommit.step(builder, hours, "merge-hours", HourKey.SERDE, context -> new Merging())
                .processValues(
                        () ->
                                new RollupEmitter(
                                        HOURS,
                                        config.generation(),
                                        meters.counter("tidemill_rollup_emitted")),
                        Named.as("emit"),
                        HOURS)
                .to(
                        topics.hourlyRollups(),
                        Produced.with(ROLLUP_KEY, ROLLUP)
                                .withStreamPartitioner(Partitioning.byHour())
                                .withName("rollups"));
    }

    private static StoreBuilder<KeyValueStore<HourKey, HourState>> hours() {
        return Stores.keyValueStoreBuilder(
                        Stores.persistentKeyValueStore(HOURS), HourKey.SERDE, HourState.SERDE)
                .withCachingDisabled()
                .withLoggingEnabled(Map.of());
    }

    private static TopologyConfig everythingNamed() {
        Properties properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "named-when-started");
        properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "127.0.0.1:1");
        properties.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
        return new TopologyConfig(new StreamsConfig(properties));
    }
}
