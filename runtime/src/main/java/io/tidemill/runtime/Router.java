package io.tidemill.runtime;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.netty.channel.AbortedException;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/// Finds the handler of a request: by its whole path, else by the first template that fits. Answers
/// 404 and 405 itself, and 500 for whatever a handler did not expect. Immutable.
final class Router {

    private static final Logger log = LoggerFactory.getLogger(Router.class);

    private final Map<String, Map<HttpMethod, Route>> exact = new HashMap<>();
    private final List<PathTemplate> templates = new ArrayList<>();
    private final Map<PathTemplate, Map<HttpMethod, Route>> templated = new HashMap<>();

    Router(List<Route> routes) {
        for (Route route : routes) {
            Map<HttpMethod, Route> methods;
            if (route.path().contains("{")) {
                PathTemplate template = new PathTemplate(route.path());
                if (!templated.containsKey(template)) {
                    templates.add(template);
                }
                methods = templated.computeIfAbsent(template, _ -> new HashMap<>());
            } else {
                methods = exact.computeIfAbsent(route.path(), _ -> new HashMap<>());
            }
            put(methods, route);
        }
        exact.values().forEach(Router::addPreflight);
        templated.values().forEach(Router::addPreflight);
    }

    private static void put(Map<HttpMethod, Route> methods, Route route) {
        if (methods.put(route.method(), route) != null) {
            throw new IllegalArgumentException(
                    "two routes for " + route.method() + " " + route.path());
        }
    }

    /// Where pages of other origins are served, browsers ask first.
    private static void addPreflight(Map<HttpMethod, Route> methods) {
        List<HttpMethod> open =
                methods.values().stream()
                        .filter(Router::isOpen)
                        .map(Route::method)
                        .sorted()
                        .toList();
        if (!open.isEmpty()) {
            String path = methods.values().iterator().next().path();
            put(
                    methods,
                    new Route(
                            HttpMethod.OPTIONS,
                            path,
                            Route.Pages.OF_THIS_ORIGIN,
                            (_, response) -> CrossOrigin.preflight(response, open)));
        }
    }

    private static boolean isOpen(Route route) {
        return route.pages() == Route.Pages.OF_ANY_ORIGIN;
    }

    Publisher<Void> handle(HttpServerRequest request, HttpServerResponse response) {
        Map<HttpMethod, Route> methods = methods(request);
        if (methods == null) {
            // A mistyped address should look like one to a page of another origin, too.
            CrossOrigin.allow(response);
            return Responses.problem(response, FrontError.NOT_FOUND, "There is nothing here.");
        }
        HttpMethod method = request.method();
        Route route = methods.get(method);
        if (route == null && method.equals(HttpMethod.HEAD)) {
            route = methods.get(HttpMethod.GET);
        }
        if (route == null ? methods.values().stream().anyMatch(Router::isOpen) : isOpen(route)) {
            CrossOrigin.allow(response);
        }
        if (route == null) {
            response.header(HttpHeaderNames.ALLOW, allowed(methods));
            return Responses.problem(
                    response, FrontError.METHOD_NOT_ALLOWED, "This path takes " + allowed(methods));
        }
        return guarded(route.handler(), request, response);
    }

    private @Nullable Map<HttpMethod, Route> methods(HttpServerRequest request) {
        String path = PathTemplate.pathOf(request.uri());
        Map<HttpMethod, Route> methods = exact.get(path);
        if (methods != null) {
            return methods;
        }
        for (PathTemplate template : templates) {
            Map<String, String> params = template.match(path);
            if (params != null) {
                request.paramsResolver(_ -> params);
                return templated.get(template);
            }
        }
        return null;
    }

    private static Publisher<Void> guarded(
            Route.Handler handler, HttpServerRequest request, HttpServerResponse response) {
        try {
            return Mono.from(handler.handle(request, response))
                    .onErrorResume(error -> unexpected(error, request, response));
        } catch (RuntimeException | LinkageError | StackOverflowError e) {
            return unexpected(e, request, response);
        }
    }

    private static Mono<Void> unexpected(
            Throwable error, HttpServerRequest request, HttpServerResponse response) {
        if (error instanceof AbortedException || AbortedException.isConnectionReset(error)) {
            return Mono.error(error);
        }
        log.error(
                "request failed method={} path={}",
                request.method(),
                PathTemplate.pathOf(request.uri()),
                error);
        if (response.hasSentHeaders()) {
            return Mono.error(error);
        }
        return Mono.from(
                Responses.problem(
                        response, FrontError.INTERNAL_ERROR, "Something went wrong on our side."));
    }

    private static String allowed(Map<HttpMethod, Route> methods) {
        Set<String> names = new TreeSet<>();
        methods.keySet().forEach(method -> names.add(method.name()));
        if (methods.containsKey(HttpMethod.GET)) {
            names.add(HttpMethod.HEAD.name());
        }
        return String.join(", ", names);
    }
}
