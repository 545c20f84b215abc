/// Projects: who may write and read, how fast, and how long it is kept.
///
/// ```
/// tidemill keys ──▶ ProjectsFile ◀── LiveProjects ── looks every second, keeps the last good one
///                   ProjectsJson          │
///                                         ▼
/// SentKey of a request ─────────▶ Projects.authorize ─▶ Access: granted, unknown, wrong use
/// ```
///
/// A secret is shown once, when it is made; kept is its hash alone.
@NullMarked
package io.tidemill.projects;

import org.jspecify.annotations.NullMarked;
