package io.tidemill.runtime;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;

/// The meters of a process, and their text for Prometheus. Thread-safe.
public final class Metrics implements AutoCloseable {

    private final PrometheusMeterRegistry registry =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final CloseStack binders = new CloseStack();

    /// Meters of the JVM and the process, besides those that parts add.
    public static Metrics ofProcess() {
        Metrics metrics = new Metrics();
        new JvmMemoryMetrics().bindTo(metrics.registry);
        new JvmThreadMetrics().bindTo(metrics.registry);
        new ProcessorMetrics().bindTo(metrics.registry);
        new UptimeMetrics().bindTo(metrics.registry);
        metrics.binders.push(new JvmGcMetrics()).bindTo(metrics.registry);
        return metrics;
    }

    /// Where parts register their meters.
    public MeterRegistry registry() {
        return registry;
    }

    /// The Prometheus text format, version 0.0.4.
    public String scrape() {
        return registry.scrape();
    }

    @Override
    public void close() {
        binders.close();
        registry.close();
    }
}
