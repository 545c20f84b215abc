package io.tidemill.sink;

import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.tidemill.contract.MalformedRecordException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/// Where the records of one topic go.
///
/// @param <R> one row, or what becomes several rows
sealed interface RecordTable<R extends RecordTable.Row>
        permits RawEventTable,
                RollupTable,
                DirtyHourTable,
                CohortTable,
                SettingsTable,
                ErasureTable {

    /// What a record became.
    interface Row {
        ConsumerRecord<byte[], byte[]> origin();

        /// The hour that it is about; null when it is about none alone.
        @Nullable Hour hour();
    }

    /// A record that can't be stored.
    ///
    /// @param reason a stable code
    /// @param detail in words, without the record's content
    /// @param hour that it is about; null when that can't be told
    record Rejected(
            ConsumerRecord<byte[], byte[]> origin,
            String reason,
            String detail,
            @Nullable Hour hour) {

        static final String ERASED = "erased";
        static final String ERASED_DETAIL = "its user is erased";

        static Rejected malformed(
                ConsumerRecord<byte[], byte[]> origin, MalformedRecordException e) {
            return new Rejected(origin, "malformed_record", String.valueOf(e.getMessage()), null);
        }

        /// An event of an hour that is final.
        static Rejected expired(ConsumerRecord<byte[], byte[]> origin, @Nullable Hour hour) {
            return new Rejected(
                    origin, "expired", "raw events of its day are kept no longer", hour);
        }

        /// Of a user who is erased: nothing that the record says is kept.
        ///
        /// @param hour null when it can't be told
        static Rejected erased(ConsumerRecord<byte[], byte[]> origin, @Nullable Hour hour) {
            return new Rejected(origin, ERASED, ERASED_DETAIL, hour);
        }

        byte @Nullable [] keptKey() {
            return reason.equals(ERASED) ? null : origin.key();
        }

        byte @Nullable [] keptValue() {
            return reason.equals(ERASED) ? null : origin.value();
        }
    }

    /// The records of a batch, read.
    ///
    /// @param rows sorted, so that two writers take their locks in the same order
    /// @param hours of the rows that are about one
    /// @param repeated records that another one of the batch makes superfluous
    /// @param unlike hours of those that say something else than the other one, as rollups see it
    /// @param unlikeBySettings hours of those that do so by the settings alone, if these say so
    record Rows<R extends Row>(
            List<R> rows,
            SortedSet<Hour> hours,
            List<Rejected> rejected,
            int repeated,
            Set<Hour> unlike,
            Set<Hour> unlikeBySettings) {

        /// Of the rows and of what is set aside.
        Set<Hour> allHours() {
            Set<Hour> all = new HashSet<>(hours);
            rejected.stream().map(Rejected::hour).filter(Objects::nonNull).forEach(all::add);
            return all;
        }

        /// Without those of some hours, which are superfluous then.
        Rows<R> without(Set<Hour> others) {
            List<R> rest = rows.stream().filter(row -> !isOf(row.hour(), others)).toList();
            return of(
                    rest, rejected, repeated + rows.size() - rest.size(), unlike, unlikeBySettings);
        }

        /// With those of some hours set aside: they come too late to be kept.
        Rows<R> withExpired(Set<Hour> expired) {
            List<Rejected> more = new ArrayList<>();
            for (Rejected known : rejected) {
                more.add(
                        isOf(known.hour(), expired)
                                ? Rejected.expired(known.origin(), known.hour())
                                : known);
            }
            rows.stream()
                    .filter(row -> isOf(row.hour(), expired))
                    .forEach(row -> more.add(Rejected.expired(row.origin(), row.hour())));
            Rows<R> rest = without(expired);
            return of(rest.rows(), more, repeated, unlike, unlikeBySettings);
        }

        private static boolean isOf(@Nullable Hour hour, Set<Hour> hours) {
            return hour != null && hours.contains(hour);
        }

        static <R extends Row> Rows<R> of(List<R> rows, List<Rejected> rejected, int repeated) {
            return of(rows, rejected, repeated, Set.of(), Set.of());
        }

        static <R extends Row> Rows<R> of(
                List<R> rows,
                List<Rejected> rejected,
                int repeated,
                Set<Hour> unlike,
                Set<Hour> unlikeBySettings) {
            SortedSet<Hour> hours = new TreeSet<>();
            for (R row : rows) {
                Hour hour = row.hour();
                if (hour != null) {
                    hours.add(hour);
                }
            }
            return new Rows<>(rows, hours, rejected, repeated, unlike, unlikeBySettings);
        }

        /// The hours to hold: also those of records that are set aside, some hour if they have
        /// none. What is kept of them depends on what is read under these locks.
        Set<Hour> held() {
            Set<Hour> held = new HashSet<>(hours);
            rejected.forEach(r -> held.add(r.hour() == null ? Hour.NONE : r.hour()));
            return held;
        }
    }

    /// What became of rows.
    ///
    /// @param written new or newer than what was there
    /// @param unchanged what was there stays
    record Tally(long written, long unchanged) {
        static final Tally NONE = new Tally(0, 0);

        Tally plus(Tally other) {
            return new Tally(written + other.written, unchanged + other.unchanged);
        }
    }

    /// The table's name in metrics.
    String name();

    /// Reads records; what isn't readable is set aside.
    Mono<Rows<R>> read(List<ConsumerRecord<byte[], byte[]>> records);

    /// Of rows whose hours are held, those that may be stored; the others are set aside. A
    /// statement of its own, so that it sees what was committed before the locks were there.
    default Mono<Rows<R>> admitted(PostgresqlConnection connection, Rows<R> rows) {
        return Mono.just(rows);
    }

    /// Writes rows the fast way, their hours being held. When some of them are there already it may
    /// fail with a conflict: then {@link #writeOverExisting} has to.
    Mono<Tally> write(PostgresqlConnection connection, Rows<R> rows);

    /// Writes rows, whatever is there already.
    Mono<Tally> writeOverExisting(PostgresqlConnection connection, List<R> rows);

    /// The same without what comes too late for hours that are final, where nothing changes any
    /// more.
    default Rows<R> withoutFinal(Rows<R> rows, Set<Hour> finalHours) {
        return rows.without(finalHours);
    }

    /// Told that {@link #write} met rows that are there already.
    void onConflict();

    /// Told that some row was refused: what it believes to know of the database may be outdated.
    void onRefusal();
}
