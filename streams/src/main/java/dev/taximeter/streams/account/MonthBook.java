package dev.taximeter.streams.account;

import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.event.AccountState.BillLine;
import dev.taximeter.contract.event.AccountState.Period;
import dev.taximeter.contract.event.UsageEvent.Charge;
import dev.taximeter.streams.account.policy.LineKey;
import dev.taximeter.streams.account.policy.PeriodTotals;
import dev.taximeter.streams.account.policy.Rating;
import dev.taximeter.streams.topology.parts.PackedReader;
import dev.taximeter.streams.topology.parts.PackedWriter;
import java.math.BigDecimal;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.jspecify.annotations.Nullable;

/**
 * One month of one account, decoded: what an event adds to without reading or writing a store. It
 * knows what of it has changed since it was last written. Not thread-safe.
 */
final class MonthBook {
  /** First byte of stored values: another layout gets another number. */
  private static final int LAYOUT = 1;

  private static final int MONTHS_PER_YEAR = 12;
  private static final TokenClass[] CLASSES = TokenClass.values();
  private static final Comparator<BillLine> BILL_ORDER =
      Comparator.comparing(BillLine::tokenClass).thenComparing(BillLine::priceVersion);

  private final YearMonth period;
  private final TreeMap<String, List<Line>> linesByModel = new TreeMap<>();
  private final Set<String> changedModels = new LinkedHashSet<>();
  private PeriodTotals totals;
  private boolean totalsChanged;
  private int lineCount;

  MonthBook(YearMonth period, byte @Nullable [] storedTotals) {
    this.period = period;
    this.totals = storedTotals == null ? PeriodTotals.NONE : unpackTotals(storedTotals);
  }

  /** A bill line that grows. */
  private static final class Line {
    private final TokenClass tokenClass;
    private final String priceVersion;
    private long quantity;
    private BigDecimal amount;

    Line(TokenClass tokenClass, String priceVersion, long quantity, BigDecimal amount) {
      this.tokenClass = tokenClass;
      this.priceVersion = priceVersion;
      this.quantity = quantity;
      this.amount = amount;
    }
  }

  YearMonth period() {
    return period;
  }

  int lineCount() {
    return lineCount;
  }

  long quantity(LineKey key) {
    Line line = find(key.model(), key.tokenClass(), key.priceVersion());
    return line == null ? 0 : line.quantity;
  }

  void add(Rating rating) {
    for (Charge charge : rating.charges()) {
      add(charge);
    }
    totals = totals.after(rating);
    totalsChanged = true;
  }

  private void add(Charge charge) {
    String version = charge.priceVersion() == null ? "" : charge.priceVersion();
    Line line = find(charge.model(), charge.tokenClass(), version);
    if (line == null) {
      line = new Line(charge.tokenClass(), version, 0, BigDecimal.ZERO);
      insert(charge.model(), line);
    }
    line.quantity = Math.addExact(line.quantity, charge.quantity());
    line.amount = line.amount.add(charge.amount());
    changedModels.add(charge.model());
  }

  private @Nullable Line find(String model, TokenClass tokenClass, String priceVersion) {
    for (Line line : linesByModel.getOrDefault(model, List.of())) {
      if (line.tokenClass == tokenClass && line.priceVersion.equals(priceVersion)) {
        return line;
      }
    }
    return null;
  }

  private void insert(String model, Line line) {
    linesByModel.computeIfAbsent(model, first -> new ArrayList<>()).add(line);
    lineCount++;
  }

  Period toPeriod() {
    List<BillLine> lines = new ArrayList<>(lineCount);
    linesByModel.forEach(
        (model, ofModel) ->
            ofModel.stream()
                .map(
                    line ->
                        new BillLine(
                            model, line.tokenClass, line.priceVersion, line.quantity, line.amount))
                .sorted(BILL_ORDER)
                .forEach(lines::add));
    return new Period(period, totals.requests(), totals.unpriced(), lines);
  }

  /**
   * Hands over what has changed since the last call.
   *
   * @param putLines model and its packed lines
   * @return the packed totals; null if nothing has changed
   */
  byte @Nullable [] takeChanges(BiConsumer<String, byte[]> putLines) {
    for (String model : changedModels) {
      putLines.accept(model, packLines(model));
    }
    changedModels.clear();
    if (!totalsChanged) {
      return null;
    }
    totalsChanged = false;
    return packTotals();
  }

  private byte[] packLines(String model) {
    List<Line> lines = linesByModel.getOrDefault(model, List.of());
    PackedWriter packed = new PackedWriter().number(LAYOUT).text(model).number(lines.size());
    for (Line line : lines) {
      packed
          .number(line.tokenClass.ordinal())
          .text(line.priceVersion)
          .number(line.quantity)
          .decimal(line.amount);
    }
    return packed.toBytes();
  }

  /** Takes over what {@link #takeChanges} has handed over earlier. */
  void load(byte[] storedLines) {
    PackedReader packed = new PackedReader(storedLines);
    requireLayout(packed, LAYOUT);
    String model = packed.text();
    int count = packed.size();
    for (int i = 0; i < count; i++) {
      insert(
          model,
          new Line(CLASSES[packed.size()], packed.text(), packed.number(), packed.decimal()));
    }
  }

  private byte[] packTotals() {
    return new PackedWriter()
        .number(LAYOUT)
        .number(totals.requests())
        .number(totals.unpriced())
        .toBytes();
  }

  private static PeriodTotals unpackTotals(byte[] stored) {
    PackedReader packed = new PackedReader(stored);
    requireLayout(packed, LAYOUT);
    return new PeriodTotals(packed.number(), packed.number());
  }

  static long pack(YearMonth month) {
    return (long) month.getYear() * MONTHS_PER_YEAR + month.getMonthValue() - 1;
  }

  static YearMonth unpack(long packed) {
    return YearMonth.of(
        (int) Math.floorDiv(packed, (long) MONTHS_PER_YEAR),
        Math.floorMod(packed, MONTHS_PER_YEAR) + 1);
  }

  static void requireLayout(PackedReader packed, int known) {
    long layout = packed.number();
    if (layout != known) {
      throw new ProcessorStateException(
          "account state has layout %d where %d is expected; start the version that wrote it"
              .formatted(layout, known));
    }
  }
}
