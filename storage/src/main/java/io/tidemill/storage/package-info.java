/// The database: its schema as migrations, and how parts connect to it.
@NullMarked
package io.tidemill.storage;

import org.jspecify.annotations.NullMarked;
