package io.tidemill.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PathTemplateTest {

    private final PathTemplate template = new PathTemplate("/api/events/{event_id}");

    @ParameterizedTest
    @CsvSource({
        "evt_1, evt_1",
        "a%20b, 'a b'",
        "a%2Fb, a/b",
        "a+b, a+b",
        "a%2Bb, a+b",
        "%C3%A9, é",
        "%7B%7D, {}",
        "100%25, 100%"
    })
    void aNamedSegmentIsDecoded(String segment, String expected) {
        assertThat(template.match("/api/events/" + segment))
                .isEqualTo(Map.of("event_id", expected));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/events",
                "/api/events/",
                "/api/events/a/b",
                "/api/other/a",
                "/API/events/a",
                "api/events/a",
                "//api/events/a",
                "/api/events/%zz",
                "/api/events/%",
                ""
            })
    void otherPathsDoNotFit(String path) {
        assertThat(template.match(path)).isNull();
    }

    @Test
    void severalSegmentsMayBeNamed() {
        assertThat(new PathTemplate("/a/{b}/c/{d}").match("/a/1/c/2"))
                .isEqualTo(Map.of("b", "1", "d", "2"));
    }

    @ParameterizedTest
    @CsvSource({"/a?b=c, /a", "/a, /a", "/a?b?c, /a", "http://h:1/a/b?c=/d, /a/b", "http://h, /"})
    void thePathEndsWhereTheQueryStarts(String target, String expected) {
        assertThat(PathTemplate.pathOf(target)).isEqualTo(expected);
    }
}
