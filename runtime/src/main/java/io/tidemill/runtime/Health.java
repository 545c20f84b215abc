package io.tidemill.runtime;

/// How a part is doing.
///
/// @param detail a short sentence for people: what is wrong, or what it waits for
public record Health(Status status, String detail) {

    public enum Status {
        /// Ready to serve.
        UP,
        /// Alive, not ready yet, and expected to become so: starting or restoring.
        STARTING,
        /// Takes no new work, on purpose.
        DRAINING,
        /// Not able to do its work now, and trying to get there again.
        DOWN,
        /// Given up: only a restart of the process helps, so the process should end.
        FAILED
    }

    public static final Health UP = new Health(Status.UP, "ok");

    public static Health starting(String detail) {
        return new Health(Status.STARTING, detail);
    }

    public static Health draining() {
        return new Health(Status.DRAINING, "draining");
    }

    public static Health down(String detail) {
        return new Health(Status.DOWN, detail);
    }

    public static Health failed(String detail) {
        return new Health(Status.FAILED, detail);
    }

    public boolean isUp() {
        return status == Status.UP;
    }
}
