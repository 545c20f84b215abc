package io.tidemill.rollup;

import static io.tidemill.contract.RollupApplication.MERGE;
import static io.tidemill.contract.RollupApplication.SESSIONS;
import static io.tidemill.contract.RollupApplication.SHARD;

import io.micrometer.core.instrument.MeterRegistry;
import io.tidemill.contract.DirtyHourCodec;
import io.tidemill.contract.Hash128;
import io.tidemill.contract.RollupCodec;
import io.tidemill.contract.RollupKey;
import io.tidemill.contract.Topics;
import io.tidemill.contract.settings.SettingsHistory;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/// From accepted events to absolute hourly rollups, each event counted once; hours that it can't
/// vouch for are announced in the same transaction. A value: building it touches nothing.
///
/// The names of steps, stores and repartitions are names of topics and folders: changing one loses
/// what it kept.
final class RollupTopology implements Supplier<Topology> {

    static final String SEEN = "seen";
    static final String SHARD_CLOCK = "shard-clock";
    static final String HOURS = "hours";
    static final String PARTS = "parts";
    static final String MERGE_CLOCK = "merge-clock";

    private static final Serde<Hash128> HASH =
            BinarySerde.of(Hash128::bytes, bytes -> new BinaryReader(bytes).hash());
    private static final Serde<RollupKey> ROLLUP_KEY = BinarySerde.written(RollupCodec::encodeKey);
    private static final Serde<HourKey> DIRTY_KEY =
            BinarySerde.written(
                    hour -> DirtyHourCodec.encodeKey(hour.projectId(), hour.hourMillis()));
    private static final Serde<String> DIRTY = BinarySerde.written(DirtyHourCodec::encodeValue);

    private final Topics topics;
    private final RollupConfig config;
    private final Horizon horizon;
    private final Supplier<SettingsHistory> settings;
    private final MeterRegistry meters;

    /// @param settings all that is known of them when it is asked
    RollupTopology(
            Topics topics,
            RollupConfig config,
            Supplier<SettingsHistory> settings,
            MeterRegistry meters) {
        this.topics = topics;
        this.config = config;
        this.settings = settings;
        this.horizon = Horizon.of(config.dedupeHorizon());
        this.meters = meters;
    }

    @Override
    public Topology get() {
        StreamsBuilder builder = new StreamsBuilder(EverythingNamed.config());
        builder.addStateStore(SeenStore.builder(SEEN));
        builder.addStateStore(AppendClock.builder(SHARD_CLOCK));
        builder.addStateStore(hours());
        builder.addStateStore(HourParts.builder(PARTS));
        builder.addStateStore(AppendClock.builder(MERGE_CLOCK));

        KStream<HourKey, HourNews> shards = countPerShard(builder, shardRecords(builder));
        KStream<HourKey, HourNews> news =
                shards.merge(countSessions(builder, shards), Named.as("news"));
        announce(
                news.flatMapValues(HourNews::announcements, Named.as("news-announced")),
                "shard-dirty");
        KStream<HourKey, Emission> emissions = merge(builder, news);
        announce(
                emissions.flatMapValues(RollupTopology::announcements, Named.as("hours-announced")),
                "merge-dirty");
        emissions
                .flatMap((hour, emission) -> rollups(emission), Named.as("hours-emitted"))
                .to(
                        topics.hourlyRollups(),
                        Produced.with(ROLLUP_KEY, Serdes.ByteArray())
                                .withStreamPartitioner((topic, part, value, n) ->
                                        Optional.of(Set.of(part.partition(n))))
                                .withName("rollups"));
        return builder.build();
    }

    private KStream<HourKey, ShardRecord> shardRecords(StreamsBuilder builder) {
        return builder.stream(
                        topics.events(),
                        Consumed.with(Serdes.ByteArray(), Serdes.ByteArray()).withName("events"))
                .process(
                        () ->
                                new EventReader(
                                        settings,
                                        meters.counter("tidemill_rollup_unreadable"),
                                        meters.counter("tidemill_rollup_unmeasured")),
                        Named.as("read"))
                .repartition(
                        Repartitioned.<HourKey, ShardRecord>as(SHARD)
                                .withKeySerde(HourKey.SERDE)
                                .withValueSerde(ShardRecord.SERDE)
                                .withNumberOfPartitions(config.shards())
                                .withStreamPartitioner(
                                        Partitioning.by((hour, event, n) -> event.shard(n))));
    }

