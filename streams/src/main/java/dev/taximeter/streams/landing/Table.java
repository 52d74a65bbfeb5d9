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

  private static final ThreadLocal<BinaryRow> OUT = ThreadLocal.withInitial(BinaryRow::new);

  private final String name;
  private final Function<R, List<Object>> key;
  private final @Nullable Function<R, Instant> month;
  private final List<Column<R>> columns = new ArrayList<>();

  /** A column and the value it takes. Absent text becomes empty, an absent instant 1970. */
  private record Column<R>(String name, ColumnShape shape, BiConsumer<BinaryRow, R> writer) {}

  /**
   * What a column holds.
   *
   * @param type of its values, or of the elements of the arrays that they are
   */
  record ColumnShape(ColumnType type, boolean array) {
    /** The type's name in ClickHouse, without {@code LowCardinality}. */
    String code() {
      return array ? "Array(" + type.code() + ")" : type.code();
    }
  }

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
        ColumnType.TEXT,
        (out, source) -> {
          String text = value.apply(source);
          out.text(text == null ? "" : text);
        });
  }

  Table<R> texts(String column, Function<R, List<String>> value) {
    return addArray(
        column, ColumnType.TEXT, (out, r) -> out.array(value.apply(r), BinaryRow::text));
  }

  Table<R> uuid(String column, Function<R, String> value) {
    return add(column, ColumnType.ID, (out, source) -> out.uuid(value.apply(source)));
  }

  Table<R> flag(String column, Predicate<R> value) {
    return add(column, ColumnType.FLAG, (out, source) -> out.flag(value.test(source)));
  }

  Table<R> number(String column, ToLongFunction<R> value) {
    return add(column, ColumnType.NUMBER, (out, source) -> out.unsigned(value.applyAsLong(source)));
  }

  Table<R> number16(String column, ToLongFunction<R> value) {
    return add(
        column,
        ColumnType.NUMBER_16,
        (out, source) -> out.unsigned16(Math.toIntExact(value.applyAsLong(source))));
  }

  Table<R> signed(String column, ToLongFunction<R> value) {
    return add(column, ColumnType.SIGNED, (out, source) -> out.signed(value.applyAsLong(source)));
  }

  Table<R> numbers(String column, Function<R, List<Long>> value) {
    return addArray(
        column, ColumnType.NUMBER, (out, r) -> out.array(value.apply(r), BinaryRow::unsigned));
  }

  /** Numbers of which null stands for the largest. */
  Table<R> bounds(String column, Function<R, List<@Nullable Long>> value) {
    return addArray(
        column,
        ColumnType.NUMBER,
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
    return add(column, ColumnType.DECIMAL, (out, source) -> out.decimal(value.apply(source)));
  }

  Table<R> decimals(String column, Function<R, List<BigDecimal>> value) {
    return addArray(
        column, ColumnType.DECIMAL, (out, r) -> out.array(value.apply(r), BinaryRow::decimal));
  }

  Table<R> millis(String column, Function<R, @Nullable Instant> value) {
    return add(
        column,
        ColumnType.MILLIS,
        (out, source) -> {
          Instant instant = value.apply(source);
          out.millis(instant == null ? Instant.EPOCH : instant);
        });
  }

  Table<R> manyMillis(String column, Function<R, List<Instant>> value) {
    return addArray(
        column, ColumnType.MILLIS, (out, r) -> out.array(value.apply(r), BinaryRow::millis));
  }

  Table<R> seconds(String column, Function<R, Instant> value) {
    return add(column, ColumnType.SECONDS, (out, source) -> out.seconds(value.apply(source)));
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

  /** What all columns hold, in the order of a row's values. */
  List<ColumnShape> columnShapes() {
    List<ColumnShape> shapes =
        new ArrayList<>(
            List.of(
                new ColumnShape(ColumnType.NUMBER_16, false),
                new ColumnShape(ColumnType.NUMBER, false)));
    columns.forEach(column -> shapes.add(column.shape()));
    return shapes;
  }

  /**
   * @param partition partition of the record
   * @param offset offset of the record
   * @throws UnlandableException if a value does not fit its column
   */
  Row row(int partition, long offset, R source) {
    // Landing has one thread, and its tests may have more.
    BinaryRow out = OUT.get();
    out.begin();
    out.unsigned16(partition);
    out.unsigned(offset);
    for (Column<R> column : columns) {
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

  private Table<R> add(String column, ColumnType type, BiConsumer<BinaryRow, R> writer) {
    columns.add(new Column<>(column, new ColumnShape(type, false), writer));
    return this;
  }

  private Table<R> addArray(String column, ColumnType type, BiConsumer<BinaryRow, R> writer) {
    columns.add(new Column<>(column, new ColumnShape(type, true), writer));
    return this;
  }

  /** As ClickHouse's {@code toYYYYMM}. */
  private static int yearAndMonth(Instant instant) {
    var date = instant.atOffset(ZoneOffset.UTC);
    return date.getYear() * 100 + date.getMonthValue();
  }
}
