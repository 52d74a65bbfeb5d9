package dev.taximeter.streams.topology.parts;

import dev.taximeter.contract.event.AccountInput;
import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.json.Json;
import dev.taximeter.contract.packed.PackedReader;
import dev.taximeter.contract.packed.PackedUsage;
import dev.taximeter.contract.packed.PackedWriter;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/**
 * The bytes of an {@link AccountInput}. Usage is packed: there is one per line, and only metering
 * reads it. Everything else is JSON, which begins with a brace and so cannot be mistaken.
 */
public final class AccountInputs {
  /** First byte of packed usage: another layout gets another number, never that of a brace. */
  private static final int USAGE_LAYOUT = 2;

  private static final byte JSON = '{';

  private static final Deserializer<AccountInput> READER = Json.deserializer(AccountInput.class);

  private AccountInputs() {}

  public static Serde<AccountInput> serde() {
    return Serdes.serdeFrom((topic, input) -> encode(input), AccountInputs::decode);
  }

  public static byte[] encode(AccountInput input) {
    return input instanceof AccountInput.UsageInput usageInput
        ? pack(usageInput.usages())
        : Json.MAPPER.writeValueAsBytes(input);
  }

  private static byte[] pack(List<Usage> usages) {
    PackedWriter packed = new PackedWriter().number(USAGE_LAYOUT).number(usages.size());
    usages.forEach(usage -> PackedUsage.write(usage, packed));
    return packed.toBytes();
  }

  /**
   * @param topic named in errors
   */
  public static AccountInput decode(String topic, byte[] bytes) {
    if (bytes == null || bytes.length == 0 || bytes[0] == JSON) {
      return READER.deserialize(topic, bytes);
    }
    try {
      return new AccountInput.UsageInput(unpack(new PackedReader(bytes)));
    } catch (RuntimeException e) {
      // The message of the cause might quote the record.
      throw new SerializationException("a record of " + topic + " is no usage");
    }
  }

  private static List<Usage> unpack(PackedReader packed) {
    if (packed.number() != USAGE_LAYOUT) {
      throw new SerializationException("unknown layout");
    }
    int count = packed.size();
    List<Usage> usages = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      usages.add(PackedUsage.read(packed));
    }
    if (!packed.isAtEnd()) {
      throw new SerializationException("more than was announced");
    }
    return usages;
  }
}
