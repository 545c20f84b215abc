package io.tidemill.query;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.tidemill.projects.Access;
import io.tidemill.projects.KeyUse;
import io.tidemill.projects.Project;
import io.tidemill.projects.Projects;
import io.tidemill.projects.SentKey;
import java.util.Optional;
import java.util.function.Supplier;
import reactor.netty.http.server.HttpServerRequest;

/// Says which project's data a request may read: that of its key, also while it takes no events.
final class ReadAccess {

    private final Supplier<Projects> projects;

    ReadAccess(Supplier<Projects> projects) {
        this.projects = projects;
    }

    /// A request without the key that it takes.
    static final class DeniedException extends RuntimeException {

        private final Refusal refusal;

        private DeniedException(Refusal refusal) {
            // It steers, and strangers cause it: a stack trace would cost and say nothing.
            super(refusal.code(), null, false, false);
            this.refusal = refusal;
        }

        Refusal refusal() {
            return refusal;
        }
    }

    /// Without keys everybody reads the open project, whatever the request says.
    ///
    /// @throws DeniedException when its key does not open a project for reading
    String projectOf(HttpServerRequest request) {
        HttpHeaders headers = request.requestHeaders();
        Optional<String> key =
                SentKey.in(
                        headers.getAll(HttpHeaderNames.AUTHORIZATION),
                        headers.getAll(SentKey.HEADER));
        return switch (projects.get().authorize(key.orElse(null), KeyUse.READ)) {
            case Access.Granted(Project project) -> project.id();
            case Access.Unknown() -> throw new DeniedException(Refusal.UNAUTHORIZED);
            case Access.WrongUse() -> throw new DeniedException(Refusal.WRONG_KEY_KIND);
        };
    }
}
