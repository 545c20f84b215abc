package io.tidemill.runtime;

import io.netty.handler.codec.http.HttpMethod;
import org.reactivestreams.Publisher;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/// One method on one path.
///
/// @param path such as `/api/events/{event_id}`; a name in braces takes one segment, decoded, which
///   the handler reads with `request.param(name)`
/// @param pages which web pages may read its answers
/// @param handler answers the request; runs on an event loop, so it never blocks
public record Route(HttpMethod method, String path, Pages pages, Handler handler) {

    /// Web pages, by where they come from.
    public enum Pages {
        OF_THIS_ORIGIN,
        /// Any, without credentials. Its path answers OPTIONS, too.
        OF_ANY_ORIGIN
    }

    /// Answers one request.
    @FunctionalInterface
    public interface Handler {
        Publisher<Void> handle(HttpServerRequest request, HttpServerResponse response);
    }

    public static Route get(String path, Handler handler) {
        return new Route(HttpMethod.GET, path, Pages.OF_THIS_ORIGIN, handler);
    }

    public static Route post(String path, Handler handler) {
        return new Route(HttpMethod.POST, path, Pages.OF_THIS_ORIGIN, handler);
    }

    /// The same, for the pages of any origin.
    public Route forPagesOfAnyOrigin() {
        return new Route(method, path, Pages.OF_ANY_ORIGIN, handler);
    }
}
