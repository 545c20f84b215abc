package io.tidemill.contract;

/// The bytes of a record are not what its topic promises. The message names what is wrong and holds
/// nothing of the content.
public final class MalformedRecordException extends RuntimeException {

    public MalformedRecordException(String reason) {
        super(reason);
    }

    public MalformedRecordException(String reason, Throwable cause) {
        super(reason, cause);
    }
}
