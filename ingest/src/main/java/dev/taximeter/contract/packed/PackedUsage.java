package dev.taximeter.contract.packed;

import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.event.Usage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Usage as packed values. Texts that many lines share are words: written once for all of them. */
public final class PackedUsage {
  /** Packed as positions: new fates go to the end. */
  private static final Fate[] FATES = Fate.values();

  /** What everything but texts takes at most: ids, numbers and instants. */
  private static final int FIXED_BYTES = 300;

  private static final int MOST_BYTES_PER_CHARACTER = 3;

  private PackedUsage() {}

  /** {@return how many bytes the usage takes at most} */
  public static int mostBytes(Usage usage) {
    long characters =
        (long) usage.id().length()
            + usage.key().length()
            + length(usage.keyFingerprint())
            + length(usage.keyLastFour())
            + usage.model().length()
            + usage.source().host().length()
            + usage.source().path().length()
            + usage.shipment().length()
            + length(usage.requestId());
    for (String flag : usage.flags()) {
      characters += flag.length() + MOST_BYTES_PER_CHARACTER;
    }
    return Math.toIntExact(FIXED_BYTES + characters * MOST_BYTES_PER_CHARACTER);
  }

  private static int length(@Nullable String text) {
    return text == null ? 0 : text.length();
  }

  public static void write(Usage usage, PackedWriter packed) {
    packed
        .id(usage.id())
        .number(usage.fate().ordinal())
        .word(usage.key())
        .word(usage.keyFingerprint())
        .word(usage.keyLastFour())
        .word(usage.model())
        .number(usage.tokens().input())
        .number(usage.tokens().cachedInput())
        .number(usage.tokens().cacheWrite())
        .number(usage.tokens().output())
        .number(usage.tokens().reasoning())
        .instant(usage.completion())
        .instant(usage.start())
        .instant(usage.arrival())
        .word(usage.source().host())
        .word(usage.source().path())
        .number(usage.offset())
        .word(usage.shipment())
        .text(usage.requestId())
        .number(usage.flags().size());
    usage.flags().forEach(packed::word);
  }

  /**
   * @throws RuntimeException if the values are none that were written
   */
  public static Usage read(PackedReader packed) {
    String id = packed.id();
    Fate fate = FATES[packed.size()];
    String key = packed.word();
    String fingerprint = packed.optionalWord();
    String lastFour = packed.optionalWord();
    String model = packed.word();
    TokenCounts tokens =
        new TokenCounts(
            packed.number(), packed.number(), packed.number(), packed.number(), packed.number());
    Instant completion = packed.instant();
    Instant start = packed.instant();
    Instant arrival = packed.instant();
    LineSource source = new LineSource(packed.word(), packed.word());
    long offset = packed.number();
    String shipment = packed.word();
    String requestId = packed.optionalText();
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
        flags(packed),
        requestId);
  }

  private static List<String> flags(PackedReader packed) {
    int count = packed.size();
    if (count == 0) {
      return List.of();
    }
    List<String> flags = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      flags.add(packed.word());
    }
    return flags;
  }
}
