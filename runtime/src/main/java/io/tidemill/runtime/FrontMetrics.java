package io.tidemill.runtime;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.timeout.WriteTimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLException;

/// Counts what ends before it reaches a route, and the connections that are open. Thread-safe.
final class FrontMetrics {

    private final MeterRegistry registry;
    private final AtomicInteger connections = new AtomicInteger();

    FrontMetrics(MeterRegistry registry) {
        this.registry = registry;
        Gauge.builder("tidemill.http.connections", connections, AtomicInteger::get)
                .description("Connections that are open")
                .register(registry);
    }

    void opened() {
        connections.incrementAndGet();
    }

    void closed() {
        connections.decrementAndGet();
    }

    /// A request that was answered before it reached a route.
    void refused(FrontError refusal) {
        Counter.builder("tidemill.http.requests.refused")
                .description("Requests that were refused before they reached a route")
                .tag("code", refusal.code())
                .register(registry)
                .increment();
    }

    /// A connection that was ended without an answer.
    void ended(String reason) {
        Counter.builder("tidemill.http.connections.ended")
                .description("Connections that were ended without an answer")
                .tag("reason", reason)
                .register(registry)
                .increment();
    }

    /// A connection that broke.
    void broken(Throwable cause) {
        boolean tls = cause instanceof SSLException || cause.getCause() instanceof SSLException;
        if (cause instanceof WriteTimeoutException) {
            ended("slow_reader");
        } else if (cause instanceof Http2Exception) {
            ended("http2_error");
        } else if (tls) {
            ended("tls");
        } else {
            ended("broken");
        }
    }
}
