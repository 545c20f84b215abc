package io.tidemill.ingest;

import io.tidemill.ingest.parsing.EventParser;
import io.tidemill.projects.Project;
import io.tidemill.projects.Retention;
import java.time.Duration;

/// Reads the events of a project: those may be a day less old than it keeps them, so that none
/// outlives its partition on the way.
final class ProjectParser {

    private static final Duration LAG = Duration.ofDays(1);

    private final EventParser parser;
    private final Retention rawRetention;

    /// @param parser for events as old as they may be anywhere
    /// @param rawRetention of projects that have none of their own
    ProjectParser(EventParser parser, Retention rawRetention) {
        this.parser = parser;
        this.rawRetention = rawRetention;
    }

    EventParser of(Project project) {
        Retention own = project.rawRetention();
        return switch (own == null ? rawRetention : own) {
            case Retention.Forever() -> parser;
            // A day less would leave nothing.
            case Retention.Days(int days) when days == 1 -> parser.upToAge(LAG.dividedBy(2));
            case Retention.Days(int days) -> parser.upToAge(Duration.ofDays(days).minus(LAG));
        };
    }
}
