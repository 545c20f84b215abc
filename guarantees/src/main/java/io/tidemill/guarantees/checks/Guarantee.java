package io.tidemill.guarantees.checks;

/// What Tidemill promises, by the names that its documents use.
public enum Guarantee {
    I1("nothing lost"),
    I2("once"),
    I3("nothing invented"),
    I4("content"),
    I5("tenants"),
    I6("rollups"),
    I7("monotone"),
    I8("cohorts"),
    I9("retention"),
    I10("sums"),
    I11("overload"),
    I12("alone");

    private final String title;

    Guarantee(String title) {
        this.title = title;
    }

    public String title() {
        return title;
    }
}
