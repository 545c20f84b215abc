package io.tidemill.sink;

import static io.tidemill.sink.PipelineFixture.HOUR;

import io.tidemill.contract.Event;
import io.tidemill.contract.RiskMode;
import io.tidemill.testkit.Events;
import java.util.ArrayList;
import java.util.List;

/// Events of two projects in two hours, with every kind of value that rollups read.
final class RichEvents {

    private static final List<String> RISK_MODES =
            List.of(
                    "\"high\"",
                    "\"\"",
                    "\"" + "\uD834\uDD1E".repeat(201) + "\"",
                    "true",
                    "false",
                    "null",
                    "0",
                    "-0",
                    "0.0",
                    "-0.0",
                    "1.0",
                    "1.5",
                    "1E2",
                    "1e-2",
                    "100e-2",
                    "12345678901234567890",
                    "9007199254740991",
                    "9007199254740992",
                    "-9007199254740991",
                    "-9007199254740992",
                    "9007199254740991.5",
                    "[1]",
                    "{\"a\":1}",
                    "\"1\"",
                    "1e300",
                    "1e-300",
                    "\"\\u00e9 \\\\ \\n\"");

    private RichEvents() {}

    static List<Event> list() {
        List<Event> events = new ArrayList<>();
        for (String project : List.of("one", "two")) {
            for (int i = 0; i < 400; i++) {
                Events event =
                        Events.event()
                                .project(project)
                                .at(HOUR.minusSeconds(3_600).plusSeconds(18L * i));
                event.user(i % 7 == 0 ? null : "user-" + i % 30).session("session-" + i % 90);
                if (i % 3 == 0) {
                    event.tool(i % 2 == 0 ? "editor" : "search \"x\" \\ é");
                }
                if (i % 4 == 0) {
                    event.type(RiskMode.EVENT_TYPE);
                    event.properties(
                            "{\"a\":{\"risk_mode\":\"no\"},\"risk_mode\":"
                                    + RISK_MODES.get(i / 4 % RISK_MODES.size())
                                    + "}");
                }
                events.add(event.build());
            }
        }
        return events;
    }
}
