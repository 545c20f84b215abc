/// The guarantees, each a class that compares what was sent with what is stored. Pure, but for
/// {@link Postgres} and {@link KafkaTopicsRead}, which read what the others judge.
@NullMarked
package io.tidemill.guarantees.checks;

import org.jspecify.annotations.NullMarked;
