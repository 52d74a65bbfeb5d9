package dev.taximeter.streams.topology.parts;

import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.streams.processor.StreamPartitioner;

/**
 * Keeps all records of an account in one partition, in the order in which they were sent: what
 * follows the first tab of a key does not count. Readers put an account together from several
 * records, and rely on that order.
 */
final class ByAccount implements StreamPartitioner<byte[], byte[]> {
  @Override
  public Optional<Set<Integer>> partitions(
      String topic, byte[] key, byte[] value, int partitionCount) {
    int end = 0;
    while (end < key.length && key[end] != '\t') {
      end++;
    }
    int hash = Utils.murmur2(Arrays.copyOf(key, end));
    return Optional.of(Set.of(Utils.toPositive(hash) % partitionCount));
  }
}
