/// Tries to prove Tidemill wrong.
///
/// ```
/// load ──▶ gateways ──▶ … ──▶ tables          faults ──▶ processes, links, disks, topics
///   │                            │
///   └──history──▶ checks ◀───────┘   I1 … I12: what was sent against what is there
/// ```
///
/// The parts run as processes of their own, from the jars that people get; nothing here is in them.
@NullMarked
package io.tidemill.guarantees;

import org.jspecify.annotations.NullMarked;
