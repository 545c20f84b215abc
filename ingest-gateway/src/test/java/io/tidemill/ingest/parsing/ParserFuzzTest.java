package io.tidemill.ingest.parsing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.tidemill.contract.Event;
import io.tidemill.contract.EventCodec;
import io.tidemill.contract.JsonText;
import io.tidemill.testkit.Fuzz;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What holds for every body, whatever is in it.
class ParserFuzzTest {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final long FIXED_BYTES = 4 << 20;
    private static final long BYTES_PER_BYTE = 500;

    /// Another parser, of another kind (characters instead of bytes, a tree instead of a stream).
    private static final JsonMapper REFERENCE =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder()
                                                    .maxNestingDepth(2_000)
                                                    .maxNumberLength(1_000_000)
                                                    .build())
                                    .build())
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .build();

    /// Damage can make exponents that no BigDecimal has.
    private static final Pattern HUGE_EXPONENT = Pattern.compile("[eE][+-]?\\d{9}");

    /// What became of a body: its verdicts, or why it was refused.
    private record Outcome(List<Verdict> verdicts, Verdict.@Nullable Rejected refusal) {}

    private interface Parsing {
        List<Verdict> parse(EventParser parser, byte[] body);
    }

    @Test
    void aBodyOfJsonIsReadAsAnotherParserReadsIt() {
        Fuzz.inputs(random -> {
            byte[] body = new HostileBodies(random).json();
            Outcome outcome = outcome(body, ParserFuzzTest::events);
            String text = new String(body, UTF_8).replaceFirst("^\ufeff", "");
            if (!HUGE_EXPONENT.matcher(text).find()) {
                compare(outcome, text);
            }
        });
    }

    @Test
    void everyLineThatIsNotBlankHasAVerdict() {
        Fuzz.inputs(random -> {
            byte[] body = new HostileBodies(random).lines();
            Outcome outcome = outcome(body, ParserFuzzTest::lines);
            assertThat(outcome.refusal() == null ? outcome.verdicts().size() : 0)
                    .isEqualTo(linesWithContent(body));
        });
    }

    @Test
    void aSingleEventHasAVerdict() {
        Fuzz.inputs(random -> {
            Outcome outcome = outcome(new HostileBodies(random).json(), ParserFuzzTest::track);
            assertThat(outcome.verdicts()).hasSizeLessThanOrEqualTo(1);
        });
    }

    private static List<Verdict> events(EventParser parser, byte[] body) {
        return parser.parseEvents(body, Parsed.PROJECT, Parsed.RECEIVED_AT_MILLIS);
    }

    private static List<Verdict> lines(EventParser parser, byte[] body) {
        return parser.parseLines(body, Parsed.PROJECT, Parsed.RECEIVED_AT_MILLIS);
    }

    private static List<Verdict> track(EventParser parser, byte[] body) {
        return List.of(parser.parseTrack(body, Parsed.PROJECT, Parsed.RECEIVED_AT_MILLIS));
    }

    /// The outcome, the same each time and within bounds, and what holds for each event of it.
    private static Outcome outcome(byte[] body, Parsing parsing) {
        byte[] before = body.clone();
        Outcome outcome = once(body, parsing);
        // Of the second time: the first one may load classes.
        long allocated = THREADS.getCurrentThreadAllocatedBytes();
        Outcome again = once(body, parsing);
        allocated = THREADS.getCurrentThreadAllocatedBytes() - allocated;
        assertThat(allocated).isLessThan(FIXED_BYTES + BYTES_PER_BYTE * body.length);
        assertThat(again).isEqualTo(outcome);
        assertThat(body).isEqualTo(before);
        for (Verdict verdict : outcome.verdicts()) {
            if (verdict instanceof Verdict.Accepted(Event event)) {
                assertThat(EventCodec.decode(EventCodec.encode(event))).isEqualTo(event);
            }
        }
        return outcome;
    }

    private static Outcome once(byte[] body, Parsing parsing) {
        EventParser parser = new EventParser(Parsed.LIMITS, new SplittableRandom(1));
        try {
            return new Outcome(parsing.parse(parser, body), null);
        } catch (RefusedException e) {
            return new Outcome(List.of(), e.verdict());
        }
    }

    private static void compare(Outcome outcome, String text) {
        JsonNode tree;
        try {
            tree = REFERENCE.readTree(text);
        } catch (JacksonException e) {
            // Not JSON: nothing of it may be taken. (A key of half a surrogate pair is JSON, but
            // the
            // reference gives up on it.)
            boolean broken = !e.getOriginalMessage().contains("surrogate");
            assertThat(outcome.refusal() != null || !broken)
                    .as("%s: %s", e.getOriginalMessage(), text)
                    .isTrue();
            return;
        }
        Verdict.Rejected refusal = outcome.refusal();
        if (refusal != null) {
            assertThat(refusal.rejection())
                    .isNotIn(Rejection.MALFORMED_JSON, Rejection.NOT_DURABLE);
            return;
        }
        List<JsonNode> sent = SentEvents.of(tree);
        assertThat(outcome.verdicts()).hasSameSizeAs(sent);
        for (int i = 0; i < sent.size(); i++) {
            if (outcome.verdicts().get(i) instanceof Verdict.Accepted(Event event)) {
                compare(event, sent.get(i), text);
            }
        }
    }

    private static void compare(Event event, JsonNode sent, String text) {
        SentEvents.requireAcceptable(sent);
        assertThat(tree(event.properties())).isEqualTo(SentEvents.properties(sent));
        assertThat(tree(event.metadata())).isEqualTo(SentEvents.metadata(sent));
        JsonText properties = event.properties();
        if (properties != null && !SentEvents.hasUnknown(sent)) {
            assertThat(text).contains(properties.toString());
        }
    }

    private static @Nullable JsonNode tree(@Nullable JsonText json) {
        return json == null ? null : REFERENCE.readTree(json.toString());
    }

    private static long linesWithContent(byte[] body) {
        // As Latin-1, so that no damage joins or parts lines.
        String text = new String(body, ISO_8859_1).replaceFirst("^\u00ef\u00bb\u00bf", "");
        return Arrays.stream(text.split("\n")).filter(line -> !line.matches("[ \t\r]*")).count();
    }
}
