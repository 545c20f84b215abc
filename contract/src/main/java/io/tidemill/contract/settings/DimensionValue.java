package io.tidemill.contract.settings;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// What a property counts as, in a dimension or in a condition: a string (cut to 200 code points),
/// `true`, `false`, or a whole number below 2^53 as digits. Anything else is no value.
public final class DimensionValue {

    /// The most code points of a value.
    public static final int MAX_CODE_POINTS = 200;

    private static final BigDecimal TWO_TO_53 = BigDecimal.valueOf(1L << 53);
    private static final int MAX_DIGITS = 16;

    private DimensionValue() {}

    /// @return null when it is no value
    public static @Nullable String of(JsonNode property) {
        if (property.isString()) {
            return ofText(property.stringValue());
        }
        if (property.isBoolean()) {
            return property.booleanValue() ? "true" : "false";
        }
        return property.isNumber() ? ofNumber(property.decimalValue()) : null;
    }

    /// The text, cut.
    public static String ofText(String text) {
        return text.codePointCount(0, text.length()) <= MAX_CODE_POINTS
                ? text
                : text.substring(0, text.offsetByCodePoints(0, MAX_CODE_POINTS));
    }

    /// Looks at the exponent first: a number of a few characters may have a billion digits.
    ///
    /// @return null when it is not a whole number below 2^53 in size
    public static @Nullable String ofNumber(BigDecimal number) {
        if (number.signum() == 0) {
            return "0";
        }
        if ((long) number.precision() - number.scale() > MAX_DIGITS) {
            return null;
        }
        return number.stripTrailingZeros().scale() <= 0 && number.abs().compareTo(TWO_TO_53) < 0
                ? number.toBigInteger().toString()
                : null;
    }
}
