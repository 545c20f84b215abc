package io.tidemill.rollup;

/// By which version of the settings some events were counted: of one, if all agree.
///
/// @param code the version; -1 while nothing says one, -2 when two were met
record Agreement(int code) {

    /// Nothing says a version.
    static final Agreement NONE = new Agreement(-1);

    private static final Agreement BROKEN = new Agreement(-2);

    static Agreement on(int version) {
        return new Agreement(version);
    }

    /// What both together say.
    Agreement and(Agreement other) {
        if (equals(other) || other.equals(NONE)) {
            return this;
        }
        return equals(NONE) ? other : BROKEN;
    }

    boolean isBroken() {
        return equals(BROKEN);
    }

    /// The version that all agree on; 0, what is built in, when nothing says one.
    int version() {
        return Math.max(0, code);
    }

    BinaryWriter write(BinaryWriter out) {
        return out.number(code - BROKEN.code);
    }

    static Agreement read(BinaryReader in) {
        return new Agreement((int) in.number() + BROKEN.code);
    }
}
