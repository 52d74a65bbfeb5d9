package dev.taximeter.streams.landing;

import dev.taximeter.contract.catalog.CatalogRecord;
import dev.taximeter.contract.catalog.CatalogRecord.Resource;
import dev.taximeter.contract.event.AccountRecord;
import dev.taximeter.contract.event.LineCount;
import dev.taximeter.contract.event.LineFate;
import dev.taximeter.contract.event.UsageEvent;
import dev.taximeter.contract.event.UsageWindow;
import dev.taximeter.contract.json.Json;
import dev.taximeter.contract.topic.Topics;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.ObjectReader;

/** The topics that land, and what becomes of their records. */
final class LandedTopics {
  private LandedTopics() {}

  /**
   * @return a mapper for each topic name; each has a memory of its own
   */
  static Map<String, RecordMapper> mappers() {
    return Map.of(
        Topics.USAGE_EVENTS.topicName(), oneRow(UsageEvent.class, Tables.USAGE_EVENTS),
        Topics.USAGE_WINDOWS.topicName(), oneRow(UsageWindow.class, Tables.USAGE_WINDOWS),
        Topics.ACCOUNT_STATES.topicName(), accountStates(),
        Topics.LINE_FATES.topicName(), oneRow(LineFate.class, Tables.LINE_FATES),
        Topics.LINE_ACCOUNTING.topicName(), oneRow(LineCount.class, Tables.LINE_ACCOUNTING),
        Topics.CATALOG.topicName(), catalog());
  }

  private static <T> RecordMapper oneRow(Class<T> type, Table<T> table) {
    ObjectReader reader = Json.MAPPER.readerFor(type);
    return (partition, offset, bytes) -> {
      T value = read(reader, type, bytes);
      return List.of(table.row(partition, offset, value));
    };
  }

  private static RecordMapper accountStates() {
    ObjectReader reader = Json.MAPPER.readerFor(AccountRecord.class);
    ChangedBillLines changed = new ChangedBillLines(ChangedBillLines.MAX_LINES);
    return new RecordMapper() {
      @Override
      public List<Row> rows(int partition, long offset, byte[] bytes) {
        AccountRecord record = read(reader, AccountRecord.class, bytes);
        if (record instanceof AccountRecord.Summary summary) {
          String json = new String(bytes, StandardCharsets.UTF_8);
          return List.of(
              Tables.ACCOUNT_STATES.row(partition, offset, new Tables.LandedState(summary, json)));
        }
        AccountRecord.Month month = (AccountRecord.Month) record;
        List<Row> rows =
            changed.since(month).stream()
                .map(line -> new Tables.BilledLine(month, line))
                .map(line -> Tables.BILL_LINES.row(partition, offset, line))
                .toList();
        // Only now: a record that is refused halfway must not count as landed.
        changed.remember(month);
        return rows;
      }

      @Override
      public void reset() {
        changed.clear();
      }
    };
  }

  private static RecordMapper catalog() {
    ObjectReader reader = Json.MAPPER.readerFor(CatalogRecord.class);
    return (partition, offset, bytes) -> {
      CatalogRecord record = read(reader, CatalogRecord.class, bytes);
      List<Row> rows = new ArrayList<>();
      rows.add(Tables.CATALOG.row(partition, offset, catalogRow(record)));
      long version = record.version();
      Resource resource = record.resource();
      if (resource instanceof Resource.OfAccount of) {
        rows.add(Tables.ACCOUNTS.row(partition, offset, versioned(version, of.account())));
      } else if (resource instanceof Resource.OfPlan of) {
        rows.add(Tables.PLANS.row(partition, offset, versioned(version, of.plan())));
      } else if (resource instanceof Resource.OfCredit of) {
        rows.add(Tables.CREDITS.row(partition, offset, versioned(version, of.credit())));
      } else if (resource instanceof Resource.OfPriceBook of) {
        rows.add(Tables.PRICE_BOOKS.row(partition, offset, versioned(version, of.priceBook())));
        of.priceBook()
            .prices()
            .forEach(
                entry ->
                    entry
                        .prices()
                        .forEach(
                            (tokenClass, schedule) ->
                                rows.add(
                                    Tables.PRICE_ENTRIES.row(
                                        partition,
                                        offset,
                                        new Tables.ClassPrice(
                                            version, entry, tokenClass, schedule)))));
      }
      return rows;
    };
  }

  private static Tables.CatalogRow catalogRow(CatalogRecord record) {
    String json = Json.MAPPER.writerFor(Resource.class).writeValueAsString(record.resource());
    return new Tables.CatalogRow(record, record.id().replaceFirst("/.*", ""), json);
  }

  private static <T> Tables.Versioned<T> versioned(long version, T resource) {
    return new Tables.Versioned<>(version, resource);
  }

  private static <T> T read(ObjectReader reader, Class<T> type, byte[] bytes) {
    try {
      T value = reader.readValue(bytes);
      if (value != null) {
        return value;
      }
    } catch (JacksonException e) {
      // The cause's message would quote the record.
    }
    throw new UnlandableException("it is no " + type.getSimpleName());
  }
}
