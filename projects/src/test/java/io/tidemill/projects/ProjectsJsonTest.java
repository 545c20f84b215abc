package io.tidemill.projects;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProjectsJsonTest {

    private static final String HASH =
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    @Test
    void everythingThatAProjectHasIsReadAndWrittenTheSame() {
        // given
        String json =
                """
                {"projects":{
                  "blog":{},
                  "shop":{"ingest_disabled":true,"events_per_second":100,"bytes_per_second":1048576,
                    "raw_retention":"7d","rollup_retention":"forever",
                    "keys":[{"id":"k_1","sha256":"%s","uses":["read","write"],
                             "created_at":"2025-10-18T01:00:00Z","label":"the web"}]}}}
                """
                        .formatted(HASH);

        // when
        Projects projects = read(json);

        // then
        Project shop = projects.find("shop").orElseThrow();
        assertThat(shop.ingestDisabled()).isTrue();
        assertThat(shop.limits()).isEqualTo(new RateLimits(100L, 1_048_576L));
        assertThat(shop.rawRetention()).isEqualTo(new Retention.Days(7));
        assertThat(shop.rollupRetention()).isEqualTo(new Retention.Forever());
        assertThat(shop.keys().getFirst().hash()).isEqualTo(KeyHash.of("abc"));
        assertThat(shop.keys().getFirst().uses()).containsExactlyInAnyOrder(KeyUse.values());
        assertThat(projects.find("blog")).contains(Project.named("blog"));
        assertThat(List.copyOf(ProjectsJson.read(ProjectsJson.write(projects)).all()))
                .isEqualTo(List.copyOf(projects.all()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}|projects is missing",
                "[]|the file is not an object",
                "{\"projects\":[]}|projects is not an object",
                "{\"projects\":{},\"x\":1}|x is not a field that is known here",
                "{\"projects\":{\"a b\":{}}}|projects.a b: the name of a project",
                "{\"projects\":{\"a\":{},\"a\":{}}}|the file is no JSON: line 1",
                "{\"projects\":{}} {}|the file is no JSON",
                "{\"projects\":{\"a\":{\"ingest_disable\":true}}}|projects.a.ingest_disable is not a field",
                "{\"projects\":{\"a\":{\"ingest_disabled\":1}}}|projects.a.ingest_disabled is neither",
                "{\"projects\":{\"a\":{\"events_per_second\":0}}}|projects.a: a rate is 1 to",
                "{\"projects\":{\"a\":{\"events_per_second\":1.5}}}|is not a whole number",
                "{\"projects\":{\"a\":{\"bytes_per_second\":\"9\"}}}|is not a whole number",
                "{\"projects\":{\"a\":{\"raw_retention\":\"0d\"}}}|projects.a: a window is 1d",
                "{\"projects\":{\"a\":{\"raw_retention\":\"36h\"}}}|a window is whole days",
                "{\"projects\":{\"a\":{\"keys\":{}}}}|projects.a.keys is not an array",
                "{\"projects\":{\"a\":{\"keys\":[{}]}}}|projects.a.keys[0].id is missing",
            })
    void whatIsWrongIsNamedByItsPlace(String json, String complaint) {
        assertThatExceptionOfType(InvalidProjectsException.class)
                .isThrownBy(() -> read(json))
                .withMessageContaining(complaint);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"sha256\":\"wk_a-secret-by-mistake\"|sha256 is not 64",
                "\"uses\":[]|for writing, for reading or for both",
                "\"uses\":[\"admin\"]|uses are write and read",
                "\"created_at\":\"yesterday\"|created_at is not a time",
                "\"id\":\"\"|the id of a key",
                "\"secret\":\"wk_a-secret-by-mistake\"|secret is not a field that is known here",
            })
    void aBrokenKeyIsNamedAndNotQuoted(String field, String complaint) {
        // given
        String name = field.substring(1, field.indexOf('"', 1));
        String key =
                """
                {"id":"k_1","sha256":"%s","uses":["write"],"created_at":"2025-10-18T01:00:00Z"}\
                """
                        .formatted(HASH);
        String broken =
                key.replaceFirst("\"" + name + "\":(\\[[^]]*]|\"[^\"]*\")", "")
                        .replaceAll("\\{,|,,|,}", ",");
        String json = "{\"projects\":{\"a\":{\"keys\":[{" + field + "," + strip(broken) + "}]}}}";

        // then
        assertThatExceptionOfType(InvalidProjectsException.class)
                .isThrownBy(() -> read(json))
                .withMessageContaining("projects.a.keys[0]")
                .withMessageContaining(complaint)
                .withMessageNotContaining("by-mistake");
    }

    private static String strip(String object) {
        return object.replaceAll("^[{,]+|[},]+$", "");
    }

    private static Projects read(String json) {
        return ProjectsJson.read(json.getBytes(UTF_8));
    }
}
