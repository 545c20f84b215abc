package io.tidemill.ingest;

import io.tidemill.contract.Topics;
import io.tidemill.ingest.parsing.EventParser;
import io.tidemill.ingest.throttling.Throttle;
import io.tidemill.projects.LiveProjects;
import io.tidemill.runtime.CloseStack;
import io.tidemill.runtime.Health;
import io.tidemill.runtime.KafkaConnection;
import io.tidemill.runtime.Metrics;
import io.tidemill.runtime.Part;
import io.tidemill.runtime.Route;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/// Takes events over HTTP, and acknowledges each once Kafka has it.
public final class IngestGateway implements Part {

    private static final Logger log = LoggerFactory.getLogger(IngestGateway.class);

    private final CloseStack started = new CloseStack();
    private final LiveProjects projects;
    private final Admission admission;
    private final EventPublisher publisher;
    private final Duration longestAnswer;
    private final List<Route> routes;

    private IngestGateway(
            IngestConfig config, KafkaConnection kafka, LiveProjects projects, Metrics metrics) {
        this.projects = projects;
        admission = new Admission(config.maxInFlightBytes());
        longestAnswer = KafkaEventPublisher.longestAnswer(config).plusSeconds(1);
        KafkaEventPublisher kafkaPublisher =
                started.push(
                        KafkaEventPublisher.start(
                                config, kafka, new Topics(kafka.topicPrefix()).events()));
        publisher = kafkaPublisher;
        IngestMetrics ingestMetrics = new IngestMetrics(metrics.registry());
        ingestMetrics.watch(admission, kafkaPublisher);
        ExecutorService workers =
                Executors.newFixedThreadPool(
                        Runtime.getRuntime().availableProcessors(),
                        Thread.ofPlatform().daemon().name("ingest-worker-", 0).factory());
        started.push(workers::shutdown);
        Scheduler parsing = Schedulers.fromExecutorService(workers, "ingest");
        routes =
                new EventsHandler(
                                intake(config, parsing),
                                share(config, ingestMetrics),
                                new ProjectParser(
                                        new EventParser(config.eventLimits(), new SecureRandom()),
                                        config.rawRetention()),
                                publisher,
                                admission,
                                new RetryAfter(System::nanoTime, new SecureRandom()),
                                ingestMetrics,
                                parsing,
                                Clock.systemUTC())
                        .routes();
    }

    /// Starts at once; until Kafka is reached, requests are answered 503.
    ///
    /// @param projects stays the caller's to close
    public static IngestGateway start(
            IngestConfig config, KafkaConnection kafka, LiveProjects projects, Metrics metrics) {
        IngestGateway gateway = new IngestGateway(config, kafka, projects, metrics);
        log.info("gateway started kafka={}", kafka.bootstrap());
        return gateway;
    }

    @Override
    public String name() {
        return "gateway";
    }

    @Override
    public Health health() {
        return admission.isDraining() ? Health.draining() : projects.noted(publisher.health());
    }

    @Override
    public List<Route> routes() {
        return routes;
    }

    @Override
    public Duration longestAnswer() {
        return longestAnswer;
    }

    @Override
    public void drain() {
        admission.drain();
        log.info("gateway draining requests={}", admission.requests());
    }

    @Override
    public void close() {
        started.close();
    }

    private Intake intake(IngestConfig config, Scheduler workers) {
        return new Intake(
                config.maxRequestBytes(),
                config.maxKeylessRequestBytes(),
                config.maxInFlightBytes(),
                new WriteAccess(projects),
                workers);
    }

    private static FairShare share(IngestConfig config, IngestMetrics metrics) {
        Throttle throttle =
                new Throttle(
                        config.eventLimits().maxEvents(),
                        config.maxRequestBytes(),
                        System::nanoTime);
        return new FairShare(throttle, config.maxRequestBytes(), metrics);
    }
}
