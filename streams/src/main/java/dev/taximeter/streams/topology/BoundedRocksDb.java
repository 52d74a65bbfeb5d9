package dev.taximeter.streams.topology;

import java.util.Map;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.IndexType;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.WriteBufferManager;

/** One memory budget for all stores of the process, instead of one per store. */
public final class BoundedRocksDb implements RocksDBConfigSetter {
  private static final long CACHE_BYTES = 96L << 20;

  /** Part of the cache that writes may take before they go to disk. */
  private static final long WRITE_BUFFERS_BYTES = 48L << 20;

  /** Identities come in no order, so each flush is merged with all before: few large ones. */
  private static final long WRITE_BUFFER_BYTES = 16L << 20;

  private static final int WRITE_BUFFERS = 2;
  private static final long BLOCK_BYTES = 4L << 10;
  private static final double BLOOM_BITS_PER_KEY = 10;

  // Shared by all stores and freed with the process. Kafka Streams loads the class once.
  private static final Cache CACHE = new LRUCache(CACHE_BYTES);
  private static final WriteBufferManager WRITE_BUFFER_MANAGER =
      new WriteBufferManager(WRITE_BUFFERS_BYTES, CACHE);

  @Override
  public void setConfig(String storeName, Options options, Map<String, Object> configs) {
    if (!(options.tableFormatConfig() instanceof BlockBasedTableConfig table)) {
      throw new IllegalStateException("unexpected table format of " + storeName);
    }
    table.setBlockCache(CACHE);
    table.setBlockSize(BLOCK_BYTES);
    table.setCacheIndexAndFilterBlocks(true);
    table.setPinTopLevelIndexAndFilter(true);
    // A look-up then loads a few kilobytes of filter, not all of a file's.
    table.setIndexType(IndexType.kTwoLevelIndexSearch);
    table.setPartitionFilters(true);
    table.setPinL0FilterAndIndexBlocksInCache(true);
    // Most lookups in the arrivals are for lines not seen before.
    table.setFilterPolicy(new BloomFilter(BLOOM_BITS_PER_KEY));
    options.setTableFormatConfig(table);
    options.setWriteBufferManager(WRITE_BUFFER_MANAGER);
    options.setWriteBufferSize(WRITE_BUFFER_BYTES);
    options.setMaxWriteBufferNumber(WRITE_BUFFERS);
  }

  @Override
  public void close(String storeName, Options options) {
    // Cache and write buffers are shared.
  }
}
