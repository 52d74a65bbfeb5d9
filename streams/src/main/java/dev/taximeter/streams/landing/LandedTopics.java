package dev.taximeter.streams.landing;

import dev.taximeter.contract.catalog.CatalogRecord;
import dev.taximeter.contract.catalog.CatalogRecord.Resource;
import dev.taximeter.contract.catalog.PriceEntry;
import dev.taximeter.contract.event.AccountInput;
import dev.taximeter.contract.event.AccountRecord;
import dev.taximeter.contract.event.Alert;
import dev.taximeter.contract.event.AuditRecord;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.FinalBill;
import dev.taximeter.contract.event.LedgerPosting;
import dev.taximeter.contract.event.LineCount;
import dev.taximeter.contract.event.LineFate;
import dev.taximeter.contract.event.LineReplay;
import dev.taximeter.contract.event.SourceState;
import dev.taximeter.contract.event.SuspenseItem;
import dev.taximeter.contract.event.UnattributedKey;
import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.event.UsageEvent;
import dev.taximeter.contract.event.UsageWindows;
import dev.taximeter.contract.json.Json;
import dev.taximeter.contract.packed.PackedEvents;
import dev.taximeter.contract.packed.PackedWindows;
import dev.taximeter.contract.topic.Topics;
import dev.taximeter.parse.LineFlags;
import dev.taximeter.streams.topology.parts.AccountInputs;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.common.errors.SerializationException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.ObjectReader;

/** The topics that land, and what becomes of their records. */
final class LandedTopics {
  /** Landing is not further behind than this, so what arrived earlier is not what it seems. */
  private static final Duration TRUSTED_ARRIVAL = Duration.ofDays(30);

  private LandedTopics() {}

  /**
   * @param figures told about what passes by
   * @return a mapper for each topic name; each has a memory of its own
   */
  static Map<String, RecordMapper> mappers(LandingFigures figures) {
    return Map.ofEntries(
        entry(Topics.ACCOUNT_INPUTS, seenUsage()),
        entry(Topics.USAGE_EVENTS, usageEvents()),
        entry(Topics.USAGE_WINDOWS, windows()),
        entry(Topics.ACCOUNT_STATES, accountStates()),
        entry(Topics.LEDGER_ENTRIES, ledger()),
        entry(Topics.BILLS, bills()),
        entry(Topics.ALERTS, oneRow(Alert.class, Tables.ALERTS)),
        entry(Topics.UNATTRIBUTED_KEYS, oneRow(UnattributedKey.class, Tables.UNATTRIBUTED_KEYS)),
        entry(Topics.SUSPENSE_ITEMS, oneRow(SuspenseItem.class, Tables.SUSPENSE)),
        entry(Topics.LINE_FATES, lineFates(figures)),
        entry(Topics.ACCESS_LOG_DEAD_LETTERS, oneRow(Tables.Letter.class, Tables.DEAD_LETTERS)),
        entry(Topics.LINE_REPLAYS, oneRow(LineReplay.class, Tables.LINE_REPLAYS)),
        entry(Topics.LINE_ACCOUNTING, oneRow(LineCount.class, Tables.LINE_ACCOUNTING)),
        entry(Topics.AUDIT_LOG, oneRow(AuditRecord.class, Tables.AUDIT_LOG)),
        entry(Topics.SOURCES, sources()),
        entry(Topics.CATALOG, catalog()));
  }

  private static Map.Entry<String, RecordMapper> entry(Topics topic, RecordMapper mapper) {
    return Map.entry(topic.topicName(), mapper);
  }

  private static <T> RecordMapper oneRow(Class<T> type, Table<T> table) {
    ObjectReader reader = Json.MAPPER.readerFor(type);
    return (partition, offset, bytes) -> {
      T value = read(reader, type, bytes);
      return List.of(table.row(partition, offset, value));
    };
  }

  private static RecordMapper usageEvents() {
    return (partition, offset, bytes) ->
        each(
            events(bytes),
            event -> Tables.USAGE_EVENTS.row(partition, offset, event),
            reason -> LandingSession.reject(Topics.USAGE_EVENTS, partition, offset, reason));
  }

  private static List<UsageEvent> events(byte[] bytes) {
    try {
      return PackedEvents.decode(bytes);
    } catch (SerializationException e) {
      throw new UnlandableException("it is no record of usage events");
    }
  }

