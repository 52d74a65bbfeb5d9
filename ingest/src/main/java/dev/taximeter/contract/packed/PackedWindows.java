package dev.taximeter.contract.packed;

import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.event.UsageWindow.Granularity;
import dev.taximeter.contract.event.UsageWindows;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.errors.SerializationException;

/**
 * The value of a record of {@code usage.windows.v1}. Where each line is of another account there is
 * a record for each, and naming its fields would cost more than metering the line.
 */
public final class PackedWindows {
  /** First byte: another layout gets another number. */
  private static final int LAYOUT = 1;

  /** Packed as positions: new granularities go to the end. */
  private static final Granularity[] GRANULARITIES = Granularity.values();

  private PackedWindows() {}

  public static byte[] encode(UsageWindows windows) {
    PackedWriter packed =
        new PackedWriter()
            .number(LAYOUT)
            .text(windows.account())
            .text(windows.key())
            .text(windows.model())
            .text(windows.currency());
    write(windows.parts(), packed);
    write(windows.ofAllKeys(), packed);
    return packed.toBytes();
  }

  private static void write(List<UsageWindows.Part> parts, PackedWriter packed) {
    packed.number(parts.size());
    for (UsageWindows.Part part : parts) {
      TokenCounts tokens = part.tokens();
      packed
          .number(part.granularity().ordinal())
          .instant(part.start())
          .number(part.segment())
          .number(part.sequence())
          .number(part.requests())
          .number(tokens.input())
          .number(tokens.cachedInput())
          .number(tokens.cacheWrite())
          .number(tokens.output())
          .number(tokens.reasoning())
          .decimal(part.cost());
    }
  }

  /**
   * @throws SerializationException if the bytes are no such record; it quotes none of them
   */
  public static UsageWindows decode(byte[] bytes) {
    try {
      PackedReader packed = new PackedReader(bytes);
      if (packed.number() != LAYOUT) {
        throw new SerializationException("unknown layout");
      }
      UsageWindows windows =
          new UsageWindows(
              packed.text(),
              packed.text(),
              packed.text(),
              packed.text(),
              parts(packed),
              parts(packed));
      if (!packed.isAtEnd()) {
        throw new SerializationException("more than was announced");
      }
      return windows;
    } catch (RuntimeException e) {
      // The message of the cause might quote the record.
      throw new SerializationException("no record of usage windows");
    }
  }

  private static List<UsageWindows.Part> parts(PackedReader packed) {
    int count = packed.size();
    List<UsageWindows.Part> parts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      parts.add(
          new UsageWindows.Part(
              GRANULARITIES[packed.size()],
              packed.instant(),
              packed.number(),
              packed.number(),
              packed.number(),
              new TokenCounts(
                  packed.number(),
                  packed.number(),
                  packed.number(),
                  packed.number(),
                  packed.number()),
              packed.decimal()));
    }
    return parts;
  }
}
