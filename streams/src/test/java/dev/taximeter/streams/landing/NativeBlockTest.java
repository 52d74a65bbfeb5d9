package dev.taximeter.streams.landing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NativeBlockTest {
  private record Item(String name, long count, List<String> flags, List<Long> counts) {}

  private static final Table<Item> TABLE =
      Table.<Item>of("items", item -> List.of(item.name()))
          .text("name", Item::name)
          .texts("flags", Item::flags)
          .number("count", Item::count)
          .numbers("counts", Item::counts);

  private static String name(String text) {
    return "%02x".formatted(text.length()) + HexFormat.of().formatHex(text.getBytes());
  }

  @Test
  void columnsStandOneAfterTheOther() throws IOException {
    List<Row> rows =
        List.of(
            TABLE.row(3, 7, new Item("a", 1, List.of("x", "yz"), List.of())),
            TABLE.row(3, 8, new Item("bc", 2, List.of(), List.of(5L))));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    NativeBlock.write(TABLE, rows, out);
    assertThat(HexFormat.of().formatHex(out.toByteArray()))
        .isEqualTo(
            "0602"
                + (name("record_partition") + name("UInt16") + "03000300")
                + (name("record_offset") + name("UInt64"))
                + "07000000000000000800000000000000"
                + (name("name") + name("String") + "0161" + "026263")
                + (name("flags") + name("Array(String)"))
                + "02000000000000000200000000000000"
                + "0178"
                + "02797a"
                + (name("count") + name("UInt64"))
                + "01000000000000000200000000000000"
                + (name("counts") + name("Array(UInt64)"))
                + "00000000000000000100000000000000"
                + "0500000000000000");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 127, 128, 200, 16_383, 16_384, 300_000})
  void valuesOfAnyLengthAreFound(int length) throws IOException {
    String text = "x".repeat(length);
    List<String> flags = Collections.nCopies(Math.min(length, 200), text.substring(0, length / 2));
    Row row = TABLE.row(3, 7, new Item(text, 1, flags, List.of(9L)));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    NativeBlock.write(TABLE, List.of(row, row), out);
    ByteBuffer block = ByteBuffer.wrap(out.toByteArray()).order(ByteOrder.LITTLE_ENDIAN);
    block.position(2);
    int last = block.limit() - 4 * Long.BYTES;
    assertThat(block.getLong(last)).isEqualTo(1);
    assertThat(block.getLong(last + Long.BYTES)).isEqualTo(2);
    assertThat(block.getLong(last + 2 * Long.BYTES)).isEqualTo(9);
    assertThat(block.getLong(last + 3 * Long.BYTES)).isEqualTo(9);
    for (Table.ColumnShape shape : TABLE.columnShapes().subList(0, 3)) {
      RowReader.value("String", block);
      assertThat(RowReader.value("String", block)).isEqualTo(shape.code());
      Object expected = shape.type() == ColumnType.NUMBER_16 ? (Object) 3L : 7L;
      if (shape.type() == ColumnType.TEXT) {
        expected = text;
      }
      assertThat(RowReader.value(shape.code(), block)).isEqualTo(expected);
      assertThat(RowReader.value(shape.code(), block)).isEqualTo(expected);
    }
  }
}
