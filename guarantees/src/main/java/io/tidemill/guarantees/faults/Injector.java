package io.tidemill.guarantees.faults;

import io.tidemill.guarantees.faults.FaultPlan.Planned;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Carries a plan out, each fault at its time and in a thread of its own, since some take long to
/// begin or to heal.
public final class Injector {

    private static final Logger log = LoggerFactory.getLogger(Injector.class);

    private final Troublemaker troublemaker;
    private final Clock clock;
    private final Consumer<String> told;
    private final List<Injected> injected = new CopyOnWriteArrayList<>();

    /// @param told takes a line about each beginning and each healing
    public Injector(Troublemaker troublemaker, Clock clock, Consumer<String> told) {
        this.troublemaker = troublemaker;
        this.clock = clock;
        this.told = told;
    }

    /// Returns when everything is healed.
    ///
    /// @return what happened, in its order
    public List<Injected> carryOut(FaultPlan plan) throws InterruptedException {
        Instant began = clock.instant();
        List<Thread> threads = new ArrayList<>();
        for (Planned fault : plan.faults()) {
            sleepUntil(began.plusSeconds(fault.atSecond()));
            threads.add(
                    Thread.ofVirtual()
                            .name("fault " + fault.kind().label())
                            .start(() -> happen(fault, began)));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        return injected.stream().sorted(Comparator.comparing(Injected::beganAt)).toList();
    }

    private void happen(Planned fault, Instant runBegan) {
        Instant began = clock.instant();
        Trouble trouble;
        try {
            trouble = troublemaker.begin(fault);
        } catch (Exception e) {
            // What it needed was away for another fault: there is nothing to heal.
            log.info("no fault kind={} reason={}", fault.kind(), e.toString());
            tell(began, runBegan, "did not come about: " + fault.kind().label());
            return;
        }
        tell(began, runBegan, trouble.what());
        if (fault.seconds() > 0) {
            heal(trouble, runBegan.plusSeconds(fault.endsAtSecond()));
            tell(clock.instant(), runBegan, "healed: " + trouble.what());
        }
        injected.add(new Injected(trouble.what(), began, clock.instant()));
    }

    private void heal(Trouble trouble, Instant at) {
        try {
            sleepUntil(at);
            trouble.heal().run();
        } catch (Exception e) {
            // Such as a connection that another fault has ended: it healed by itself.
            log.info("healing fault={} reason={}", trouble.what(), e.toString());
        }
    }

    private void tell(Instant at, Instant runBegan, String what) {
        long seconds = at.getEpochSecond() - runBegan.getEpochSecond();
        told.accept("%4d s  %s".formatted(seconds, what));
    }

    private void sleepUntil(Instant instant) throws InterruptedException {
        long millis = instant.toEpochMilli() - clock.millis();
        if (millis > 0) {
            Thread.sleep(millis);
        }
    }
}
