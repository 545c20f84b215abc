/// The parts as processes of their own, each with its ports and folder, restarted when they die,
/// and connected by links that can be cut.
@NullMarked
package io.tidemill.guarantees.processes;

import org.jspecify.annotations.NullMarked;
