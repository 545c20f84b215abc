package io.tidemill.sink;

import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.postgresql.api.PostgresqlResult;
import io.tidemill.contract.sketch.HourlySketches;
import io.tidemill.contract.sketch.UniqueSketch;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import reactor.core.publisher.Mono;

/// The sketches of hours in `analytics.unique_sketches`.
final class SketchTable {

    /// The end of a statement that begins with the sketches to put in place, as `incoming`. One
    /// that holds nothing has no row; and what holds another one of its day is not its day any
    /// more.
    static final String PUT_INCOMING =
            """
            changed AS MATERIALIZED (
                SELECT project_id, start, kind, incoming.sketch
                  FROM incoming
                  LEFT JOIN (SELECT project_id, start, kind, sketch
                               FROM analytics.unique_sketches
                              WHERE grain = 'hour') AS old USING (project_id, start, kind)
                 WHERE incoming.sketch <> coalesce(old.sketch, '\\x0100')),
            gone AS (
                DELETE FROM analytics.unique_sketches AS old
                 USING changed
                 WHERE old.project_id = changed.project_id AND old.kind = changed.kind
                   AND (old.grain = 'hour' AND old.start = changed.start AND changed.sketch = '\\x0100'
                        OR old.grain = 'day' AND old.start = date_trunc('day', changed.start, 'UTC')))
            INSERT INTO analytics.unique_sketches (project_id, grain, start, kind, sketch)
            SELECT project_id, 'hour', start, kind, sketch
              FROM changed
             WHERE sketch <> '\\x0100'
             ORDER BY project_id, start, kind
            ON CONFLICT (project_id, grain, start, kind) DO UPDATE SET sketch = EXCLUDED.sketch
            """;

    private static final String APPLY =
            """
            WITH incoming AS MATERIALIZED (
                SELECT project_id, timestamptz 'epoch' + hour_ms * interval '1 ms' AS start, kind,
                       decode(hex, 'hex') AS sketch
                  FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[])
                       AS each (project_id, hour_ms, kind, hex)),
            """
                    + PUT_INCOMING;

    private SketchTable() {}

    /// Puts these sketches in the place of what is there.
    static Mono<Void> put(PostgresqlConnection connection, List<HourlySketches> hours) {
        if (hours.isEmpty()) {
            return Mono.empty();
        }
        List<String> projects = new ArrayList<>();
        List<Long> millis = new ArrayList<>();
        List<String> kinds = new ArrayList<>();
        List<String> sketches = new ArrayList<>();
        for (HourlySketches hour : hours) {
            for (boolean ofUsers : new boolean[] {false, true}) {
                projects.add(hour.projectId());
                millis.add(hour.hourMillis());
                kinds.add(ofUsers ? "users" : "sessions");
                sketches.add(hex(ofUsers ? hour.users() : hour.sessions()));
            }
        }
        return connection
                .createStatement(APPLY)
                .bind("$1", projects.toArray(String[]::new))
                .bind("$2", millis.toArray(Long[]::new))
                .bind("$3", kinds.toArray(String[]::new))
                .bind("$4", sketches.toArray(String[]::new))
                .execute()
                .flatMap(PostgresqlResult::getRowsUpdated)
                .then();
    }

    private static String hex(UniqueSketch sketch) {
        return HexFormat.of().formatHex(sketch.bytes());
    }
}
