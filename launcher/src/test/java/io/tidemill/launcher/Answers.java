package io.tidemill.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.ingest.parsing.Rejection;
import io.tidemill.query.QueryApi;
import io.tidemill.runtime.FrontError;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What every answer has to be.
final class Answers {

    /// Every code, behind its status.
    private static final Set<String> DOCUMENTED =
            Stream.of(List.of(Rejection.values()), QueryApi.ERRORS, List.of(FrontError.values()))
                    .flatMap(List::stream)
                    .map(error -> error.status() + " " + error.code())
                    .collect(Collectors.toSet());

    private Answers() {}

    /// Fails unless an answer is as it is described, and its code is documented.
    static void require(
            OpenApi openApi, String method, String path, HttpResponse<String> answer, int status) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(openApi.differences(method, path, answer)).as(answer.body()).isEmpty();
        if (answer.headers().firstValue("content-type").orElse("").contains("problem")) {
            assertThat(DOCUMENTED).contains(answer.statusCode() + " " + code(answer));
        }
    }

    /// The code of a refusal, of an event's verdict, or of the only event's error.
    static String code(HttpResponse<String> answer) {
        JsonNode json = json(answer);
        JsonNode place = json.has("errors") ? json.get("errors").get(0) : json;
        return (place.has("error") && place.get("error").isObject() ? place.get("error") : place)
                .get("code")
                .asString();
    }

    private static JsonNode json(HttpResponse<String> answer) {
        return JsonMapper.shared().readTree(answer.body());
    }
}
