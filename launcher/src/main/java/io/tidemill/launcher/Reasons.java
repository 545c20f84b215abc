package io.tidemill.launcher;

/// What went wrong at the bottom of it, in one line for people.
final class Reasons {

    private Reasons() {}

    static String firstLine(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String message = root.getMessage() == null ? root.toString() : root.getMessage();
        return message.lines().findFirst().orElse("unknown reason");
    }
}
