package dev.taximeter.streams.landing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

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
                + "0178" + "02797a"
                + (name("count") + name("UInt64"))
                + "01000000000000000200000000000000"
                + (name("counts") + name("Array(UInt64)"))
                + "00000000000000000100000000000000"
                + "0500000000000000");
  }
}
