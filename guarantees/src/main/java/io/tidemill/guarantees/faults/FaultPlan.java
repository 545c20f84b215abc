package io.tidemill.guarantees.faults;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;

/// What goes wrong when, for a whole run: a function of the seed. Some of it overlaps.
public record FaultPlan(List<Planned> faults) {

    private static final int QUIET_SECONDS = 8;
    private static final double MEAN_GAP_SECONDS = 6;
    private static final int AT_ONCE = 3;

    /// @param atSecond of the run
    /// @param seconds until it is healed; 0 when there is nothing to heal
    /// @param pick chooses among whatever it may hit
    public record Planned(FaultKind kind, int atSecond, int seconds, int pick) {

        public int endsAtSecond() {
            return atSecond + seconds;
        }
    }

    public FaultPlan {
        faults = List.copyOf(faults);
    }

    /// @param seconds of the run, in which everything is healed
    public static FaultPlan of(long seed, int seconds) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Planned> faults = new ArrayList<>();
        double at = QUIET_SECONDS;
        while (at < seconds) {
            FaultKind kind = FaultKind.any(random);
            int length = Math.min(kind.anySeconds(random), seconds - (int) at);
            Planned fault = new Planned(kind, (int) at, length, random.nextInt(Integer.MAX_VALUE));
            if (underWayAt(fault.atSecond(), faults) < AT_ONCE) {
                faults.add(fault);
            }
            at += -Math.log(1 - random.nextDouble()) * MEAN_GAP_SECONDS;
        }
        faults.sort(Comparator.comparingInt(Planned::atSecond));
        return new FaultPlan(faults);
    }

    private static long underWayAt(int second, List<Planned> faults) {
        return faults.stream().filter(fault -> fault.endsAtSecond() > second).count();
    }
}
