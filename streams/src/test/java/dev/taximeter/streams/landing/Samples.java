package dev.taximeter.streams.landing;

import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.event.AccountRecord;
import dev.taximeter.contract.event.AccountState;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.event.UsageEvent;
import dev.taximeter.contract.event.UsageWindow;
import dev.taximeter.contract.event.UsageWindows;
import dev.taximeter.contract.json.Json;
import dev.taximeter.contract.packed.PackedEvents;
import dev.taximeter.contract.packed.PackedWindows;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.List;

/** Records to land. */
final class Samples {
  static final Instant COMPLETION = Instant.parse("2026-11-03T08:14:07.419Z");
  static final LineSource SOURCE = new LineSource("gateway-1", "/var/log/access.log");

  private Samples() {}

  static byte[] json(Object record) {
    if (record instanceof UsageEvent event) {
      return PackedEvents.encode(List.of(event));
    }
    return record instanceof UsageWindows windows
        ? PackedWindows.encode(windows)
        : Json.MAPPER.writeValueAsBytes(record);
  }

  /** An event of account acme with one charge. */
  static UsageEvent event(long sequence) {
    return event(sequence, COMPLETION);
  }

  static UsageEvent event(long sequence, Instant completion) {
    Usage usage =
        new Usage(
            "%032x".formatted(sequence),
            Fate.BILLED,
            "acme-prod",
            "ab".repeat(32),
            null,
            "qwen-plus",
            new TokenCounts(21, 3, 0, 69, 5),
            completion,
            completion.minusMillis(1961),
            completion.plusSeconds(1),
            SOURCE,
            4096,
            "run-1",
            List.of("tampered"),
            "job-42");
    UsageEvent.Charge charge =
        new UsageEvent.Charge(
            TokenClass.INPUT,
            "qwen-plus",
            "list:qwen-*:2026-01-01T00:00:00Z:v1",
            21,
            new BigDecimal("0.0000084"));
    return new UsageEvent(
        "acme",
        sequence,
        usage,
        "USD",
        new BigDecimal("0.0000084"),
        false,
        List.of(charge),
        new UsageEvent.ProviderCost(
            "EUR",
            new BigDecimal("0.000002"),
            List.of(
                new UsageEvent.Charge(
                    TokenClass.INPUT, "qwen-*", "cost:qwen-*:v1", 21, new BigDecimal("0.000002")))),
        completion.plusSeconds(2));
  }

  /** The window of account acme that begins at 08:14. */
  static UsageWindows window(long sequence, long requests) {
    return new UsageWindows(
        "acme",
        "acme-prod",
        "qwen-plus",
        "USD",
        List.of(
            new UsageWindows.Part(
                UsageWindow.Granularity.MINUTE,
                UsageWindow.Granularity.MINUTE.startOf(COMPLETION, ZoneOffset.UTC),
                1,
                sequence,
                requests,
                new TokenCounts(21, 3, 0, 69, 5),
                new BigDecimal("0.5"))),
        List.of());
  }

  /** The summary of account acme, which has usage in November 2026. */
  static AccountRecord.Summary state(long sequence) {
    return new AccountRecord.Summary(
        "acme",
        sequence,
        4,
        "USD",
        "Europe/Berlin",
        new BigDecimal("1.25"),
        sequence,
        List.of(),
        List.of(new AccountRecord.MonthTotals(YearMonth.of(2026, 11), sequence, 0, 0, sequence)),
        COMPLETION);
  }

  /** The lines of account acme in November 2026. */
  static AccountRecord.Month month(long sequence, AccountState.BillLine... lines) {
    return month("acme", sequence, lines);
  }

  static AccountRecord.Month month(String account, long sequence, AccountState.BillLine... lines) {
    return new AccountRecord.Month(account, YearMonth.of(2026, 11), sequence, List.of(lines));
  }

  static AccountState.BillLine line(String model, long quantity) {
    return new AccountState.BillLine(
        model, TokenClass.INPUT, "list:*:v1", quantity, new BigDecimal("0.25"));
  }
}
