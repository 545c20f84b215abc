package io.tidemill.ingest;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.tidemill.ingest.parsing.RefusedException;
import io.tidemill.ingest.parsing.Rejection;
import io.tidemill.projects.Access;
import io.tidemill.projects.KeyUse;
import io.tidemill.projects.Project;
import io.tidemill.projects.Projects;
import io.tidemill.projects.SentKey;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Says which project a request may write to. That comes from its key, and from nothing else in it.
final class WriteAccess {

    private final Supplier<Projects> projects;

    WriteAccess(Supplier<Projects> projects) {
        this.projects = projects;
    }

    /// The project of the key in the headers, or the open one.
    ///
    /// @return empty when there is no key there: the body may hold one
    /// @throws RefusedException when that key does not open a project for writing
    Optional<Project> inHeaders(HttpHeaders headers) {
        Projects now = projects.get();
        Optional<String> key =
                SentKey.in(
                        headers.getAll(HttpHeaderNames.AUTHORIZATION),
                        headers.getAll(SentKey.HEADER));
        return key.isEmpty() && !now.isOpen()
                ? Optional.empty()
                : Optional.of(opened(now.authorize(key.orElse(null), KeyUse.WRITE)));
    }

    /// The project of the key in a body.
    ///
    /// @param key null when there is none
    /// @throws RefusedException when it does not open a project for writing
    Project inBody(@Nullable String key) {
        return opened(projects.get().authorize(key, KeyUse.WRITE));
    }

    static RefusedException unauthorized() {
        return new RefusedException(
                Rejection.UNAUTHORIZED,
                "a write key is needed: Authorization: Bearer, X-Api-Key, or api_key in the body's"
                        + " object");
    }

    private static Project opened(Access access) {
        return switch (access) {
            case Access.Granted(Project project) when project.ingestDisabled() ->
                    throw new RefusedException(
                            Rejection.INGEST_DISABLED, "the project takes no events at present");
            case Access.Granted(Project project) -> project;
            case Access.Unknown() -> throw unauthorized();
            case Access.WrongUse() ->
                    throw new RefusedException(
                            Rejection.WRONG_KEY_KIND,
                            "the key only reads: writing takes a wk_ key");
        };
    }
}
