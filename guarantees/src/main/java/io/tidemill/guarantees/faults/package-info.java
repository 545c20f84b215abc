/// What goes wrong: a plan of it that is a function of a seed, and carrying it out.
@NullMarked
package io.tidemill.guarantees.faults;

import org.jspecify.annotations.NullMarked;
