/// Measurements of the code on the path of an event. `benchmarks/README.md` says how to run them.
@NullMarked
package io.tidemill.benchmarks;

import org.jspecify.annotations.NullMarked;
