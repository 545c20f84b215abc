package io.tidemill.launcher;

import io.tidemill.storage.PostgresUrl;
import java.util.ArrayList;
import java.util.List;

/// What `up` tells once it is ready.
///
/// @param http where it answers
/// @param kafka the address of Kafka
/// @param postgres the database
/// @param analystPassword lets the reader in; empty when unknown
/// @param data the folder, for people
/// @param embedded whether Kafka, or Postgres, is on this machine alone
record Banner(
        String http,
        String kafka,
        PostgresUrl postgres,
        String analystPassword,
        String data,
        boolean embedded) {

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add("Tidemill " + Tidemill.Version.version());
        lines.add("  HTTP      " + http);
        lines.add("  Kafka     " + kafka);
        lines.add("  Postgres  " + psql());
        lines.add("  data      " + data);
        if (embedded) {
            lines.add("            a single copy on this machine: a lost disk is lost data");
        }
        lines.add("Tidemill is ready: " + http);
        return lines;
    }

    private String psql() {
        String host = postgres.host().contains(":") ? "[" + postgres.host() + "]" : postgres.host();
        String reader = "analyst" + (analystPassword.isEmpty() ? "" : ":" + analystPassword);
        return "psql postgresql://%s@%s:%d/%s"
                .formatted(reader, host, postgres.port(), postgres.database());
    }
}
