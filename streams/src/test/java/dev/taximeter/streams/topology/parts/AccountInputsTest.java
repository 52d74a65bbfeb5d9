package dev.taximeter.streams.topology.parts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taximeter.contract.event.AccountInput;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.json.Json;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.junit.jupiter.api.Test;

class AccountInputsTest {
  private static final Deserializer<AccountInput> READER = AccountInputs.serde().deserializer();

  private static AccountInput usage() {
    return new AccountInput.UsageInput(
        new Usage(
            "0123456789abcdef0123456789abcdef",
            Fate.UNATTRIBUTED,
            "",
            null,
            "1234",
            "qwen-max",
            new TokenCounts(1, 2, 3, 4, 1L << 40),
            Instant.parse("2026-11-20T10:00:00.123456789Z"),
            Instant.parse("2026-11-20T09:59:00Z"),
            Instant.parse("2026-11-20T10:00:01Z"),
            new LineSource("host", "/path"),
            -1,
            "s",
            List.of("tampered", "x"),
            "request-1"));
  }

  @Test
  void packedUsageIsTheSameUsage() {
    byte[] packed = AccountInputs.encode(usage());
    assertThat(READER.deserialize("t", packed)).isEqualTo(usage());
    assertThat(packed).hasSizeLessThan(150);
  }

  @Test
  void usageOfManyLinesKeepsItsOrder() {
    Usage one = ((AccountInput.UsageInput) usage()).usages().get(0);
    AccountInput many = new AccountInput.UsageInput(List.of(one, one.withoutDesk(), one));
    byte[] packed = AccountInputs.encode(many);
    assertThat(READER.deserialize("t", packed)).isEqualTo(many);
    assertThat(packed).hasSizeLessThan(350);
  }

  @Test
  void usageInJsonIsReadToo() {
    byte[] json = Json.MAPPER.writeValueAsBytes(usage());
    assertThat(READER.deserialize("t", json)).isEqualTo(usage());
  }

  @Test
  void brokenBytesAreRefusedWithoutQuotingThem() {
    byte[] packed = AccountInputs.encode(usage());
    for (int length = 1; length < packed.length; length++) {
      byte[] cut = Arrays.copyOf(packed, length);
      assertThatThrownBy(() -> READER.deserialize("t", cut))
          .isInstanceOf(SerializationException.class)
          .hasMessage("a record of t is no usage")
          .hasNoCause();
    }
    byte[] otherLayout = packed.clone();
    otherLayout[0] = 6;
    assertThatThrownBy(() -> READER.deserialize("t", otherLayout))
        .isInstanceOf(SerializationException.class);
  }
}
