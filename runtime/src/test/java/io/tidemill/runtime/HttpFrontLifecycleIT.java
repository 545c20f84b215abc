package io.tidemill.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

class HttpFrontLifecycleIT {

    private final TestFronts fronts = new TestFronts();

    @AfterEach
    void close() {
        fronts.close();
    }

    @Test
    void aTakenPortIsOneLine() throws Exception {
        // given
        int port = fronts.start(StubPart.serving()).port();

        // when
        HttpSettings settings = new HttpSettings("127.0.0.1", port, port);

        // then
        assertThatThrownBy(() -> fronts.start(settings, StubPart.serving()))
                .isInstanceOf(StartupException.class)
                .hasMessage("port " + port + " on 127.0.0.1 is already in use");
    }

    @Test
    void aTakenPortLeavesNoOtherPortOpen() throws Exception {
        // given
        int taken = fronts.start(StubPart.serving()).port();
        int admin = TestFronts.freePort();

        // when
        assertThatThrownBy(() ->
                        fronts.start(
                                new HttpSettings("127.0.0.1", taken, admin), StubPart.serving()))
                .isInstanceOf(StartupException.class);

        // then
        await().until(() -> TestFronts.isRefused(admin));
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.1", "no-such-host.invalid"})
    void anAddressThatIsNotOursIsOneLine(String host) {
        assertThatThrownBy(() -> fronts.start(new HttpSettings(host, 0, 0), StubPart.serving()))
                .isInstanceOf(StartupException.class)
                .hasMessageContaining(host)
                .hasMessageNotContaining("in use");
    }

    @Test
    void closingWaitsForARequestAtHandAndTakesNoOther() throws Exception {
        // given
        CountDownLatch entered = new CountDownLatch(1);
        Sinks.One<String> answer = Sinks.one();
        Route slow =
                Route.get(
                        "/slow",
                        (_, response) -> {
                            entered.countDown();
                            return answer.asMono()
                                    .flatMap(
                                            text -> Mono.from(Responses.text(response, 200, text)));
                        });
        HttpFront front = fronts.start(StubPart.serving(slow));
        CompletableFuture<HttpResponse<String>> response =
                fronts.client()
                        .sendAsync(
                                TestFronts.request(front.port(), "/slow").build(),
                                BodyHandlers.ofString());
        entered.await();

        // when
        CompletableFuture<Void> closed = CompletableFuture.runAsync(front::close);

        // then
        await().until(() -> TestFronts.isRefused(front.port()));
        assertThat(closed).isNotDone();
        answer.tryEmitValue("late but whole").orThrow();
        assertThat(response.get().body()).isEqualTo("late but whole");
        closed.get();
    }
}
