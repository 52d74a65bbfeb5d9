package dev.taximeter.contract.packed;

import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.event.UsageEvent;
import dev.taximeter.contract.event.UsageEvent.Charge;
import dev.taximeter.contract.event.UsageEvent.ProviderCost;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;

/**
 * The value of a record of {@code usage.events.v1}: some events of one account, in the order of
 * their sequence numbers. There is an event for each line, and what all of them repeat would be
 * most of it.
 */
public final class PackedEvents {
  /** First byte: another layout gets another number. */
  private static final int LAYOUT = 1;

  /** Packed as positions: new classes go to the end. */
  private static final TokenClass[] CLASSES = TokenClass.values();

  /** What everything but texts takes at most, of an event and of a charge. */
  private static final int FIXED_BYTES = 200;

  private static final int CHARGE_BYTES = 80;
  private static final int MOST_BYTES_PER_CHARACTER = 3;

  private PackedEvents() {}

  /** {@return how many bytes an event takes at most, in a record of its own} */
  public static int mostBytes(UsageEvent event) {
    ProviderCost provider = event.providerCost();
    int bytes =
        FIXED_BYTES
            + PackedUsage.mostBytes(event.usage())
            + event.account().length() * MOST_BYTES_PER_CHARACTER
            + mostBytes(event.usage().model(), event.charges());
    return provider == null ? bytes : bytes + mostBytes(event.usage().model(), provider.charges());
  }

  /** Most charges repeat the model, which is written once. */
  private static int mostBytes(String model, List<Charge> charges) {
    int bytes = 0;
    for (Charge charge : charges) {
      String version = charge.priceVersion();
      int characters =
          (charge.model().equals(model) ? 0 : charge.model().length())
              + (version == null ? 0 : version.length());
      bytes += CHARGE_BYTES + characters * MOST_BYTES_PER_CHARACTER;
    }
    return bytes;
  }

  /**
   * @param events of one account, at least one
   */
  public static byte[] encode(List<UsageEvent> events) {
    PackedWriter packed = new PackedWriter();
    packed.number(LAYOUT).text(events.get(0).account()).number(events.size());
    for (UsageEvent event : events) {
      packed.number(event.sequence());
      PackedUsage.write(event.usage(), packed);
      packed.word(event.currency()).decimal(event.cost()).flag(event.unpriced());
      write(event.charges(), packed);
      ProviderCost provider = event.providerCost();
      packed.flag(provider != null);
      if (provider != null) {
        packed.word(provider.currency()).decimal(provider.amount());
        write(provider.charges(), packed);
      }
      packed.instant(event.settled());
    }
    return packed.toBytes();
  }

  private static void write(List<Charge> charges, PackedWriter packed) {
    packed.number(charges.size());
    for (Charge charge : charges) {
      packed
          .number(charge.tokenClass().ordinal())
          .word(charge.model())
          .word(charge.priceVersion())
          .number(charge.quantity())
          .decimal(charge.amount());
    }
  }

  /**
   * @throws SerializationException if the bytes are no such record; it quotes none of them
   */
  public static List<UsageEvent> decode(byte[] bytes) {
    try {
      PackedReader packed = new PackedReader(bytes);
      if (packed.number() != LAYOUT) {
        throw new SerializationException("unknown layout");
      }
      String account = packed.text();
      int count = packed.size();
      List<UsageEvent> events = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        events.add(read(account, packed));
      }
      if (!packed.isAtEnd()) {
        throw new SerializationException("more than was announced");
      }
      return events;
    } catch (RuntimeException e) {
      // The message of the cause might quote the record.
      throw new SerializationException("no record of usage events");
    }
  }

  private static UsageEvent read(String account, PackedReader packed) {
    long sequence = packed.number();
    Usage usage = PackedUsage.read(packed);
    String currency = packed.word();
    BigDecimal cost = packed.decimal();
    boolean unpriced = packed.flag();
    List<Charge> charges = charges(packed);
    @Nullable ProviderCost provider =
        packed.flag() ? new ProviderCost(packed.word(), packed.decimal(), charges(packed)) : null;
    @Nullable Instant settled = packed.optionalInstant();
    return new UsageEvent(
        account, sequence, usage, currency, cost, unpriced, charges, provider, settled);
  }

  private static List<Charge> charges(PackedReader packed) {
    int count = packed.size();
    List<Charge> charges = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      charges.add(
          new Charge(
              CLASSES[packed.size()],
              packed.word(),
              packed.optionalWord(),
              packed.number(),
              packed.decimal()));
    }
    return charges;
  }
}
