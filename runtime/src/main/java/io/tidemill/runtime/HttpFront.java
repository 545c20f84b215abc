package io.tidemill.runtime;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.netty.ChannelBindException;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

/// The HTTP server of a process: the routes of its parts, and those for operating it.
public final class HttpFront implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(HttpFront.class);
    private static final Duration BIND_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration TLS_FILES_EVERY = Duration.ofSeconds(10);

    private final CloseStack servers = new CloseStack();
    private final FrontMetrics metrics;
    private final Duration longestAnswer;
    private final int port;
    private final int adminPort;

    private HttpFront(
            HttpSettings settings, List<Part> parts, List<Route> ofProcess, Metrics metrics) {
        this.metrics = new FrontMetrics(metrics.registry());
        longestAnswer =
                parts.stream()
                        .map(Part::longestAnswer)
                        .max(Comparator.naturalOrder())
                        .orElse(Duration.ofSeconds(1));
        List<Route> routes = new ArrayList<>(ofProcess);
        parts.forEach(part -> routes.addAll(part.routes()));
        OperationRoutes operations = new OperationRoutes(parts, metrics);
        routes.addAll(operations.health());
        if (settings.hasAdminPort()) {
            FrontServer admin = front(settings, operations.probes());
            adminPort = bind(settings, settings.adminPort(), admin.clearText()).port();
        } else {
            routes.addAll(operations.probes());
            adminPort = -1;
        }
        port = bind(settings, settings.port(), server(settings, routes)).port();
    }

    /// @throws StartupException when a port is taken, or the address is not one of this machine
    public static HttpFront start(HttpSettings settings, List<Part> parts, Metrics metrics) {
        return start(settings, parts, List.of(), metrics);
    }

    /// @param ofProcess further routes, of no part
    /// @throws StartupException like the other
    public static HttpFront start(
            HttpSettings settings, List<Part> parts, List<Route> ofProcess, Metrics metrics) {
        return new HttpFront(settings, parts, ofProcess, metrics);
    }

    /// The port that answers, also when a free one was asked for.
    public int port() {
        return port;
    }

    /// The port that answers `/livez`, `/readyz` and `/metrics`.
    public int adminPort() {
        return adminPort < 0 ? port : adminPort;
    }

    /// Takes no new connection, and waits (for a bounded time) until requests at hand are answered.
    @Override
    public void close() {
        servers.close();
    }

    private @Nullable ReloadingTls tls(HttpSettings settings) {
        TlsFiles files = settings.tls();
        if (files == null) {
            return null;
        }
        try {
            return servers.push(
                    ReloadingTls.start(
                            files,
                            settings.http2() ? ReloadingTls.Http2.OFFERED : ReloadingTls.Http2.OFF,
                            TLS_FILES_EVERY));
        } catch (StartupException e) {
            servers.close();
            throw e;
        }
    }

    private FrontServer front(HttpSettings settings, List<Route> routes) {
        return new FrontServer(settings.limits(), metrics, new Router(routes));
    }

    private HttpServer server(HttpSettings settings, List<Route> routes) {
        FrontServer front = front(settings, routes);
        ReloadingTls tls = tls(settings);
        if (tls == null) {
            return settings.http2() ? front.http2ClearText() : front.clearText();
        }
        return settings.http2() ? front.http2(tls) : front.https(tls);
    }

    private DisposableServer bind(HttpSettings settings, int port, HttpServer server) {
        String host = settings.host();
        try {
            DisposableServer bound = server.host(host).port(port).bindNow(BIND_TIMEOUT);
            servers.push(() -> bound.disposeNow(longestAnswer));
            log.info("listening host={} port={}", host, bound.port());
            return bound;
        } catch (ChannelBindException e) {
            servers.close();
            throw new StartupException(whyNot(host, port, String.valueOf(e.getCause())), e);
        }
    }

    /// The native transport tells the reason in words only.
    private static String whyNot(String host, int port, String cause) {
        if (cause.contains("Address already in use")) {
            return "port " + port + " on " + host + " is already in use";
        }
        if (cause.contains("Permission denied")) {
            return "port " + port + " on " + host + " is reserved for privileged users";
        }
        return "can't listen on " + host + ": it is not an address of this machine";
    }
}
