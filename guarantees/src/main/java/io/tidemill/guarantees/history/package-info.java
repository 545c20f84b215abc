/// What senders did and were told: an append-only file that outlives the sender, and reading it.
@NullMarked
package io.tidemill.guarantees.history;

import org.jspecify.annotations.NullMarked;
