package io.tidemill.runtime;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerResponse;
import tools.jackson.databind.json.JsonMapper;

/// Whole answers, with their lengths known.
public final class Responses {

    private static final String PROBLEM = "application/problem+json";
    private static final String NO_SNIFF = "X-Content-Type-Options";

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
        byte[] problem = problemJson(response.status(status).status(), code, detail);
        return send(response, status, PROBLEM, problem);
    }

    private static byte[] problemJson(HttpResponseStatus status, String code, String detail) {
        Map<String, Object> problem = new LinkedHashMap<>();
        problem.put("type", "about:blank");
        problem.put("title", status.reasonPhrase());
        problem.put("status", status.code());
        problem.put("code", code);
        problem.put("detail", detail);
        return JSON.writeValueAsBytes(problem);
    }

    /// The same of an error that is documented.
    ///
    /// @param detail one sentence for people
    public static Publisher<Void> problem(
            HttpServerResponse response, ErrorCode error, String detail) {
        return problem(response, error.status(), error.code(), detail);
    }

    /// The answer to a request that reaches no route, which ends its connection.
    static FullHttpResponse lastProblem(ErrorCode error) {
        HttpResponseStatus status = HttpResponseStatus.valueOf(error.status());
        byte[] problem = problemJson(status, error.code(), error.meaning());
        FullHttpResponse response =
                new DefaultFullHttpResponse(
                        HttpVersion.HTTP_1_1, status, Unpooled.wrappedBuffer(problem));
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, PROBLEM)
                .set(HttpHeaderNames.CONTENT_LENGTH, problem.length)
                .set(NO_SNIFF, "nosniff")
                .set(HttpHeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN, "*")
                .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        if (error == FrontError.METHOD_NOT_ALLOWED) {
            response.headers().set(HttpHeaderNames.ALLOW, "GET, HEAD, OPTIONS, POST");
        }
        return response;
    }

    /// @param body kept, not copied
    public static Publisher<Void> send(
            HttpServerResponse response, int status, String contentType, byte[] body) {
        return response.status(status)
                .header(HttpHeaderNames.CONTENT_TYPE, contentType)
                .header(HttpHeaderNames.CONTENT_LENGTH, Integer.toString(body.length))
                .header(NO_SNIFF, "nosniff")
                .sendObject(Mono.fromSupplier(() -> Unpooled.wrappedBuffer(body)));
    }
}
