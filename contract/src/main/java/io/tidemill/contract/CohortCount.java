package io.tidemill.contract;

/// The absolute number of users in a cell of the retention table, at one revision.
///
/// @param users 0 when the cell has none any more
/// @param revision grows with each emission of the same cell, across restarts; a smaller one never
///   replaces a larger one
public record CohortCount(CohortCell cell, long users, long revision) {}
