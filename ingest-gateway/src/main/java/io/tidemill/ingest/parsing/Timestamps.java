package io.tidemill.ingest.parsing;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.chrono.IsoChronology;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.util.OptionalLong;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// Reads times as senders write them, and cuts them to the millisecond: the one place that does.
final class Timestamps {

    private static final DateTimeFormatter ISO_WITH_OFFSET =
            new DateTimeFormatterBuilder()
                    .append(DateTimeFormatter.ISO_LOCAL_DATE_TIME)
                    .parseLenient() // minutes of the offset, with a colon or without
                    .appendOffset("+HH", "Z")
                    .toFormatter()
                    .withResolverStyle(ResolverStyle.STRICT)
                    .withChronology(IsoChronology.INSTANCE);
    private static final DateTimeFormatter ISO_MILLIS =
            new DateTimeFormatterBuilder().appendInstant(3).toFormatter();

    /// Times beyond are of no use to anybody, and their differences could overflow.
    private static final long MAX_MILLIS = Instant.parse("9999-12-31T23:59:59.999Z").toEpochMilli();

    private static final int MAX_DIGITS = 18;

    private Timestamps() {}

    /// The time that the parser stands on, in milliseconds; empty when it is none.
    static OptionalLong read(JsonParser parser) {
        JsonToken token = parser.currentToken();
        if (token == JsonToken.VALUE_STRING) {
            return parse(parser.getString());
        }
        if (token == JsonToken.VALUE_NUMBER_INT && parser.getStringLength() <= MAX_DIGITS) {
            return inRange(parser.getLongValue());
        }
        return OptionalLong.empty();
    }

    /// ISO-8601 with an offset; any fraction of a second is cut, also before 1970.
    static OptionalLong parse(String text) {
        try {
            return inRange(ISO_WITH_OFFSET.parse(text, Instant::from).toEpochMilli());
        } catch (DateTimeException | ArithmeticException e) {
            return OptionalLong.empty();
        }
    }

    /// As answers show times: ISO-8601 UTC with milliseconds.
    static String format(long millis) {
        return ISO_MILLIS.format(Instant.ofEpochMilli(millis));
    }

    private static OptionalLong inRange(long millis) {
        return Math.abs(millis) <= MAX_MILLIS ? OptionalLong.of(millis) : OptionalLong.empty();
    }
}
