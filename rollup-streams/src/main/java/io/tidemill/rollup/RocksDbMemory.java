package io.tidemill.rollup;

import static java.util.Objects.requireNonNull;

import java.util.Map;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Cache;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.WriteBufferManager;

/// Bounds the memory of all RocksDB stores of the process together.
///
/// Kafka Streams makes one of these per store, by reflection, so what the stores share has to be
/// static. The first store's setting decides.
public final class RocksDbMemory implements RocksDBConfigSetter {

    static final String BYTES_CONFIG = "tidemill.rocksdb.memory.bytes";

    private static final long WRITE_BUFFER_BYTES = 8L << 20;
    private static final int WRITE_BUFFERS = 2;
    private static final double HIGH_PRIORITY_SHARE = 0.3;
    private static final int SHARD_BITS_BY_SIZE = -1;

    /// Lives as long as the process: stores come and go.
    private static @Nullable Shared shared;

    /// Memtables are charged to the cache, so its size is the bound.
    private record Shared(Cache cache, WriteBufferManager writeBuffers) {

        static Shared ofBytes(long bytes) {
            Cache cache = new LRUCache(bytes, SHARD_BITS_BY_SIZE, false, HIGH_PRIORITY_SHARE);
            return new Shared(cache, new WriteBufferManager(bytes / 2, cache));
        }
    }

    @Override
    public void setConfig(String storeName, Options options, Map<String, Object> configs) {
        Shared memory = shared(requireNonNull((Long) configs.get(BYTES_CONFIG), BYTES_CONFIG));
        BlockBasedTableConfig table = (BlockBasedTableConfig) options.tableFormatConfig();
        table.setBlockCache(memory.cache());
        table.setCacheIndexAndFilterBlocks(true);
        table.setCacheIndexAndFilterBlocksWithHighPriority(true);
        table.setPinTopLevelIndexAndFilter(true);
        options.setTableFormatConfig(table);
        options.setWriteBufferManager(memory.writeBuffers());
        options.setWriteBufferSize(WRITE_BUFFER_BYTES);
        options.setMaxWriteBufferNumber(WRITE_BUFFERS);
        // Most look-ups are for what was never seen: the last level needs its bloom filter too.
        options.setOptimizeFiltersForHits(false);
    }

    @Override
    public void close(String storeName, Options options) {
        // All that was made here is shared.
    }

    private static synchronized Shared shared(long bytes) {
        Shared memory = shared;
        if (memory == null) {
            memory = Shared.ofBytes(bytes);
            shared = memory;
        }
        return memory;
    }
}
