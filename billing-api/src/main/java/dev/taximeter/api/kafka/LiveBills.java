package dev.taximeter.api.kafka;

import dev.taximeter.api.bills.FinalBills;
import dev.taximeter.contract.event.FinalBill;
import dev.taximeter.contract.json.Json;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/**
 * All final bills in {@code bills.v1}. They are kept as the bytes they came in: a few kB each, and
 * few of them are ever read.
 */
public final class LiveBills implements FinalBills, TopicView.Sink {
  private static final Logger LOG = LoggerFactory.getLogger(LiveBills.class);

  private final Map<String, NavigableMap<Long, byte[]>> bills = new ConcurrentHashMap<>();

  @Override
  public void accept(List<ConsumerRecord<String, byte[]>> batch) {
    for (ConsumerRecord<String, byte[]> record : batch) {
      int tab = record.key() == null ? -1 : record.key().indexOf('\t');
      if (tab < 0 || record.value() == null) {
        continue;
      }
      try {
        long number = Long.parseLong(record.key().substring(tab + 1));
        bills
            .computeIfAbsent(record.key().substring(0, tab), a -> new ConcurrentSkipListMap<>())
            .put(number, record.value());
      } catch (NumberFormatException e) {
        LOG.error("bills.v1 has a record whose key names no bill");
      }
    }
  }

  @Override
  public @Nullable FinalBill find(String account, long number) {
    byte[] bytes = bills.getOrDefault(account, new ConcurrentSkipListMap<>()).get(number);
    return bytes == null ? null : read(bytes);
  }

  @Override
  public List<FinalBill> of(String account) {
    return bills.getOrDefault(account, new ConcurrentSkipListMap<>()).values().stream()
        .map(LiveBills::read)
        .filter(Objects::nonNull)
        .toList();
  }

  private static @Nullable FinalBill read(byte[] bytes) {
    try {
      return Json.MAPPER.readValue(bytes, FinalBill.class);
    } catch (JacksonException e) {
      LOG.error("a record of bills.v1 is no bill");
      return null;
    }
  }
}