  /** One item that does not fit must not cost the others of its record their rows. */
  private static <T> List<Row> each(
      List<T> items, Function<T, Row> row, Function<String, Row> reject) {
    List<Row> rows = new ArrayList<>(items.size());
    String refused = null;
    for (T item : items) {
      try {
        rows.add(row.apply(item));
      } catch (UnlandableException e) {
        refused = e.reason();
      } catch (RuntimeException e) {
        // The message might quote the record.
        refused = "it cannot be turned into a row: " + e.getClass().getSimpleName();
      }
    }
    if (refused != null && rows.isEmpty()) {
      throw new UnlandableException(refused);
    }
    if (refused != null) {
      rows.add(reject.apply("of %d, one or more: %s".formatted(items.size(), refused)));
    }
    return rows;
  }

  private static RecordMapper windows() {
    return (partition, offset, bytes) ->
        readWindows(bytes).each().stream()
            .map(window -> Tables.USAGE_WINDOWS.row(partition, offset, window))
            .toList();
  }

  private static UsageWindows readWindows(byte[] bytes) {
    try {
      return PackedWindows.decode(bytes);
    } catch (SerializationException e) {
      throw new UnlandableException("it is no record of usage windows");
    }
  }

  /** Of what goes to accounts, usage has an identity; terms and orders have none. */
  private static RecordMapper seenUsage() {
    return (partition, offset, bytes) ->
        readInput(bytes) instanceof AccountInput.UsageInput input
            ? each(
                input.usages(),
                usage -> Tables.USAGE_IDENTITIES.row(partition, offset, seen(usage)),
                reason -> LandingSession.reject(Topics.ACCOUNT_INPUTS, partition, offset, reason))
            : List.of();
  }

  private static Tables.SeenUsage seen(Usage usage) {
    // Another shipper may stamp its records with the time of the request: an arrival that is long
    // past says nothing about how long ago the line was seen.
    boolean dated = usage.arrival().isAfter(Instant.now().minus(TRUSTED_ARRIVAL));
    return new Tables.SeenUsage(
        usage.id(), usage.arrival(), usage.flags().contains(LineFlags.TAMPERED) || !dated);
  }

  private static AccountInput readInput(byte[] bytes) {
    try {
      return AccountInputs.decode(Topics.ACCOUNT_INPUTS.topicName(), bytes);
    } catch (RuntimeException e) {
      // The cause's message might quote the record.
      throw new UnlandableException("it is no input of an account");
    }
  }

  private static RecordMapper lineFates(LandingFigures figures) {
    ObjectReader reader = Json.MAPPER.readerFor(LineFate.class);
    return (partition, offset, bytes) -> {
      LineFate fate = read(reader, LineFate.class, bytes);
      figures.saw(fate);
      Row row = Tables.LINE_FATES.row(partition, offset, fate);
      return fate.fate() == Fate.DUPLICATE
          ? List.of(row)
          : List.of(row, Tables.FATE_IDENTITIES.row(partition, offset, fate));
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

  private static RecordMapper ledger() {
    ObjectReader reader = Json.MAPPER.readerFor(LedgerPosting.class);
    return (partition, offset, bytes) -> {
      LedgerPosting posting = read(reader, LedgerPosting.class, bytes);
      List<Row> rows = new ArrayList<>();
      for (int i = 0; i < posting.entries().size(); i++) {
        rows.add(Tables.LEDGER_ENTRIES.row(partition, offset, new Tables.PostedEntry(posting, i)));
      }
      return rows;
    };
  }

  private static RecordMapper bills() {
    ObjectReader reader = Json.MAPPER.readerFor(FinalBill.class);
    return (partition, offset, bytes) -> {
      FinalBill bill = read(reader, FinalBill.class, bytes);
      String json = new String(bytes, StandardCharsets.UTF_8);
      return List.of(Tables.BILLS.row(partition, offset, new Tables.LandedBill(bill, json)));
    };
  }

  private static RecordMapper sources() {
    ObjectReader reader = Json.MAPPER.readerFor(SourceState.class);
    return (partition, offset, bytes) -> {
      SourceState state = read(reader, SourceState.class, bytes);
      List<Row> rows = new ArrayList<>();
      for (SourceState.Gap gap : state.gaps()) {
        Tables.SourceGap missing = new Tables.SourceGap(state.source(), gap);
        rows.add(Tables.SOURCE_GAPS.row(partition, offset, missing));
      }
      rows.add(Tables.SOURCES.row(partition, offset, state));
      return rows;
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
        for (PriceEntry entry : of.priceBook().prices()) {
          for (Tables.ClassPrice price : Tables.ClassPrice.of(version, entry)) {
            rows.add(Tables.PRICE_ENTRIES.row(partition, offset, price));
          }
        }
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
