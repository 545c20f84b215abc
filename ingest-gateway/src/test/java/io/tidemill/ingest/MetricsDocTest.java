package io.tidemill.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.ingest.parsing.Rejection;
import io.tidemill.ingest.parsing.Verdict;
import io.tidemill.projects.LiveProjects;
import io.tidemill.projects.ProjectsFile;
import io.tidemill.runtime.Env;
import io.tidemill.runtime.KafkaConnection;
import io.tidemill.runtime.Metrics;
import io.tidemill.runtime.MetricsTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Documentation that the code writes itself, up to the part of the sink. `-Ddocs.write=true`
/// brings it up to date.
class MetricsDocTest {

    private static final Path METRICS = Path.of("../docs/metrics.md");
    private static final String INTRODUCTION =
            """
            # Metrics

            `/metrics` answers in the text format of Prometheus. Beside the pipeline's own, every process tells those of its JVM (`jvm_…`, `process_…`, `system_…`).

            ## `gateway`

            `tidemill_ingest_events_total` adds up to what was sent: each event of a request that could be read is counted once, when it is settled, under one `result` (`accepted`, `skipped`, `rejected`, `not_durable`, `throttled`) and, but for the first two, the `code` of [errors.md](errors.md). Requests that could not be read are in `tidemill_ingest_requests_refused_total`.

            """;

    private static final String PROJECTS =
            """

            ## Projects and keys

            """;

    private static final String WHAT_FOLLOWS = "\n## `sink`\n";

    @Test
    void thePageOfMetricsIsThatOfTheCode() throws IOException {
        // given
        String page;
        try (Metrics metrics = Metrics.ofProcess();
                KafkaEventPublisher publisher =
                        KafkaEventPublisher.start(
                                IngestConfig.from(new Env(Map.of())),
                                new KafkaConnection("127.0.0.1:1", "nowhere.", Map.of()),
                                "nowhere.events");
                LiveProjects _ =
                        LiveProjects.open(
                                new ProjectsFile(Path.of("no-projects.json")),
                                metrics.registry())) {
            IngestMetrics ingest = new IngestMetrics(metrics.registry());
            ingest.watch(new Admission(1), publisher);
            ingest.count(List.of(new Verdict.Rejected(Rejection.TOO_LONG, null, "test")));
            ingest.refused(Rejection.OVERLOADED);
            ingest.throttled("events");
            ingest.answered("/api/events", 200, System.nanoTime());

            // when
            page =
                    INTRODUCTION
                            + MetricsTable.markdown(metrics.scrape(), "tidemill_ingest_")
                            + PROJECTS
                            + MetricsTable.markdown(metrics.scrape(), "tidemill_projects_");
        }
        String written = Files.readString(METRICS);
        int end = written.indexOf(WHAT_FOLLOWS);
        if (Boolean.getBoolean("docs.write")) {
            Files.writeString(METRICS, page + written.substring(end));
        }

        // then
        assertThat(written.substring(0, end)).isEqualTo(page);
    }
}
