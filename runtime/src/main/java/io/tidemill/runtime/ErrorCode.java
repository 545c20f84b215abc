package io.tidemill.runtime;

/// Why a request, or one part of it, is not served: what programs see of it, and what its
/// documentation says. Codes are a promise: they may grow in number, but none changes its meaning.
public interface ErrorCode {

    /// The HTTP status of the answer when the whole request has this error.
    int status();

    /// What programs compare, in lower case with underscores, such as `not_found`.
    String code();

    /// What has the error, for the documentation, such as “a read”.
    String where();

    /// One sentence for the documentation: what is wrong.
    String meaning();

    /// One sentence for the documentation: what the sender should do.
    String remedy();
}
