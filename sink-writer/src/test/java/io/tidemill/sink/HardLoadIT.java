package io.tidemill.sink;

import static io.tidemill.sink.PipelineFixture.HOUR;
import static io.tidemill.sink.PipelineFixture.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidemill.contract.Event;
import io.tidemill.testkit.Events;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Many events, of which a tenth are copies and a hundredth can't be stored.
@Tag("endurance")
class HardLoadIT {

    private static final int RECORDS = 250_000;
    private static final int TOGETHER = 10_000;

    private final PipelineFixture pipeline = new PipelineFixture(4);

    @AfterEach
    void close() {
        pipeline.close();
    }

    @Test
    void theDistinctGoodOnesAreInThePoisonIsListedAndRollupsAreTheGroupBy() throws Exception {
        // given
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("-Dseed=" + seed);
        Random random = new Random(seed);
        pipeline.startSink();
        Set<Integer> good = new HashSet<>();
        int poison = 0;

        // when
        for (int sent = 0; sent < RECORDS; sent += TOGETHER) {
            List<Event> batch = new ArrayList<>(TOGETHER);
            for (int i = sent; i < sent + TOGETHER; i++) {
                int roll = random.nextInt(100);
                if (roll == 0) {
                    batch.add(event(i).id("poison-" + i).prompt("nul \0").build());
                    poison++;
                } else {
                    int number = roll <= 10 && i > 0 ? random.nextInt(i) : i;
                    good.add(number);
                    batch.add(event(number).build());
                }
            }
            Collections.shuffle(batch, random);
            pipeline.send(batch);
        }

        // then
        pipeline.awaitStored(RECORDS);
        assertThat(pipeline.number("SELECT count(*) FROM analytics.events"))
                .as("seed %s", seed)
                .isEqualTo(good.size());
        assertThat(
                        pipeline.number(
                                "SELECT count(*) FROM analytics.rejected_events WHERE reason = 'refused_by_postgres'"))
                .isEqualTo(poison);
        assertThat(pipeline.number("SELECT count(*) FROM analytics.rejected_events"))
                .isEqualTo(poison);
        await().atMost(PATIENCE)
                .until(() -> pipeline.number("SELECT count(*) FROM pipeline.held_hours") == 0);
        assertThat(
                        pipeline.text(
                                "SELECT count(*) || ' hours, ' || count(difference) || ' different' FROM analytics.rollup_differences(NULL, now() - interval '3 days', now() + interval '1 day')"))
                .isEqualTo("24 hours, 0 different");
    }

    /// Of 24 hours in turn. Nobody counts here: poison makes every hour the raw table's.
    private static Events event(int number) {
        return Events.event()
                .id("event-" + number)
                .user("user-" + number % 997)
                .tool("tool-" + number % 13)
                .at(HOUR.minusSeconds(3_600L * (number % 24)).plusMillis(number));
    }
}
