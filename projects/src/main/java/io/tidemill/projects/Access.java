package io.tidemill.projects;

/// What a key opens.
public sealed interface Access {

    /// The project that the request is for, and no other.
    record Granted(Project project) implements Access {}

    /// No key, or one that nobody has: which of the two, the sender is not told.
    record Unknown() implements Access {}

    /// A key that is good for something else.
    record WrongUse() implements Access {}
}
