package dev.taximeter.streams.landing;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads a row back, from the description of the format rather than from the writer. */
final class RowReader {
  private RowReader() {}

  /** Values by column. */
  static Map<String, Object> read(Row row) {
    ByteBuffer bytes = ByteBuffer.wrap(row.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    List<String> names = row.table().columnNames();
    List<Table.ColumnShape> shapes = row.table().columnShapes();
    Map<String, Object> values = new LinkedHashMap<>();
    for (int i = 0; i < names.size(); i++) {
      values.put(names.get(i), value(shapes.get(i).code(), bytes));
    }
    if (bytes.hasRemaining()) {
      throw new IllegalStateException("as many values as columns");
    }
    return values;
  }

  static Object value(String type, ByteBuffer bytes) {
    if (type.startsWith("Array(")) {
      String element = type.substring("Array(".length(), type.length() - 1);
      List<Object> elements = new ArrayList<>();
      for (int count = length(bytes); count > 0; count--) {
        elements.add(value(element, bytes));
      }
      return elements;
    }
    return switch (type) {
      case "String" -> {
        byte[] text = new byte[length(bytes)];
        bytes.get(text);
        yield new String(text, StandardCharsets.UTF_8);
      }
      case "UUID" -> "%016x%016x".formatted(bytes.getLong(), bytes.getLong());
      case "Bool" -> bytes.get() == 1;
      case "UInt16" -> (long) Short.toUnsignedInt(bytes.getShort());
      case "UInt64", "Int64" -> bytes.getLong();
      case "DateTime64(3, 'UTC')" -> Instant.ofEpochMilli(bytes.getLong());
      case "DateTime('UTC')" -> Instant.ofEpochSecond(Integer.toUnsignedLong(bytes.getInt()));
      case "Decimal(38, 12)" -> decimal(bytes);
      default -> throw new IllegalStateException("unknown type " + type);
    };
  }

  private static String decimal(ByteBuffer bytes) {
    BigInteger low = new BigInteger(Long.toUnsignedString(bytes.getLong()));
    BigInteger units = BigInteger.valueOf(bytes.getLong()).shiftLeft(Long.SIZE).or(low);
    BigDecimal value = new BigDecimal(units, 12);
    return value.signum() == 0 ? "0" : value.stripTrailingZeros().toPlainString();
  }

  private static int length(ByteBuffer bytes) {
    int value = 0;
    for (int shift = 0; ; shift += 7) {
      int part = bytes.get();
      value |= (part & 0x7f) << shift;
      if (part >= 0) {
        return value;
      }
    }
  }
}
