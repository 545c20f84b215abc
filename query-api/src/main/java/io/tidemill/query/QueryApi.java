package io.tidemill.query;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.r2dbc.pool.ConnectionPool;
import io.tidemill.projects.LiveProjects;
import io.tidemill.runtime.CloseStack;
import io.tidemill.runtime.ErrorCode;
import io.tidemill.runtime.Health;
import io.tidemill.runtime.Metrics;
import io.tidemill.runtime.Part;
import io.tidemill.runtime.Route;
import io.tidemill.storage.PostgresPool;
import io.tidemill.storage.PostgresUrl;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The read side: answers analysts over HTTP from what Postgres holds, and says so when it can't.
public final class QueryApi implements Part {

    /// Why a question may get no answer.
    public static final List<ErrorCode> ERRORS = List.of(Refusal.values());

    private static final Logger log = LoggerFactory.getLogger(QueryApi.class);
    private static final Duration WATCH_TIMEOUT = Duration.ofSeconds(2);

    private final CloseStack started = new CloseStack();
    private final LiveProjects projects;
    private final PostgresWatch watch;
    private final List<Route> routes;
    private volatile boolean draining;

    private QueryApi(
            QueryConfig config, PostgresUrl postgres, LiveProjects projects, MeterRegistry meters) {
        this.projects = projects;
        ConnectionPool pool =
                PostgresPool.open(
                        postgres, "query", config.connections(), config.statementTimeout());
        started.push(pool::dispose);
        watch =
                started.push(
                        PostgresWatch.start(
                                PostgresPool.open(postgres, "query-watch", 1, WATCH_TIMEOUT)));
        Snapshots snapshots = new Snapshots(pool, config.questions(), config.patience());
        Questions questions =
                new Questions(
                        snapshots,
                        new EventQueries(),
                        new RollupQueries(),
                        new CohortQueries(),
                        Clock.systemUTC());
        routes = new QueryRoutes(new ReadAccess(projects), questions, meters).routes();
        Gauge.builder("tidemill.query.questions", snapshots, Snapshots::atHand)
                .description("Questions at hand, those that wait for a connection included")
                .register(meters);
    }

    /// Needs neither Postgres nor its schema to start: until they are there, it is not ready.
    ///
    /// @param projects stays the caller's to close
    public static QueryApi start(
            QueryConfig config, PostgresUrl postgres, LiveProjects projects, Metrics metrics) {
        QueryApi api = new QueryApi(config, postgres, projects, metrics.registry());
        log.info("started part=query postgres={}", postgres);
        return api;
    }

    @Override
    public String name() {
        return "query";
    }

    @Override
    public Health health() {
        return draining ? Health.draining() : projects.noted(watch.health());
    }

    @Override
    public List<Route> routes() {
        return routes;
    }

    /// Reading disturbs nobody, so questions are answered until HTTP itself ends.
    @Override
    public void drain() {
        draining = true;
    }

    @Override
    public void close() {
        draining = true;
        started.close();
        log.info("stopped part=query");
    }
}
