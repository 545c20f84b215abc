package io.tidemill.launcher;

import io.tidemill.runtime.Responses;
import io.tidemill.runtime.Route;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/// What every route takes and answers, as an OpenAPI document. Each process serves the whole of it,
/// whichever parts it runs.
final class ApiDescription {

    static final String PATH = "/openapi.yaml";

    private ApiDescription() {}

    static Route route() {
        byte[] yaml = yaml();
        return Route.get(
                PATH, (_, response) -> Responses.send(response, 200, "application/yaml", yaml));
    }

    private static byte[] yaml() {
        try (InputStream file = ApiDescription.class.getResourceAsStream(PATH)) {
            if (file == null) {
                throw new IllegalStateException("the jar lacks " + PATH);
            }
            return file.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
