/// What every process needs, knowing no word of the domain.
///
/// ```
/// Env ──▶ settings of a part ──▶ Part ──routes, health──▶ HttpFront ──▶ /livez /readyz /metrics …
/// ```
@NullMarked
package io.tidemill.runtime;

import org.jspecify.annotations.NullMarked;
