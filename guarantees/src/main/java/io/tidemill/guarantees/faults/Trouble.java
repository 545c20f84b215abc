package io.tidemill.guarantees.faults;

/// Something that goes wrong until it is healed.
///
/// @param what in words, such as `pause part sink-1`
/// @param heal what ends it
record Trouble(String what, Heal heal) {

    /// Undoes it; idempotent.
    @FunctionalInterface
    interface Heal {
        void run() throws Exception;
    }

    /// Mends itself, or is mended by whoever restarts what died.
    static Trouble passing(String what) {
        return new Trouble(what, () -> {});
    }
}
