package io.tidemill.rollup;

import io.tidemill.contract.Hash128;
import org.apache.kafka.common.serialization.Serde;

/// A user of a project: the key of everything between `events`, `erasures` and the users' activity.
///
/// @param user stands for (project, user id): what is kept of a user doesn't hold the id itself
record UserKey(String projectId, Hash128 user) {

    static final Serde<UserKey> SERDE = BinarySerde.of(UserKey::encode, UserKey::decode);

    static UserKey of(String projectId, String userId) {
        return new UserKey(projectId, Hash128.of(projectId, userId));
    }

    /// All that concerns a user meets in one shard.
    int shard(int shards) {
        return user.bucket(shards);
    }

    byte[] encode() {
        return new BinaryWriter().hash(user).text(projectId).bytes();
    }

    static UserKey decode(byte[] bytes) {
        BinaryReader in = new BinaryReader(bytes);
        Hash128 user = in.hash();
        return new UserKey(in.requiredText(), user);
    }
}
