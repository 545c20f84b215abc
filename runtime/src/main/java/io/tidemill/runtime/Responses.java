package io.tidemill.runtime;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaderNames;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerResponse;
import tools.jackson.databind.json.JsonMapper;

/// Whole answers, with their lengths known.
public final class Responses {

    private static final JsonMapper JSON = JsonMapper.shared();

    private Responses() {}

    public static Publisher<Void> json(HttpServerResponse response, int status, byte[] json) {
        return send(response, status, "application/json", json);
    }

    public static Publisher<Void> json(HttpServerResponse response, int status, Object value) {
        return json(response, status, JSON.writeValueAsBytes(value));
    }

    public static Publisher<Void> text(HttpServerResponse response, int status, String text) {
        return send(
                response,
                status,
                "text/plain; charset=utf-8",
                text.getBytes(StandardCharsets.UTF_8));
    }

    /// An error as `application/problem+json` (RFC 9457).
    ///
    /// @param code stable, for programs
    /// @param detail one sentence for people
    public static Publisher<Void> problem(
            HttpServerResponse response, int status, String code, String detail) {
        Map<String, Object> problem = new LinkedHashMap<>();
        problem.put("type", "about:blank");
        problem.put("title", response.status(status).status().reasonPhrase());
        problem.put("status", status);
        problem.put("code", code);
        problem.put("detail", detail);
        return send(response, status, "application/problem+json", JSON.writeValueAsBytes(problem));
    }

    /// The same of an error that is documented.
    ///
    /// @param detail one sentence for people
    public static Publisher<Void> problem(
            HttpServerResponse response, ErrorCode error, String detail) {
        return problem(response, error.status(), error.code(), detail);
    }

    /// @param body kept, not copied
    public static Publisher<Void> send(
            HttpServerResponse response, int status, String contentType, byte[] body) {
        return response.status(status)
                .header(HttpHeaderNames.CONTENT_TYPE, contentType)
                .header(HttpHeaderNames.CONTENT_LENGTH, Integer.toString(body.length))
                .header("X-Content-Type-Options", "nosniff")
                .sendObject(Mono.fromSupplier(() -> Unpooled.wrappedBuffer(body)));
    }
}
