/// Summaries that add up: how many different ids there are, and how values are spread, over any
/// range.
///
/// A sketch's bytes depend on what was added alone, not on its order, its grouping or who did it:
/// whoever counts the same events again gets the same bytes. `docs/wire-format.md` describes them.
@NullMarked
package io.tidemill.contract.sketch;

import org.jspecify.annotations.NullMarked;
