package io.tidemill.sink;

import io.r2dbc.pool.ConnectionPool;
import io.tidemill.contract.Topics;
import io.tidemill.projects.Projects;
import io.tidemill.runtime.Backoff;
import io.tidemill.runtime.CloseStack;
import io.tidemill.runtime.Health;
import io.tidemill.runtime.KafkaConnection;
import io.tidemill.runtime.Metrics;
import io.tidemill.runtime.Part;
import io.tidemill.runtime.StartupException;
import io.tidemill.sink.PartitionBuffer.Limits;
import io.tidemill.sink.RecordBatches.Plan;
import io.tidemill.sink.SinkConfig.Keeping;
import io.tidemill.storage.PostgresPool;
import io.tidemill.storage.PostgresUrl;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/// The sink: lands every event once and every rollup at its newest revision in Postgres, each with
/// the offset it came from in the same transaction.
public final class SinkWriter implements Part {

    private static final Logger log = LoggerFactory.getLogger(SinkWriter.class);
    private static final String NAME = "sink";
    private static final Backoff BACKOFF =
            new Backoff(Duration.ofMillis(100), Duration.ofSeconds(15));

    /// Beside those that write batches: for positions, partitions, completeness and owners of
    /// hours.
    private static final int FURTHER_CONNECTIONS = 3;

    /// Recomputations, a comparison, and one that removes what is past its window.
    private static final int SCANS = HourKeeper.CONNECTIONS + 2;

    private static final Duration SCAN_LIMIT = Duration.ofMinutes(15);

    private final CloseStack started;
    private final ConsumerThread thread;

    private SinkWriter(
            CloseStack started,
            SinkConfig config,
            KafkaConnection kafka,
            PostgresUrl postgres,
            Supplier<Projects> projects,
            Metrics metrics) {
        this.started = started;
        ConnectionPool pool =
                PostgresPool.open(
                        postgres,
                        NAME,
                        config.connections() + FURTHER_CONNECTIONS,
                        config.statementTimeout());
        started.push(pool::dispose);
        Transactions transactions = new Transactions(pool, config.statementTimeout());
        KafkaPositions positions = started.push(new KafkaPositions(kafka));
        SinkMetrics meters = new SinkMetrics(metrics.registry());
        Topics topics = new Topics(kafka.topicPrefix());
        String group = kafka.topicPrefix() + NAME;
        OffsetTable offsets = new OffsetTable(group);
        EventPartitions partitions = new EventPartitions(transactions);
        HourOwners owners = new HourOwners();
        BatchWriter writer =
                new BatchWriter(
                        transactions,
                        offsets,
                        owners,
                        new RejectedEventTable(),
                        Map.of(
                                topics.events(), new RawEventTable(partitions, owners),
                                topics.hourlyRollups(), new RollupTable(),
                                topics.dirtyHours(), new DirtyHourTable(owners),
                                topics.retentionCohorts(), new CohortTable(),
                                topics.settings(), new SettingsTable(owners),
                                topics.erasures(), new ErasureTable(owners)),
                        meters);
        StartPositions starts =
                new StartPositions(transactions, offsets, new TopicIdentities(group), positions);
        Plan plan = plan(config, topics);
        thread =
                new ConsumerThread(
                        kafka,
                        group,
                        (Consumer<byte[], byte[]> consumer) ->
                                new RecordBatches(
                                        consumer, plan, writer::write, starts::find, meters),
                        BACKOFF,
                        meters);
        CompleteThrough completeThrough =
                new CompleteThrough(
                        group,
                        topics,
                        config.counting(),
                        transactions,
                        offsets,
                        positions,
                        new MarkerProbe(kafka),
                        meters);
        started.push(completeThrough.start()::dispose);
        Transactions scans = scans(postgres, started);
        HourKeeper hours = new HourKeeper(owners, new Recomputation(), transactions, scans, meters);
        started.push(hours.start()::dispose);
        ComparisonKeeper comparisons =
                new ComparisonKeeper(new HourComparison(), transactions, scans, meters);
        started.push(comparisons.start()::dispose);
        Keeping keeping = config.keeping();
        RetentionKeeper retention =
                new RetentionKeeper(
                        () -> RetentionWindows.of(keeping.raw(), keeping.rollups(), projects.get()),
                        keeping.maxEventAge(),
                        new WindowTable(),
                        new RawRetention(owners),
                        transactions,
                        scans,
                        meters);
        started.push(retention.start()::dispose);
        Housekeeping housekeeping = new Housekeeping(new DaySketches(owners), scans, meters);
        started.push(housekeeping.start()::dispose);
        Reconciler reconciler = new Reconciler(new ReconciledHours(), transactions, scans, meters);
        started.push(reconciler.start()::dispose);
        TableStatistics statistics = new TableStatistics(transactions, metrics.registry());
        started.push(statistics.start()::dispose);
        started.push(new Erasing(owners, scans, meters).start()::dispose);
        started.push(keepPartitionsAhead(partitions)::dispose);
        started.push(thread).start();
    }

    /// Connections of its own: a scan of an hour takes longer than any other statement.
    private static Transactions scans(PostgresUrl postgres, CloseStack started) {
        ConnectionPool pool = PostgresPool.open(postgres, "recompute", SCANS, SCAN_LIMIT);
        started.push(pool::dispose);
        return new Transactions(pool, SCAN_LIMIT);
    }

    /// Starts at once; whatever it needs and can't reach, it waits for, and says so in its health.
    ///
    /// @param projects with their windows, asked for again and again
    /// @throws StartupException when the address of Kafka, or its further settings, can't be used
    public static SinkWriter start(
            SinkConfig config,
            KafkaConnection kafka,
            PostgresUrl postgres,
            Supplier<Projects> projects,
            Metrics metrics) {
        CloseStack started = new CloseStack();
        try {
            SinkWriter sink = new SinkWriter(started, config, kafka, postgres, projects, metrics);
            log.info("sink started postgres={} kafka={}", postgres, kafka.bootstrap());
            return sink;
        } catch (KafkaException e) {
            started.close();
            Throwable reason = e.getCause() == null ? e : e.getCause();
            throw new StartupException(
                    "the sink can't use Kafka at " + kafka.bootstrap() + ": " + reason.getMessage(),
                    e);
        }
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Health health() {
        return thread.health();
    }

    @Override
    public void drain() {
        thread.drain();
    }

    @Override
    public void close() {
        started.close();
        log.info("sink stopped");
    }

    private static Plan plan(SinkConfig config, Topics topics) {
        return new Plan(
                List.of(
                        topics.events(),
                        topics.hourlyRollups(),
                        topics.dirtyHours(),
                        topics.retentionCohorts(),
                        topics.settings(),
                        topics.erasures()),
                new Limits(config.batchRows(), config.batchBytes()),
                config.bufferBytes(),
                config.connections(),
                BACKOFF);
    }

    private static Disposable keepPartitionsAhead(EventPartitions partitions) {
        return Mono.defer(partitions::prepareAll)
                .retryWhen(
                        Retry.backoff(Long.MAX_VALUE, Duration.ofSeconds(1))
                                .maxBackoff(Duration.ofMinutes(1))
                                .transientErrors(true)
                                .doBeforeRetry(SinkWriter::warn))
                .repeatWhen(rounds -> rounds.delayElements(Duration.ofHours(1)))
                .subscribe();
    }

    private static void warn(Retry.RetrySignal signal) {
        log.warn(
                "partitions not prepared failures={} reason={}",
                signal.totalRetriesInARow() + 1,
                SqlStates.describe(signal.failure()));
    }
}
