/// Senders as they are: they repeat, retry, reorder, change their minds and hang up.
@NullMarked
package io.tidemill.guarantees.load;

import org.jspecify.annotations.NullMarked;
