package io.tidemill.query;

import static io.tidemill.query.QueryServer.ids;
import static io.tidemill.query.Tables.mine;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.contract.Event;
import io.tidemill.storage.PostgresUrl;
import io.tidemill.testkit.TestPostgres;
import java.sql.SQLException;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// All on one database: nothing that is sent here may change it.
class HostileQuestionsIT {

    private static final PostgresUrl URL = TestPostgres.shared().freshDatabase();
    private static final QueryServer SERVER = QueryServer.on(URL);

    private final Tables tables = new Tables(URL);

    @BeforeAll
    static void fill() throws SQLException {
        new Tables(URL).insertEvents(mine("a").build(), mine("b").build());
    }

    @AfterAll
    static void close() {
        SERVER.close();
    }

    @ParameterizedTest
    @CsvSource({
        "/api/analytics/track?hours=0, hours",
        "/api/analytics/track?hours=-5, hours",
        "/api/analytics/track?hours=1.5, hours",
        "/api/analytics/track?hours=99999999, hours",
        "/api/analytics/track?hours=24&hours=48, hours",
        "/api/analytics/track?hours=24&from=0, hours",
        "/api/analytics/track?limit=0, limit",
        "/api/analytics/track?limit=1001, limit",
        "/api/analytics/track?from=yesterday, from",
        "/api/analytics/track?from=2&to=1, from",
        "/api/analytics/track?to=2025-10-18, to",
        "/api/analytics/track?cursor=abc, cursor",
        "/api/analytics/track?range=24, range",
        "/api/analytics/track?hours=%zz, the query",
        "/api/analytics/rollups?hours=0, hours",
        "/api/analytics/rollups?limit=5, limit",
        "/api/analytics/rollups?from=%27--, from",
        "/api/analytics/retention?unit=week, unit",
        "/api/analytics/retention?hours=24, hours",
        "/api/analytics/retention?from=2&to=1, from",
        "/api/analytics/retention?from=1000-01-01T00:00:00Z, from",
        "/api/events?limit=x, limit",
        "/api/events?user_id=%00, user_id",
        "/api/events?offset=10, offset",
        "/api/events/a?timestamp=now, timestamp"
    })
    void aBadParameterIsNamed(String target, String name) throws Exception {
        // when
        RawAnswer answer = RawAnswer.to(SERVER.port(), target);

        // then
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.head())
                .contains("content-type: application/problem+json")
                .contains("cache-control: no-store");
        assertThat(answer.body())
                .contains("\"code\":\"bad_parameter\"")
                .contains("\"detail\":\"" + name + " ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "' OR '1'='1",
                "a'; DROP TABLE analytics.events; --",
                "$1",
                "%",
                "\\",
                "a\" OR \"\"=\"",
                "); SELECT pg_sleep(100); --"
            })
    void sqlInParametersIsText(String text) throws Exception {
        // given
        Event named = mine(text).type(text).user(text).session(text).build();
        tables.insertEvents(named);
        String encoded = QueryServer.encode(text);

        // when
        JsonNode byId = SERVER.json("/api/events/" + encoded);

        // then
        assertThat(byId.get("id").stringValue()).isEqualTo(text);
        for (String parameter : Set.of("event_type", "user_id", "session_id")) {
            assertThat(ids(SERVER.json("/api/events?" + parameter + "=" + encoded)))
                    .containsExactly(text);
        }
        assertThat(ids(SERVER.json("/api/events"))).contains("a", "b", text);
    }
}
