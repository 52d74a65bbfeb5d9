package dev.taximeter.streams.topology.parts;

import dev.taximeter.contract.event.AccountInput;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.json.Json;
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
  private static final int USAGE_LAYOUT = 1;

  private static final byte JSON = '{';

  /** Packed as positions: new fates go to the end. */
  private static final Fate[] FATES = Fate.values();

  private static final Deserializer<AccountInput> READER = Json.deserializer(AccountInput.class);

  private AccountInputs() {}

  public static Serde<AccountInput> serde() {
    return Serdes.serdeFrom((topic, input) -> encode(input), AccountInputs::decode);
  }

  public static byte[] encode(AccountInput input) {
    return input instanceof AccountInput.UsageInput usageInput
        ? pack(usageInput.usage())
        : Json.MAPPER.writeValueAsBytes(input);
  }

  private static byte[] pack(Usage usage) {
    PackedWriter packed =
        new PackedWriter()
            .number(USAGE_LAYOUT)
            .text(usage.id())
            .number(usage.fate().ordinal())
            .text(usage.key())
            .text(usage.keyFingerprint())
            .text(usage.keyLastFour())
            .text(usage.model())
            .number(usage.tokens().input())
            .number(usage.tokens().cachedInput())
            .number(usage.tokens().cacheWrite())
            .number(usage.tokens().output())
            .number(usage.tokens().reasoning())
            .instant(usage.completion())
            .instant(usage.start())
            .instant(usage.arrival())
            .text(usage.source().host())
            .text(usage.source().path())
            .number(usage.offset())
            .text(usage.shipment())
            .text(usage.requestId())
            .number(usage.flags().size());
    usage.flags().forEach(packed::text);
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

  private static Usage unpack(PackedReader packed) {
    if (packed.number() != USAGE_LAYOUT) {
      throw new SerializationException("unknown layout");
    }
    String id = packed.text();
    Fate fate = FATES[packed.size()];
    String key = packed.text();
    String fingerprint = packed.optionalText();
    String lastFour = packed.optionalText();
    String model = packed.text();
    TokenCounts tokens =
        new TokenCounts(
            packed.number(), packed.number(), packed.number(), packed.number(), packed.number());
    var completion = packed.instant();
    var start = packed.instant();
    var arrival = packed.instant();
    LineSource source = new LineSource(packed.text(), packed.text());
    long offset = packed.number();
    String shipment = packed.text();
    String requestId = packed.optionalText();
    int flagCount = packed.size();
    List<String> flags = new ArrayList<>();
    for (int i = 0; i < flagCount; i++) {
      flags.add(packed.text());
    }
    return new Usage(
        id,
        fate,
        key,
        fingerprint,
        lastFour,
        model,
        tokens,
        completion,
        start,
        arrival,
        source,
        offset,
        shipment,
        flags,
        requestId);
  }
}
