package io.tidemill.sink;

import static io.tidemill.sink.PipelineFixture.PATIENCE;
import static io.tidemill.sink.PipelineFixture.events;
import static org.awaitility.Awaitility.await;

import io.tidemill.embedded.Durability;
import io.tidemill.embedded.EmbeddedPostgres;
import io.tidemill.runtime.Health;
import io.tidemill.storage.SchemaMigration;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PostgresOutageIT {

    @TempDir private Path directory;

    @Test
    void aPostgresThatIsRestartedUnderLoadCostsNothing() {
        // given
        EmbeddedPostgres postgres = start(0);
        int port = postgres.url().port();
        SchemaMigration.run(postgres.url(), "");
        try (PipelineFixture pipeline = new PipelineFixture(2, postgres.url())) {
            SinkWriter sink = pipeline.startSink();
            pipeline.send(events("before", 1_000));
            pipeline.awaitEvents(1_000);

            // when
            pipeline.send(events("during", 20_000));
            postgres.close();
            pipeline.send(events("while-down", 20_000));
            await().atMost(PATIENCE).until(() -> sink.health().status() == Health.Status.DOWN);
            postgres = start(port);
            pipeline.send(events("after", 1_000));

            // then
            pipeline.awaitEvents(42_000);
            pipeline.awaitStored(42_000);
            await().atMost(PATIENCE).until(() -> sink.health().isUp());
        } finally {
            postgres.close();
        }
    }

    private EmbeddedPostgres start(int port) {
        Path programs = Path.of(System.getProperty("user.home"), ".cache", "tidemill");
        return EmbeddedPostgres.start(directory, port, programs, Durability.PAGE_CACHE);
    }
}
