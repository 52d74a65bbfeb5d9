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
  private final ByteBuffer bytes;

  private RowReader(byte[] row) {
    this.bytes = ByteBuffer.wrap(row).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Values by column; all bytes must be used up. */
  static Map<String, Object> read(Row row) {
    RowReader reader = new RowReader(row.bytes());
    Map<String, Object> values = new LinkedHashMap<>();
    List<String> names = row.table().columnNames();
    for (int i = 0; i < names.size(); i++) {
      values.put(names.get(i), reader.value(row.table().columnTypes().get(i)));
    }
    if (reader.bytes.hasRemaining()) {
      throw new IllegalStateException("bytes are left over");
    }
    return values;
  }

  private Object value(String type) {
    if (type.startsWith("Array(")) {
      String element = type.substring("Array(".length(), type.length() - 1);
      int size = size();
      List<Object> elements = new ArrayList<>();
      for (int i = 0; i < size; i++) {
        elements.add(value(element));
      }
      return elements;
    }
    return switch (type) {
      case "String" -> text();
      case "UUID" -> "%016x%016x".formatted(bytes.getLong(), bytes.getLong());
      case "Bool" -> bytes.get() == 1;
      case "UInt16" -> (long) Short.toUnsignedInt(bytes.getShort());
      case "UInt64", "Int64" -> bytes.getLong();
      case "DateTime64(3, 'UTC')" -> Instant.ofEpochMilli(bytes.getLong());
      case "DateTime('UTC')" -> Instant.ofEpochSecond(Integer.toUnsignedLong(bytes.getInt()));
      case "Decimal(38, 12)" -> decimal();
      default -> throw new IllegalStateException("unknown type " + type);
    };
  }

  private String text() {
    byte[] text = new byte[size()];
    bytes.get(text);
    return new String(text, StandardCharsets.UTF_8);
  }

  private int size() {
    int size = 0;
    int shift = 0;
    int octet;
    do {
      octet = bytes.get();
      size |= (octet & 0x7f) << shift;
      shift += 7;
    } while (octet < 0);
    return size;
  }

  private String decimal() {
    byte[] bigEndian = new byte[16];
    for (int i = 15; i >= 0; i--) {
      bigEndian[i] = bytes.get();
    }
    BigDecimal value = new BigDecimal(new BigInteger(bigEndian), 12);
    return value.stripTrailingZeros().toPlainString();
  }
}
