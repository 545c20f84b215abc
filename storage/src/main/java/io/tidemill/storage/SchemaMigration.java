package io.tidemill.storage;

import io.tidemill.runtime.StartupException;
import java.util.Map;
import java.util.Properties;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationState;
import org.flywaydb.core.api.configuration.FluentConfiguration;

/// Brings the schema to what this version of the code needs. Any number of processes may do so at
/// once: Flyway lets one through and the others find nothing left to do.
public final class SchemaMigration {

    private SchemaMigration() {}

    /// @param analystPassword lets the role `analyst` log in with it; empty leaves the role as it
    ///   is
    /// @throws StartupException when the database can't be reached, or is newer than this code
    public static void run(PostgresUrl url, String analystPassword) {
        try {
            Flyway flyway = configuration(url, analystPassword).load();
            refuseNewerSchema(flyway);
            flyway.migrate();
        } catch (FlywayException e) {
            throw new StartupException(
                    "the database " + url + " can't be prepared: " + firstLine(e), e);
        }
    }

    private static FluentConfiguration configuration(PostgresUrl url, String analystPassword) {
        Properties properties = url.jdbcProperties();
        FluentConfiguration configuration =
                Flyway.configure()
                        .dataSource(
                                url.jdbcUrl(),
                                properties.getProperty("user"),
                                properties.getProperty("password"))
                        .schemas("pipeline", "analytics")
                        .defaultSchema("pipeline")
                        .locations("classpath:db/migration")
                        .validateMigrationNaming(true)
                        .connectRetries(0);
        return configuration.placeholders(
                Map.of("analyst_password", analystPassword.replace("'", "''")));
    }

    private static void refuseNewerSchema(Flyway flyway) {
        for (MigrationInfo migration : flyway.info().applied()) {
            if (migration.getState() == MigrationState.FUTURE_SUCCESS) {
                throw new StartupException(
                        "the database has schema version "
                                + migration.getVersion()
                                + ", newer than this Tidemill knows: start a newer one");
            }
        }
    }

    private static String firstLine(FlywayException e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String message = root.getMessage() == null ? root.toString() : root.getMessage();
        return message.lines().findFirst().orElse("unknown reason");
    }
}
