package io.tidemill.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.projects.Projects;
import io.tidemill.storage.PostgresUrl;
import io.tidemill.testkit.TestPostgres;
import java.time.LocalDate;
import java.time.ZoneOffset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class RetentionIT {

    private final PostgresUrl url = TestPostgres.shared().freshDatabase();
    private final Tables tables = new Tables(url);
    private final QueryServer server = QueryServer.on(url);

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void cohortsOfTheDaysThatStartInTheRangeAreListedOldestFirst() throws Exception {
        // given
        insert("2025-10-17", 0, 9);
        insert("2025-10-18", 0, 5);
        insert("2025-10-18", 2, 3);
        insert("2025-10-19", 0, 4);
        insert("2025-10-19", 90, 1);
        insert("2025-10-20", 0, 8);
        tables.execute(
                "INSERT INTO analytics.retention_cohorts VALUES ('another', '2025-10-18', 1, 7)");

        // when
        JsonNode answer =
                server.json(
                        "/api/analytics/retention?unit=day&from=2025-10-17T00:00:00.001Z&to=2025-10-20T00:00:00Z");

        // then
        assertThat(answer.get("cohorts")).hasSize(2);
        JsonNode first = answer.at("/cohorts/0");
        assertThat(first.get("cohort").stringValue()).isEqualTo("2025-10-18");
        assertThat(first.get("size").longValue()).isEqualTo(5);
        assertThat(first.get("users")).hasSize(91);
        assertThat(first.get("users").toString()).startsWith("[5,0,3,0,").endsWith(",0]");
        JsonNode second = answer.at("/cohorts/1");
        assertThat(second.get("cohort").stringValue()).isEqualTo("2025-10-19");
        assertThat(second.get("users").toString()).startsWith("[4,0,").endsWith(",0,1]");
    }

    @Test
    void daysThatHaveNotBegunAreNotAnswered() throws Exception {
        // given
        LocalDate today = LocalDate.now(ZoneOffset.UTC);
        insert(today.minusDays(3).toString(), 0, 2);

        // when
        JsonNode users = server.json("/api/analytics/retention").at("/cohorts/0/users");

        // then, also when a day begins meanwhile
        assertThat(users.toString()).matches("\\[2,0,0,0(,0)?]");
    }

    @Test
    void withoutCohortsTheListIsEmpty() throws Exception {
        assertThat(server.get("/api/analytics/retention").body()).isEqualTo("{\"cohorts\":[]}");
    }

    private void insert(String cohortDay, int dayNumber, long users) throws Exception {
        tables.execute(
                "INSERT INTO analytics.retention_cohorts VALUES ('%s', '%s', %d, %d)"
                        .formatted(Projects.OPEN_PROJECT, cohortDay, dayNumber, users));
    }
}
