package io.tidemill.query;

import io.tidemill.contract.Event;
import io.tidemill.contract.JsonText;
import java.time.Clock;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/// The questions that can be asked: which parameters each takes, what it reads, and its answer as
/// JSON. Answers are written on threads of their own, so that a large one holds up no connection.
final class Questions {

    private static final int TRACK_HOURS = 24;
    private static final int ROLLUP_HOURS = 168;
    private static final int RETENTION_HOURS = 91 * 24;
    private static final int MAX_PAGE = 1_000;
    private static final int DEFAULT_PAGE = 100;

    /// Above this a total is given as an estimate.
    private static final int MOST_COUNTED = 100_000;

    private static final Set<String> TRACK = Set.of("hours", "from", "to", "limit", "cursor");
    private static final Set<String> ROLLUPS = Set.of("hours", "from", "to");
    private static final Set<String> RETENTION = Set.of("unit", "from", "to");
    private static final Set<String> EVENT = Set.of("timestamp");
    private static final Set<String> EVENTS =
            Set.of(
                    "from",
                    "to",
                    "limit",
                    "cursor",
                    "event_type",
                    "user_id",
                    "session_id",
                    "search");

    private final Snapshots snapshots;
    private final EventQueries events;
    private final RollupQueries rollups;
    private final CohortQueries cohorts;
    private final Clock clock;

    Questions(
            Snapshots snapshots,
            EventQueries events,
            RollupQueries rollups,
            CohortQueries cohorts,
            Clock clock) {
        this.snapshots = snapshots;
        this.events = events;
        this.rollups = rollups;
        this.cohorts = cohorts;
        this.clock = clock;
    }

    /// A page of the events of a range, with their number.
    ///
    /// @param target of the request, whose query holds the parameters; like in the others
    Mono<JsonText> track(String project, String target) {
        QueryParameters parameters = new QueryParameters(target, TRACK);
        String question = "track" + parameters.question();
        EventCursor start = start(parameters, parameters.range(TRACK_HOURS, clock), question);
        int limit = parameters.integer("limit", MAX_PAGE, 1, MAX_PAGE);
        return snapshots
                .read(connection ->
                        events.page(connection, project, start, EventQueries.Filter.NONE, limit)
                                .zipWhen(_ -> events.count(connection, project, start.range())))
                .publishOn(Schedulers.parallel())
                .map(found ->
                        AnswerWriter.track(
                                found.getT1(),
                                found.getT2(),
                                next(start, found.getT1(), question)));
    }

    /// A page of the events that equal what is given.
    Mono<JsonText> events(String project, String target) {
        QueryParameters parameters = new QueryParameters(target, EVENTS);
        String question = "events" + parameters.question();
        TimeRange range = TimeRange.parse(parameters.text("from"), parameters.text("to"));
        EventCursor start = start(parameters, range, question);
        int limit = parameters.integer("limit", DEFAULT_PAGE, 1, MAX_PAGE);
        EventQueries.Filter filter = filter(parameters);
        return snapshots
                .read(connection ->
                        events.page(connection, project, start, filter, limit)
                                .zipWhen(_ ->
                                        events.countUpTo(
                                                connection,
                                                project,
                                                start.range(),
                                                filter,
                                                MOST_COUNTED + 1)))
                .publishOn(Schedulers.parallel())
                .map(found ->
                        AnswerWriter.events(
                                found.getT1(),
                                total(found.getT2()),
                                limit,
                                next(start, found.getT1(), question)));
    }

    /// The newest event of an id, or the one of a given time; empty when there is none.
    Mono<JsonText> event(String project, String eventId, String target) {
        String timestamp = new QueryParameters(target, EVENT).text("timestamp");
        if (eventId.indexOf('\0') >= 0) {
            return Mono.empty();
        }
        TimeRange range =
                timestamp == null
                        ? TimeRange.ALL
                        : TimeRange.ofMillisecond(TimeRange.instantMillis("timestamp", timestamp));
        return snapshots
                .read(connection -> events.byId(connection, project, eventId, range))
                .map(AnswerWriter::event);
    }

    /// The rollups of the hours that start in a range.
    Mono<JsonText> rollups(String project, String target) {
        QueryParameters parameters = new QueryParameters(target, ROLLUPS);
        TimeRange range = parameters.range(ROLLUP_HOURS, clock);
        return snapshots
                .read(connection -> rollups.answer(connection, project, range))
                .publishOn(Schedulers.parallel())
                .map(AnswerWriter::rollups);
    }

    /// How many of the users first seen on the days of a range came back.
    Mono<JsonText> retention(String project, String target) {
        QueryParameters parameters = new QueryParameters(target, RETENTION);
        String unit = parameters.text("unit");
        if (unit != null && !unit.equals("day")) {
            throw new BadParameterException("unit", "is not day");
        }
        TimeRange range = parameters.range(RETENTION_HOURS, clock);
        if (range.hours() > TimeRange.MAX_HOURS) {
            throw new BadParameterException(
                    "from", "is more than " + TimeRange.MAX_HOURS + " hours before to");
        }
        return snapshots
                .read(connection -> cohorts.cohorts(connection, project, range))
                .publishOn(Schedulers.parallel())
                .map(AnswerWriter::retention);
    }

    private static EventQueries.Filter filter(QueryParameters parameters) {
        return new EventQueries.Filter(
                parameters.text("event_type"),
                parameters.text("user_id"),
                parameters.text("session_id"),
                parameters.text("search"));
    }

    /// Where a page starts: behind the one before, or at the newest event of the range.
    private static EventCursor start(QueryParameters parameters, TimeRange range, String question) {
        String cursor = parameters.text("cursor");
        return cursor == null ? EventCursor.startOf(range) : EventCursor.decode(cursor, question);
    }

    /// The cursor of the next page; null when this one is the last.
    private static @Nullable String next(EventCursor start, EventPage page, String question) {
        if (!page.hasMore()) {
            return null;
        }
        Event last = page.events().getLast();
        return new EventCursor(start.range(), last.timestampMillis(), last.eventId())
                .encode(question);
    }

    private static AnswerWriter.Total total(long counted) {
        return counted > MOST_COUNTED
                ? new AnswerWriter.Total(MOST_COUNTED, true)
                : new AnswerWriter.Total(counted, false);
    }
}
