package io.tidemill.testkit;

import io.tidemill.contract.Event;
import io.tidemill.embedded.Durability;
import io.tidemill.embedded.EmbeddedPostgres;
import io.tidemill.storage.PostgresUrl;
import io.tidemill.storage.SchemaMigration;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.concurrent.atomic.AtomicInteger;
import org.testcontainers.postgresql.PostgreSQLContainer;

/// One real Postgres for all tests of this JVM, started on first use. Tests keep out of each
/// other's way by databases of their own. Its commits survive a kill, not a power cut.
public final class TestPostgres {

    /// The password of the read-only user `analyst`.
    public static final String ANALYST_PASSWORD = "analyst";

    private static final String IMAGE = "postgres:18";
    private static final String TEMPLATE = "testkit_template";

    private final PostgresUrl server;
    private final AtomicInteger databases = new AtomicInteger();

    private TestPostgres(PostgresUrl server) {
        this.server = server;
        if (!System.getProperty("testkit.postgres", "").isEmpty()) {
            TestDirectory.atExit("testkit-postgres-drop", this::dropAll);
        }
        // Migrated once: a copy of it takes milliseconds.
        execute(server, "CREATE DATABASE " + TEMPLATE);
        SchemaMigration.run(database(TEMPLATE), ANALYST_PASSWORD);
    }

    private void dropAll() {
        for (int i = 1; i <= databases.get(); i++) {
            execute(server, "DROP DATABASE IF EXISTS test_" + i + " WITH (FORCE)");
            execute(server, "DROP DATABASE IF EXISTS empty_" + i + " WITH (FORCE)");
        }
        execute(server, "DROP DATABASE " + TEMPLATE + " WITH (FORCE)");
    }

    public static TestPostgres shared() {
        return Shared.INSTANCE;
    }

    /// A new database with the current schema, as its owner.
    public PostgresUrl freshDatabase() {
        String name = "test_" + databases.incrementAndGet();
        execute(server, "CREATE DATABASE " + name + " TEMPLATE " + TEMPLATE);
        return database(name);
    }

    /// A new, empty database, as its owner.
    public PostgresUrl emptyDatabase() {
        String name = "empty_" + databases.incrementAndGet();
        execute(server, "CREATE DATABASE " + name);
        return database(name);
    }

    /// The same database, as the read-only user `analyst`.
    public PostgresUrl asAnalyst(PostgresUrl url) {
        return new PostgresUrl(url.host(), url.port(), url.database(), "analyst", ANALYST_PASSWORD);
    }

    /// Creates the partitions of `analytics.events` for these days (UTC), where missing.
    public void createEventPartitions(PostgresUrl url, LocalDate... days) {
        try (Connection connection = connect(url);
                PreparedStatement create =
                        connection.prepareStatement("SELECT pipeline.create_events_partition(?)")) {
            for (LocalDate day : days) {
                create.setObject(1, day);
                create.execute();
            }
        } catch (SQLException e) {
            throw new IllegalStateException("partitions can't be created in " + url, e);
        }
    }

    /// Creates the partitions of `analytics.events` that these events need, where missing.
    public void createEventPartitions(PostgresUrl url, Collection<Event> events) {
        createEventPartitions(
                url, events.stream().map(TestPostgres::day).distinct().toArray(LocalDate[]::new));
    }

    /// A plain JDBC connection, for what a test looks up itself.
    public static Connection connect(PostgresUrl url) throws SQLException {
        return DriverManager.getConnection(url.jdbcUrl(), url.jdbcProperties());
    }

    private static LocalDate day(Event event) {
        return Instant.ofEpochMilli(event.timestampMillis()).atOffset(ZoneOffset.UTC).toLocalDate();
    }

    private PostgresUrl database(String name) {
        return new PostgresUrl(
                server.host(), server.port(), name, server.user(), server.password());
    }

    private static void execute(PostgresUrl url, String sql) {
        try (Connection connection = connect(url);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException("failed on " + url + ": " + sql, e);
        }
    }

    /// A server that is there already, of whichever version, takes databases that go at the end.
    private static PostgresUrl start() {
        String given = System.getProperty("testkit.postgres", "");
        if (!given.isEmpty()) {
            return PostgresUrl.parse(given);
        }
        return switch (Backend.selected()) {
            case EMBEDDED -> embedded();
            case CONTAINERS -> container();
        };
    }

    private static PostgresUrl embedded() {
        Path directory = TestDirectory.create("postgres");
        EmbeddedPostgres postgres =
                EmbeddedPostgres.start(directory, 0, TestDirectory.cache(), Durability.PAGE_CACHE);
        TestDirectory.atExit(
                "testkit-postgres-stop",
                () -> {
                    postgres.close();
                    TestDirectory.delete(directory);
                });
        return postgres.url();
    }

    private static PostgresUrl container() {
        PostgreSQLContainer container =
                new PostgreSQLContainer(IMAGE)
                        .withDatabaseName(EmbeddedPostgres.DATABASE)
                        .withUsername(EmbeddedPostgres.USER)
                        .withPassword("tidemill");
        container.start();
        TestDirectory.atExit("testkit-postgres-stop", container::stop);
        return new PostgresUrl(
                container.getHost(),
                container.getMappedPort(PostgreSQLContainer.POSTGRESQL_PORT),
                container.getDatabaseName(),
                container.getUsername(),
                container.getPassword());
    }

    private static final class Shared {
        static final TestPostgres INSTANCE = new TestPostgres(start());
    }
}
