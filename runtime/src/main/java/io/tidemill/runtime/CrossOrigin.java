package io.tidemill.runtime;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import java.util.Collection;
import java.util.stream.Collectors;
import org.reactivestreams.Publisher;
import reactor.netty.http.server.HttpServerResponse;

/// What browsers must be told so that pages of any origin may use a route: without credentials, so
/// that nobody's cookies ever count here.
final class CrossOrigin {

    /// By name, since `*` does not cover Authorization.
    private static final String REQUEST_HEADERS =
            "Content-Type, Content-Encoding, Authorization, X-Api-Key";

    private static final String ANSWER_HEADERS =
            "Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset";
    private static final String A_DAY_IN_SECONDS = "86400";

    private CrossOrigin() {}

    /// Lets the page read the answer, whatever it turns out to be.
    static void allow(HttpServerResponse response) {
        response.header(HttpHeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN, "*")
                .header(HttpHeaderNames.ACCESS_CONTROL_EXPOSE_HEADERS, ANSWER_HEADERS);
    }

    /// Answers the question that browsers ask before a request; they keep the answer for a day.
    ///
    /// @param methods that pages may use on the path
    static Publisher<Void> preflight(HttpServerResponse response, Collection<HttpMethod> methods) {
        String names = methods.stream().map(HttpMethod::name).collect(Collectors.joining(", "));
        allow(response);
        return response.status(204)
                .header(HttpHeaderNames.ACCESS_CONTROL_ALLOW_METHODS, names)
                .header(HttpHeaderNames.ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS)
                .header(HttpHeaderNames.ACCESS_CONTROL_MAX_AGE, A_DAY_IN_SECONDS)
                .send();
    }
}
