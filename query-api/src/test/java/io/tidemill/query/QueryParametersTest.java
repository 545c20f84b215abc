package io.tidemill.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QueryParametersTest {

    private static final Set<String> KNOWN = Set.of("limit", "cursor", "user_id", "event_type");

    @Test
    void valuesAreDecoded() {
        QueryParameters parameters = parse("/x?user_id=a%26b+c%2B&event_type=%C3%A9;e");

        assertThat(parameters.text("user_id")).isEqualTo("a&b c+");
        assertThat(parameters.text("event_type")).isEqualTo("é;e");
    }

    @Test
    void anEmptyValueIsNoValue() {
        QueryParameters parameters = parse("/x?user_id=&limit=&cursor");

        assertThat(parameters.text("user_id")).isNull();
        assertThat(parameters.text("cursor")).isNull();
        assertThat(parameters.integer("limit", 7, 1, 10)).isEqualTo(7);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "11", "-1", "1.0", "ten", "1 OR 1=1", "99999999999999999999"})
    void aNumberOutsideItsLimitsIsRefused(String value) {
        QueryParameters parameters = parse("/x?limit=" + value.replace(' ', '+'));

        assertThatThrownBy(() -> parameters.integer("limit", 5, 1, 10))
                .isInstanceOf(BadParameterException.class)
                .hasMessage("limit is not a whole number from 1 to 10");
    }

    @Test
    void aParameterGivenTwiceIsRefused() {
        assertThatThrownBy(() -> parse("/x?user_id=a&user_id=b"))
                .isInstanceOf(BadParameterException.class)
                .hasMessage("user_id is given more than once");
    }

    @Test
    void anUnknownParameterIsRefusedWithThoseThatThereAre() {
        assertThatThrownBy(() -> parse("/x?userid=a"))
                .isInstanceOf(BadParameterException.class)
                .hasMessage(
                        "userid is not a parameter of this route: it takes"
                                + " [cursor, event_type, limit, user_id]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/x?user_id=%00", "/x?user_id=%", "/x?user_id=%zz"})
    void whatPostgresOrNobodyCanReadIsRefused(String target) {
        assertThatThrownBy(() -> parse(target)).isInstanceOf(BadParameterException.class);
    }

    @Test
    void turningThePageIsTheSameQuestion() {
        String question = parse("/x?user_id=a&event_type=b").question();

        assertThat(parse("/x?event_type=b&limit=3&cursor=c&user_id=a").question())
                .isEqualTo(question);
        assertThat(parse("/x?user_id=b&event_type=b").question()).isNotEqualTo(question);
    }

    private static QueryParameters parse(String target) {
        return new QueryParameters(target, KNOWN);
    }
}