    private KStream<HourKey, HourNews> countPerShard(
            StreamsBuilder builder, KStream<HourKey, ShardRecord> records) {
        return OncePerCommit.step(
                builder, records, "count", HourKey.SERDE, this::shardCounting, SEEN, SHARD_CLOCK);
    }

    private ShardCounting shardCounting(FixedKeyProcessorContext<HourKey, byte[]> context) {
        KeyValueStore<Bytes, byte[]> seen = context.getStateStore(SEEN);
        AppendClock clock = AppendClock.in(context.getStateStore(SHARD_CLOCK));
        Expiry.schedule(
                context, seen, SeenStore::beginningOf, () -> horizon.keptFrom(clock.stored()));
        return new ShardCounting(new SeenStore(seen), clock, horizon, meters);
    }

    private KStream<HourKey, HourNews> countSessions(
            StreamsBuilder builder, KStream<HourKey, HourNews> shards) {
        KStream<HourKey, Hash128> sessions =
                shards.flatMapValues(HourNews::sessions, Named.as("shard-sessions"))
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
                context ->
                        new SessionCounting(
                                new SeenStore(context.getStateStore(SEEN)),
                                AppendClock.in(context.getStateStore(SHARD_CLOCK)),
                                horizon),
                SEEN,
                SHARD_CLOCK);
    }

    private KStream<HourKey, Emission> merge(
            StreamsBuilder builder, KStream<HourKey, HourNews> news) {
        KStream<HourKey, HourDelta> deltas =
                news.mapValues(HourNews::delta, Named.as("news-counts"))
                        .filterNot((hour, delta) -> delta.isEmpty(), Named.as("news-counted"))
                        .repartition(
                                Repartitioned.<HourKey, HourDelta>as(MERGE)
                                        .withKeySerde(HourKey.SERDE)
                                        .withValueSerde(HourDelta.SERDE)
                                        .withNumberOfPartitions(config.mergePartitions())
                                        .withStreamPartitioner(Partitioning.byHour()));
        return OncePerCommit.step(
                        builder, deltas, "merge-hours", HourKey.SERDE, context -> new Merging())
                .processValues(
                        () ->
                                new RollupEmitter(
                                        HOURS,
                                        PARTS,
                                        MERGE_CLOCK,
                                        config.generation(),
                                        horizon,
                                        meters.counter("tidemill_rollup_emitted")),
                        Named.as("emit"),
                        HOURS,
                        PARTS,
                        MERGE_CLOCK);
    }

    private void announce(KStream<HourKey, String> reasons, String name) {
        reasons.peek(
                        (hour, reason) ->
                                meters.counter("tidemill_rollup_announced", "reason", reason)
                                        .increment(),
                        Named.as(name + "-count"))
                .to(
                        topics.dirtyHours(),
                        Produced.with(DIRTY_KEY, DIRTY)
                                .withStreamPartitioner(Partitioning.byHour())
                                .withName(name));
    }

    private static List<String> announcements(Emission emission) {
        return switch (emission) {
            case Emission.Announcement(String reason) -> List.of(reason);
            case Emission.Part(_, _) -> List.of();
        };
    }

    private static List<KeyValue<RollupKey, byte[]>> rollups(Emission emission) {
        return switch (emission) {
            case Emission.Announcement(_) -> List.of();
            case Emission.Part(RollupKey key, byte[] value) -> List.of(KeyValue.pair(key, value));
        };
    }

    private static StoreBuilder<KeyValueStore<HourKey, HourState>> hours() {
        return Stores.keyValueStoreBuilder(
                        Stores.persistentKeyValueStore(HOURS), HourKey.SERDE, HourState.SERDE)
                .withCachingDisabled()
                .withLoggingEnabled(Map.of());
    }
}
