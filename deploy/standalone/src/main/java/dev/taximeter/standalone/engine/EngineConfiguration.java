package dev.taximeter.standalone.engine;

/** Server settings that keep the engine small: one user, two cores, a few gigabytes of rows. */
final class EngineConfiguration {
  private static final long MEBIBYTE = 1L << 20;

  private EngineConfiguration() {}

  /**
   * @param memoryMebibytes what the engine may take in all
   */
  static String xml(int memoryMebibytes) {
    return """
        <clickhouse>
          <max_server_memory_usage>%d</max_server_memory_usage>
          <mark_cache_size>%d</mark_cache_size>
          <uncompressed_cache_size>0</uncompressed_cache_size>
          <index_mark_cache_size>%d</index_mark_cache_size>
          <mmap_cache_size>64</mmap_cache_size>
          <compiled_expression_cache_size>%d</compiled_expression_cache_size>
          <max_thread_pool_size>256</max_thread_pool_size>
          <max_thread_pool_free_size>8</max_thread_pool_free_size>
          <background_pool_size>2</background_pool_size>
          <background_merges_mutations_concurrency_ratio>1</background_merges_mutations_concurrency_ratio>
          <background_schedule_pool_size>8</background_schedule_pool_size>
          <merge_tree>
            <fsync_after_insert>1</fsync_after_insert>
            <fsync_part_directory>1</fsync_part_directory>
            <number_of_free_entries_in_pool_to_execute_mutation>1</number_of_free_entries_in_pool_to_execute_mutation>
            <number_of_free_entries_in_pool_to_lower_max_size_of_merge>1</number_of_free_entries_in_pool_to_lower_max_size_of_merge>
            <number_of_free_entries_in_pool_to_execute_optimize_entire_partition>1</number_of_free_entries_in_pool_to_execute_optimize_entire_partition>
          </merge_tree>
        </clickhouse>
        """
        .formatted(memoryMebibytes * MEBIBYTE, 64 * MEBIBYTE, 16 * MEBIBYTE, 16 * MEBIBYTE);
  }
}
