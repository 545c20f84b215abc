package io.tidemill.runtime;

import java.util.Locale;

/// Errors that the HTTP front answers itself, whatever the route.
public enum FrontError implements ErrorCode {
    MALFORMED_REQUEST(
            400,
            "The request is not well-formed HTTP, or two servers might read it differently: its"
                    + " lengths, hosts, codings, line ends or folded headers.",
            "Write requests with a library, in one way; the connection ends with this answer."),
    NOT_FOUND(404, "No route has this path.", "Correct the path."),
    METHOD_NOT_ALLOWED(405, "The path does not take this method.", "Use one that `Allow` lists."),
    REQUEST_TIMEOUT(
            408,
            "The head or the body of the request took longer to arrive than it may.",
            "Send it again on a new connection; send less at once when the line is slow."),
    URI_TOO_LONG(
            414, "The request line is longer than 4096 bytes.", "Ask for less in one address."),
    EXPECTATION_FAILED(
            417, "`Expect` names something else than `100-continue`.", "Leave the header out."),
    HEADERS_TOO_LARGE(
            431,
            "The headers are longer than 8192 bytes together, or more than 100.",
            "Send fewer headers; events belong in the body."),
    INTERNAL_ERROR(
            500,
            "Something went wrong that nobody foresaw; the log says what.",
            "Send it again later; an event with the same `event_id` and `timestamp` stays one"
                    + " event."),
    HTTP_VERSION_NOT_SUPPORTED(
            505, "This port does not speak the request's version of HTTP.", "Use HTTP/1.1.");

    private final int status;
    private final String meaning;
    private final String remedy;

    FrontError(int status, String meaning, String remedy) {
        this.status = status;
        this.meaning = meaning;
        this.remedy = remedy;
    }

    @Override
    public int status() {
        return status;
    }

    @Override
    public String code() {
        return name().toLowerCase(Locale.ROOT);
    }

    @Override
    public String where() {
        return "any request";
    }

    @Override
    public String meaning() {
        return meaning;
    }

    @Override
    public String remedy() {
        return remedy;
    }
}
