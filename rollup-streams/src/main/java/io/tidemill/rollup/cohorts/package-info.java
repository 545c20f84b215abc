/// User retention: who came back, how many days after their first.
@NullMarked
package io.tidemill.rollup.cohorts;

import org.jspecify.annotations.NullMarked;
