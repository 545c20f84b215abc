package io.tidemill.runtime;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.netty.ChannelBindException;
import reactor.netty.DisposableServer;
import reactor.netty.NettyPipeline;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.server.HttpServer;

/// The HTTP server of a process: the routes of its parts, and those for operating it.
public final class HttpFront implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(HttpFront.class);

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
            DisposableServer admin =
                    bind(settings, settings.adminPort(), new Router(operations.probes()));
            adminPort = admin.port();
        } else {
            routes.addAll(operations.probes());
            adminPort = -1;
        }
        port = bind(settings, settings.port(), new Router(routes)).port();
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

    private DisposableServer bind(HttpSettings settings, int port, Router router) {
        String host = settings.host();
        AtomicInteger connections = new AtomicInteger();
        ChannelGroup requests = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
        try {
            DisposableServer server =
                    HttpServer.create()
                            .host(host)
                            .port(port)
                            .protocol(HttpProtocol.HTTP11)
                            .channelGroup(requests)
                            .option(ChannelOption.SO_BACKLOG, 1024)
                            .childOption(ChannelOption.TCP_NODELAY, true)
                            .doOnChannelInit((_, channel, _) ->
                                    admit(channel, settings.limits(), connections))
                            .handle(router::handle)
                            .bindNow(Duration.ofSeconds(10));
            servers.push(() -> server.disposeNow(longestAnswer));
            log.info("listening host={} port={}", host, server.port());
            return server;
        } catch (ChannelBindException e) {
            servers.close();
            throw new StartupException(whyNot(host, port, String.valueOf(e.getCause())), e);
        }
    }

    private void admit(Channel channel, FrontLimits limits, AtomicInteger connections) {
        RequestGate.guard(channel, NettyPipeline.HttpCodec, limits, metrics);
        metrics.opened();
        if (connections.incrementAndGet() > limits.maxConnections()) {
            metrics.ended("too_many");
            ChannelFuture _ = channel.close();
        }
        ChannelFuture _ =
                channel.closeFuture()
                        .addListener(_ -> {
                            connections.decrementAndGet();
                            metrics.closed();
                        });
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
