package io.tidemill.contract;

/// An hour of a project that whoever counted can't vouch for: from now on its rollup is made of the
/// raw rows. Said once or often, in any order, it means the same.
///
/// @param hourMillis start of the hour, ms since 1970-01-01T00:00:00Z
/// @param reason why, as a stable code for people; nothing is decided by it
public record DirtyHour(String projectId, long hourMillis, String reason) {

    /// An event is older than the dedupe remembers.
    public static final String LATE = "late";

    /// An event lies more than an hour ahead of its own arrival.
    public static final String AHEAD = "ahead";

    /// A count came after the state of its hour had expired.
    public static final String EXPIRED = "expired";

    /// An event's properties can't be read.
    public static final String UNREADABLE = "unreadable";

    /// The hour has more different values than the topology keeps.
    public static final String WIDE = "wide";

    /// Not everybody counted it by the settings that hold for it.
    public static final String SETTINGS = "settings";

    /// A record was not stored, though it may have been counted.
    public static final String NOT_STORED = "not_stored";

    /// Its rollup is not what its raw rows say.
    public static final String DIFFERENT = "different";
}
