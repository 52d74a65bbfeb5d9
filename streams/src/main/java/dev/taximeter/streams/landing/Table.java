package dev.taximeter.streams.landing;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * A ClickHouse table and how a record becomes one of its rows. Built once, then read only.
 *
 * @param <R> what a row is made from
 */
final class Table<R> {
  private static final int NO_MONTH = 0;

  private static final ThreadLocal<TabSeparated> OUT = ThreadLocal.withInitial(TabSeparated::new);

  private final String name;
  private final Function<R, List<Object>> key;
  private final @Nullable Function<R, Instant> month;
  private final List<Column<R>> columns = new ArrayList<>();

  /** A column and the value it takes. Absent text becomes empty, an absent instant 1970. */
  private record Column<R>(String name, String type, BiConsumer<TabSeparated, R> writer) {}

  private Table(String name, Function<R, List<Object>> key, @Nullable Function<R, Instant> month) {
    this.name = name;
    this.key = key;
    this.month = month;
  }

  /**
   * @param key the columns that tell rows apart: of rows with equal keys the latest stays. Empty if
   *     every record makes a row of its own
   */
  static <R> Table<R> of(String name, Function<R, List<Object>> key) {
    return new Table<>(name, key, null);
  }

  /**
   * @param month the instant whose calendar month in UTC decides the table's partition
   */
  static <R> Table<R> monthly(
      String name, Function<R, List<Object>> key, Function<R, Instant> month) {
    return new Table<>(name, key, month);
  }

  Table<R> text(String column, Function<R, @Nullable String> value) {
    return add(
        column,
        "String",
        (out, source) -> {
          String text = value.apply(source);
          out.text(text == null ? "" : text);
        });
  }

  Table<R> texts(String column, Function<R, List<String>> value) {
    return add(
        column,
        "Array(String)",
        (out, r) ->
            out.array(value.apply(r), (array, text) -> array.quoted(TabSeparated::text, text)));
  }

  Table<R> uuid(String column, Function<R, String> value) {
    return add(column, "UUID", (out, source) -> out.uuid(value.apply(source)));
  }

  Table<R> flag(String column, Predicate<R> value) {
    return add(column, "Bool", (out, source) -> out.flag(value.test(source)));
  }

  Table<R> number(String column, ToLongFunction<R> value) {
    return add(column, "UInt64", (out, source) -> out.unsigned(value.applyAsLong(source)));
  }

  Table<R> number16(String column, ToLongFunction<R> value) {
    return add(
        column,
        "UInt16",
        (out, source) -> out.unsigned16(Math.toIntExact(value.applyAsLong(source))));
  }

  Table<R> signed(String column, ToLongFunction<R> value) {
    return add(column, "Int64", (out, source) -> out.signed(value.applyAsLong(source)));
  }

  Table<R> numbers(String column, Function<R, List<Long>> value) {
    return add(
        column, "Array(UInt64)", (out, r) -> out.array(value.apply(r), TabSeparated::unsigned));
  }

  /** Numbers of which null stands for the largest. */
  Table<R> bounds(String column, Function<R, List<@Nullable Long>> value) {
    return add(
        column,
        "Array(UInt64)",
        (out, r) ->
            out.array(
                value.apply(r),
                (array, bound) -> {
                  if (bound == null) {
                    array.unbounded();
                  } else {
                    array.unsigned(bound);
                  }
                }));
  }

  Table<R> decimal(String column, Function<R, BigDecimal> value) {
    return add(column, "Decimal(38, 12)", (out, source) -> out.decimal(value.apply(source)));
  }

  Table<R> decimals(String column, Function<R, List<BigDecimal>> value) {
    return add(
        column,
        "Array(Decimal(38, 12))",
        (out, r) -> out.array(value.apply(r), TabSeparated::decimal));
  }

  Table<R> millis(String column, Function<R, @Nullable Instant> value) {
    return add(
        column,
        "DateTime64(3, 'UTC')",
        (out, source) -> {
          Instant instant = value.apply(source);
          out.millis(instant == null ? Instant.EPOCH : instant);
        });
  }

  Table<R> manyMillis(String column, Function<R, List<Instant>> value) {
    return add(
        column,
        "Array(DateTime64(3, 'UTC'))",
        (out, r) ->
            out.array(
                value.apply(r), (array, instant) -> array.quoted(TabSeparated::millis, instant)));
  }

  Table<R> seconds(String column, Function<R, Instant> value) {
    return add(column, "DateTime('UTC')", (out, source) -> out.seconds(value.apply(source)));
  }

  String name() {
    return name;
  }

  /** Names of all columns, in the order of a row's values. */
  List<String> columnNames() {
    List<String> names = new ArrayList<>(List.of("record_partition", "record_offset"));
    columns.forEach(column -> names.add(column.name()));
    return names;
  }

  /** Types of all columns, without {@code LowCardinality}. */
  List<String> columnTypes() {
    List<String> types = new ArrayList<>(List.of("UInt16", "UInt64"));
    columns.forEach(column -> types.add(column.type()));
    return types;
  }

  /**
   * @param partition partition of the record
   * @param offset offset of the record
   * @throws UnlandableException if a value does not fit its column
   */
  Row row(int partition, long offset, R source) {
    // Landing has one thread, and its tests may have more.
    TabSeparated out = OUT.get();
    out.begin();
    out.unsigned16(partition);
    out.next();
    out.unsigned(offset);
    for (Column<R> column : columns) {
      out.next();
      column.writer().accept(out, source);
    }
    List<Object> columnKey = key.apply(source);
    return new Row(
        this,
        month == null ? NO_MONTH : yearAndMonth(month.apply(source)),
        columnKey.isEmpty() ? List.of(partition, offset) : columnKey,
        partition,
        offset,
        out.toBytes());
  }

  private Table<R> add(String column, String type, BiConsumer<TabSeparated, R> writer) {
    columns.add(new Column<>(column, type, writer));
    return this;
  }

  /** As ClickHouse's {@code toYYYYMM}. */
  private static int yearAndMonth(Instant instant) {
    var date = instant.atOffset(ZoneOffset.UTC);
    return date.getYear() * 100 + date.getMonthValue();
  }
}
