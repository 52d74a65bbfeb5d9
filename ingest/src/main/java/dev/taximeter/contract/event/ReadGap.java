package dev.taximeter.contract.event;

import java.time.Instant;

/**
 * Records of an input topic that were gone before metering had read them: the topic's retention was
 * shorter than the time metering was stopped.
 *
 * @param from offset of the first record that is gone
 * @param to offset of the first record that is there again, exclusive end of the gap
 * @param foundAt when it was found
 */
public record ReadGap(String topic, int partition, long from, long to, Instant foundAt) {
  public ReadGap {
    if (from < 0 || to <= from) {
      throw new IllegalArgumentException("a gap has at least one record");
    }
  }

  /**
   * @return the record key: the same gap found again is the same record
   */
  public String recordKey() {
    return topic + '-' + partition + '-' + from;
  }

  /** One sentence for the operator: what, where, how to fix. */
  public String sentence() {
    return ("Records %d to %d of %s-%d were gone before metering read them (found %s); ship the"
            + " gateway's files of that time again with backfill, lines already metered count once")
        .formatted(from, to - 1, topic, partition, foundAt);
  }
}
