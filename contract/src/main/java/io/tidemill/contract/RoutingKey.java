package io.tidemill.contract;

import java.nio.charset.StandardCharsets;

/// The key of a record on `events`: the project and who acted.
public record RoutingKey(String projectId, String actor) {

    /// Project, a zero byte (which neither part may contain), actor; UTF-8.
    public byte[] bytes() {
        return (projectId + '\0' + actor).getBytes(StandardCharsets.UTF_8);
    }

    /// The shard of `shards` that counts the events of this key.
    public int shard(int shards) {
        return Hash128.of(projectId, actor).bucket(shards);
    }
}
