package io.tidemill.runtime;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.util.concurrent.atomic.AtomicInteger;
import org.reactivestreams.Publisher;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/// One port's server, not bound yet: every connection counted and guarded.
final class FrontServer {

    /// What one connection of HTTP/2 may have under way.
    private static final int MAX_STREAMS = 100;

    private static final int STREAM_WINDOW_BYTES = 64 << 10;

    /// Resets are free for a client, but not for us (CVE-2023-44487, CVE-2025-55163).
    private static final int MAX_RESETS = 200;

    private static final int RESET_WINDOW_SECONDS = 30;

    /// Connections that wait to be accepted. One too many is not turned away but told to try again
    /// by silence, up to a minute later.
    private static final int BACKLOG = 4096;

    private final FrontLimits limits;
    private final FrontMetrics metrics;
    private final Router router;
    private final AtomicInteger connections = new AtomicInteger();

    FrontServer(FrontLimits limits, FrontMetrics metrics, Router router) {
        this.limits = limits;
        this.metrics = metrics;
        this.router = router;
    }

    /// HTTP/1.1 alone.
    HttpServer clearText() {
        return http1().childOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    }

    /// HTTP/2 for clients that begin with its preface, HTTP/1.1 for the others.
    HttpServer http2ClearText() {
        return withStreams(server().protocol(HttpProtocol.H2C, HttpProtocol.HTTP11))
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .doOnChannelInit((_, channel, _) -> {
                    PrefaceGate.guard(channel, limits, metrics);
                    admit(channel);
                });
    }

    /// HTTP/1.1 over TLS.
    HttpServer https(ReloadingTls tls) {
        return http1().secure(spec -> spec.sslContext(tls));
    }

    /// HTTP/2 over TLS for clients that offer it, HTTP/1.1 for the others.
    HttpServer http2(ReloadingTls tls) {
        return withStreams(server().protocol(HttpProtocol.H2, HttpProtocol.HTTP11))
                .secure(spec -> spec.sslContext(tls))
                .doOnChannelInit((_, channel, _) -> {
                    ProtocolGate.guard(channel, limits, metrics);
                    admit(channel);
                });
    }

    private HttpServer http1() {
        return server().protocol(HttpProtocol.HTTP11)
                .doOnChannelInit((_, channel, _) -> {
                    RequestGate.guard(channel, limits, metrics);
                    admit(channel);
                });
    }

    private static HttpServer withStreams(HttpServer server) {
        return server.http2Settings(settings ->
                settings.maxConcurrentStreams(MAX_STREAMS)
                        .maxHeaderListSize(StrictHttpCodec.MAX_HEADER_BYTES)
                        .initialWindowSize(STREAM_WINDOW_BYTES)
                        .maxDecodedRstFramesPerWindow(MAX_RESETS, RESET_WINDOW_SECONDS)
                        .maxEncodedRstFramesPerWindow(MAX_RESETS, RESET_WINDOW_SECONDS));
    }

    private HttpServer server() {
        return HttpServer.create()
                .channelGroup(new DefaultChannelGroup(GlobalEventExecutor.INSTANCE))
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .handle(this::handle);
    }

    private Publisher<Void> handle(HttpServerRequest request, HttpServerResponse response) {
        request.withConnection(connection -> {
            if (connection.channel() instanceof Http2StreamChannel stream) {
                StreamGate.guard(stream, limits, metrics);
            }
        });
        return router.handle(request, response);
    }

    private void admit(Channel channel) {
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
}
