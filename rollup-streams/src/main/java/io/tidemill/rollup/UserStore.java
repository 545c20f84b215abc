package io.tidemill.rollup;

import io.tidemill.rollup.cohorts.UserActivity;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.function.BiConsumer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.jspecify.annotations.Nullable;

/// What is known of users, and for each of them the day on which to look whether something can be
/// forgotten. In RocksDB, in one store: users by their key, and users by that day.
final class UserStore {

    private static final byte USER = 1;
    private static final byte DUE = 2;
    private static final int DUE_BYTES = 1 + Long.BYTES;
    private static final byte[] PRESENT = {};

    private final KeyValueStore<Bytes, byte[]> store;

    /// The first day that may have users to look at: a scan doesn't pass over what was deleted.
    private long nextDue;

    UserStore(KeyValueStore<Bytes, byte[]> store) {
        this.store = store;
    }

    /// Not cached: a user is seldom asked for twice between two commits.
    static StoreBuilder<KeyValueStore<Bytes, byte[]>> builder(String name) {
        return Stores.keyValueStoreBuilder(
                        Stores.persistentKeyValueStore(name), Serdes.Bytes(), Serdes.ByteArray())
                .withCachingDisabled()
                .withLoggingEnabled(Map.of());
    }

    /// Null when nothing is known of the user.
    @Nullable UserActivity get(UserKey user) {
        byte[] bytes = store.get(userKey(user));
        return bytes == null ? null : UserActivity.of(bytes);
    }

    void put(UserKey user, UserActivity activity) {
        store.put(userKey(user), activity.bytes());
    }

    void delete(UserKey user) {
        store.put(userKey(user), null);
    }

    /// To look at the user on a day, or soon after; once.
    void lookAgainOn(long day, UserKey user) {
        store.put(dueKey(day, user.encode()), PRESENT);
        nextDue = Math.min(nextDue, day);
    }

    /// Hands out users to look at, on the days up to one, each once.
    ///
    /// @param limit of users to hand out
    void takeDue(long lastDay, int limit, BiConsumer<UserKey, UserActivity> action) {
        try (KeyValueIterator<Bytes, byte[]> due =
                store.range(dueKey(nextDue), dueKey(lastDay + 1))) {
            for (int users = 0; due.hasNext(); users++) {
                byte[] key = due.next().key.get();
                if (users == limit) {
                    nextDue = ByteBuffer.wrap(key).getLong(1);
                    return;
                }
                store.put(Bytes.wrap(key), null);
                UserKey user = UserKey.decode(Arrays.copyOfRange(key, DUE_BYTES, key.length));
                UserActivity activity = get(user);
                if (activity != null) {
                    action.accept(user, activity);
                }
            }
        }
        nextDue = lastDay + 1;
    }

    private static Bytes userKey(UserKey user) {
        byte[] key = user.encode();
        return Bytes.wrap(ByteBuffer.allocate(1 + key.length).put(USER).put(key).array());
    }

    private static Bytes dueKey(long day, byte... user) {
        return Bytes.wrap(
                ByteBuffer.allocate(DUE_BYTES + user.length)
                        .put(DUE)
                        .putLong(day)
                        .put(user)
                        .array());
    }
}
