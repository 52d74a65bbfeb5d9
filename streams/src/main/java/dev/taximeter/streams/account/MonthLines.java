package dev.taximeter.streams.account;

import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.event.AccountState.BillLine;
import dev.taximeter.contract.event.BillLines;
import dev.taximeter.contract.event.UsageEvent.Charge;
import dev.taximeter.contract.packed.PackedReader;
import dev.taximeter.contract.packed.PackedWriter;
import dev.taximeter.streams.account.policy.LineKey;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The bill lines of one month of one account, decoded: what an event adds to without reading or
 * writing a store. It knows which lines have changed since they were last written. Not thread-safe.
 */
final class MonthLines {
  private static final TokenClass[] CLASSES = TokenClass.values();

  private static final Comparator<BillLine> BILL_ORDER =
      Comparator.comparing(BillLine::tokenClass).thenComparing(BillLine::priceVersion);

  private final TreeMap<String, List<Line>> linesByModel = new TreeMap<>();
  private final Set<String> changedModels = new LinkedHashSet<>();
  private int size;

  /** Lines of models, for which there is not always room. */
  private int ofModels;

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

  int size() {
    return size;
  }

  long quantity(LineKey key) {
    Line line = find(key.model(), key.tokenClass(), key.priceVersion());
    return line == null ? 0 : line.quantity;
  }

  /**
   * Whether the line of a model is there or may still be opened.
   *
   * @param opened lines of models that are opened besides
   */
  boolean hasRoomFor(LineKey key, int opened) {
    return ofModels + opened < BillLines.MOST_OF_MODELS
        || find(key.model(), key.tokenClass(), key.priceVersion()) != null;
  }

  void add(Charge charge) {
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
    size++;
    ofModels += BillLines.isOfModel(model, line.priceVersion) ? 1 : 0;
  }

  List<BillLine> toBillLines() {
    List<BillLine> lines = new ArrayList<>(size);
    linesByModel.forEach(
        (model, ofModel) ->
            ofModel.stream()
                .map(
                    line ->
                        new BillLine(
                            model, line.tokenClass, line.priceVersion, line.quantity, line.amount))
                .sorted(BILL_ORDER)
                .forEach(lines::add));
    return lines;
  }

  /**
   * Hands over what has changed since the last call.
   *
   * @param put takes a model and its packed lines
   */
  void takeChanges(BiConsumer<String, byte[]> put) {
    for (String model : changedModels) {
      put.accept(model, pack(model));
    }
    changedModels.clear();
  }

  private byte[] pack(String model) {
    List<Line> lines = linesByModel.getOrDefault(model, List.of());
    PackedWriter packed =
        new PackedWriter().number(AccountBooks.LAYOUT).text(model).number(lines.size());
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
    PackedReader packed = AccountBooks.reader(storedLines);
    String model = packed.text();
    int count = packed.size();
    for (int i = 0; i < count; i++) {
      insert(
          model,
          new Line(CLASSES[packed.size()], packed.text(), packed.number(), packed.decimal()));
    }
  }
}
