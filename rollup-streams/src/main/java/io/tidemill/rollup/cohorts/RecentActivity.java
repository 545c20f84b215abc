package io.tidemill.rollup.cohorts;

import io.tidemill.contract.Hash128;
import java.util.Arrays;

/// Tells what was passed on lately from what is news: of all events of a user and day that were
/// received in one hour, about one is.
///
/// Forgetting is harmless, so memory is fixed: each user and day has one place, and whoever comes
/// there next takes it over. Claiming to know what was never passed on would lose it: so whoever
/// uses this drops it together with a transaction that is aborted.
///
/// Not thread-safe.
public final class RecentActivity {

    /// A megabyte.
    private static final int PLACE_BITS = 15;

    private static final long SPREAD = 0x9e3779b97f4a7c15L;

    private final int placeBits;
    private final long[] high;
    private final long[] low;
    private final long[] days;
    private final long[] receivedHours;

    public RecentActivity() {
        this(PLACE_BITS);
    }

    /// @param placeBits 2 to this power is the number of places
    RecentActivity(int placeBits) {
        this.placeBits = placeBits;
        int places = 1 << placeBits;
        high = new long[places];
        low = new long[places];
        days = new long[places];
        receivedHours = new long[places];
        Arrays.fill(receivedHours, Long.MIN_VALUE);
    }

    /// Whether this may be news; from now on it isn't, and nothing of the user and day that was
    /// received earlier is, either.
    public boolean isNews(Hash128 user, UserNews.Active active) {
        long spread = (user.low() + active.day() * SPREAD) * SPREAD;
        int place = (int) (spread >>> (Long.SIZE - placeBits));
        boolean isKnown =
                receivedHours[place] >= active.receivedHour()
                        && high[place] == user.high()
                        && low[place] == user.low()
                        && days[place] == active.day();
        if (isKnown) {
            return false;
        }
        high[place] = user.high();
        low[place] = user.low();
        days[place] = active.day();
        receivedHours[place] = active.receivedHour();
        return true;
    }
}
