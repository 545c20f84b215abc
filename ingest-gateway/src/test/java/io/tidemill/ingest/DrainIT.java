package io.tidemill.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidemill.contract.Event;
import io.tidemill.runtime.Health;
import io.tidemill.testkit.TestKafka;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// A gateway that is asked to stop under load.
class DrainIT {

    private static final int SENDERS = 16;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Test
    void nothingIsUnknownToSendersThatStayedConnected() {
        // given
        try (RunningGateway gateway = onSharedKafka()) {
            SenderCrowd senders = SenderCrowd.start(gateway.port(), SENDERS);
            try (senders) {
                await().atMost(PATIENCE).until(() -> senders.fullyAcknowledged.get() > 200);

                // when
                gateway.gateway().drain();

                // then
                assertThat(gateway.gateway().health().status()).isEqualTo(Health.Status.DRAINING);
                await().atMost(PATIENCE).until(() -> senders.sentAway.get() == SENDERS);
            }
            gateway.stopListening();
            assertThat(senders.cutOff).hasValue(0);
            assertThat(senders.unexpected).isEmpty();
            assertThat(senders.unavailable).hasValue(SENDERS);
            assertThat(gateway.published())
                    .extracting(Event::eventId)
                    .containsExactlyInAnyOrderElementsOf(senders.acknowledged);
        }
    }

    @Test
    void aDrainingGatewayIsNotReadyAndClosesConnectionsAsItAnswers()
            throws IOException, InterruptedException {
        // given
        try (RunningGateway gateway = onSharedKafka()) {
            // when
            gateway.gateway().drain();

            // then
            HttpResponse<String> refused = gateway.post("/api/events", "{}");
            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(refused.body()).contains("\"code\":\"draining\"");
            assertThat(refused.headers().firstValue("Connection")).hasValue("close");
            assertThat(refused.headers().firstValue("Retry-After")).isPresent();
            assertThat(gateway.send(gateway.request("/readyz").GET()).statusCode()).isEqualTo(503);
            assertThat(gateway.send(gateway.request("/livez").GET()).statusCode()).isEqualTo(200);
        }
    }

    private static RunningGateway onSharedKafka() {
        TestKafka kafka = TestKafka.shared();
        String prefix = kafka.freshPrefix();
        kafka.createTopics(prefix, 3, 1);
        return RunningGateway.start(kafka.connection(prefix), Map.of()).awaitUp();
    }
}
