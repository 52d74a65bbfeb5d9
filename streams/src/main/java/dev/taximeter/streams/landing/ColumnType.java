package dev.taximeter.streams.landing;

/** What a column, or each element of an array in it, holds; without {@code LowCardinality}. */
enum ColumnType {
  TEXT("String", 0),
  ID("UUID", 16),
  FLAG("Bool", 1),
  NUMBER_16("UInt16", 2),
  NUMBER("UInt64", 8),
  SIGNED("Int64", 8),
  DECIMAL("Decimal(38, 12)", 16),
  MILLIS("DateTime64(3, 'UTC')", 8),
  SECONDS("DateTime('UTC')", 4);

  private final String code;
  private final int width;

  ColumnType(String code, int width) {
    this.code = code;
    this.width = width;
  }

  /** The name in ClickHouse. */
  String code() {
    return code;
  }

  /** Bytes of each value; 0: they differ, and each has its length before it. */
  int width() {
    return width;
  }
}
