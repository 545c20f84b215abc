package io.tidemill.ingest.parsing;

import org.jspecify.annotations.Nullable;

/// Ends the reading of an event, or of a request as a whole, with the reason for the sender.
public final class RefusedException extends RuntimeException {

    private final Rejection rejection;
    private final @Nullable String field;
    private final String detail;

    /// @param field the field it is about; null when it is about none
    /// @param detail one sentence for people; holds nothing of the content
    public RefusedException(Rejection rejection, @Nullable String field, String detail) {
        // It steers, and is thrown for input of strangers: a stack trace would cost and say
        // nothing.
        super(detail, null, false, false);
        this.rejection = rejection;
        this.field = field;
        this.detail = detail;
    }

    /// A refusal that is about no single field.
    public RefusedException(Rejection rejection, String detail) {
        this(rejection, null, detail);
    }

    public Rejection rejection() {
        return rejection;
    }

    public String detail() {
        return detail;
    }

    boolean isAbout(EventField known) {
        return known.fieldName().equals(field);
    }

    public Verdict.Rejected verdict() {
        return new Verdict.Rejected(rejection, field, detail);
    }
}
