package io.tidemill.rollup;

import io.tidemill.runtime.CloseStack;
import io.tidemill.runtime.Env;
import io.tidemill.runtime.Health;
import io.tidemill.runtime.KafkaConnection;
import io.tidemill.runtime.Metrics;
import io.tidemill.runtime.Part;
import io.tidemill.runtime.Setting;
import io.tidemill.runtime.StartupException;
import java.util.List;
import java.util.stream.Stream;

/// The two applications that read `events` side by side: rollups and retention cohorts.
public final class StreamsPart implements Part {

    public static final List<Setting<?>> SETTINGS =
            Stream.of(RollupConfig.SETTINGS, CohortConfig.SETTINGS).flatMap(List::stream).toList();

    private final List<Part> applications;
    private final CloseStack started;

    private StreamsPart(List<Part> applications, CloseStack started) {
        this.applications = applications;
        this.started = started;
    }

    /// What both need.
    public record Config(RollupConfig rollups, CohortConfig cohorts) {

        public static Config from(Env env) {
            return new Config(RollupConfig.from(env), CohortConfig.from(env));
        }
    }

    /// Starts both; {@link #health()} tells when their stores are restored. The topics exist
    /// already.
    ///
    /// @throws StartupException when the folder of the stores can't be used
    public static StreamsPart start(Config config, KafkaConnection kafka, Metrics metrics) {
        CloseStack started = new CloseStack();
        try {
            Part rollups = started.push(RollupStreams.start(config.rollups(), kafka, metrics));
            Part cohorts =
                    started.push(
                            CohortStreams.start(
                                    config.cohorts(), config.rollups(), kafka, metrics));
            return new StreamsPart(List.of(rollups, cohorts), started);
        } catch (StartupException e) {
            started.close();
            throw e;
        }
    }

    @Override
    public String name() {
        return "streams";
    }

    /// The worse of both, with the name of the one that it is of.
    @Override
    public Health health() {
        return applications.stream()
                .map(StreamsPart::named)
                .max((one, other) -> one.status().compareTo(other.status()))
                .orElse(Health.UP);
    }

    @Override
    public void close() {
        started.close();
    }

    private static Health named(Part application) {
        Health health = application.health();
        return health.isUp()
                ? health
                : new Health(health.status(), application.name() + ": " + health.detail());
    }
}
