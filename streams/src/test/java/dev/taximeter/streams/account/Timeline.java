package dev.taximeter.streams.account;

import static dev.taximeter.streams.account.RandomHistory.ACCOUNT;
import static dev.taximeter.streams.account.RandomHistory.FIRST;
import static dev.taximeter.streams.account.RandomHistory.NOW;
import static dev.taximeter.streams.account.RandomHistory.ZONE;

import dev.taximeter.contract.event.AccountInput;
import dev.taximeter.contract.event.Instruction;
import dev.taximeter.contract.event.Order;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * A random history with a clock that goes on: usage comes after it was used, some of it days later;
 * credits begin and end between two inputs; commands are decided when they come, or have waited.
 */
final class Timeline {
  /** What comes when; without an input, time goes by. */
  record Tick(Instant at, @Nullable AccountInput input) {}

  private final Random random;
  private int commands;

  private Timeline(long seed) {
    random = new Random(seed);
  }

  static List<Tick> of(long seed) {
    return new Timeline(seed).ticks(new RandomHistory(seed).eventful());
  }

  private List<Tick> ticks(List<AccountInput> inputs) {
    List<Tick> ticks = new ArrayList<>();
    Instant terms = FIRST.minus(Duration.ofDays(40));
    for (AccountInput input : inputs) {
      if (input instanceof AccountInput.TermsInput) {
        ticks.add(new Tick(terms, input));
        // In their order.
        terms = between(terms, NOW);
      } else if (input instanceof AccountInput.UsageInput usage) {
        ticks.add(new Tick(usage.usages().get(0).completion().plus(delay()), input));
      } else if (input instanceof AccountInput.OrderInput order) {
        ticks.add(asked(order.instruction(), between(FIRST, NOW)));
      }
    }
    for (YearMonth month = YearMonth.from(FIRST.atZone(ZONE)).minusMonths(1);
        month.isBefore(YearMonth.from(NOW.atZone(ZONE)));
        month = month.plusMonths(1)) {
      Instant end = month.plusMonths(1).atDay(1).atStartOfDay(ZONE).toInstant();
      for (int i = random.nextInt(3); i >= 0; i--) {
        Instant at = end.plus(Duration.ofMillis(random.nextLong(Duration.ofDays(12).toMillis())));
        ticks.add(asked(new Order.FinalizeBill(ACCOUNT, month), at));
      }
    }
    for (int i = 0; i < 60; i++) {
      ticks.add(new Tick(between(FIRST, NOW), null));
    }
    ticks.sort(Comparator.comparing(Tick::at));
    return ticks;
  }

  private Tick asked(Instruction known, Instant at) {
    Instruction instruction =
        new Instruction(
            known.commandId(), "ann", "r", asked(at), 1, List.of(), known.order(), null);
    return new Tick(at, new AccountInput.OrderInput(instruction));
  }

  private Tick asked(Order order, Instant at) {
    Instruction instruction =
        new Instruction("last-" + commands++, "ann", "r", asked(at), 1, List.of(), order, null);
    return new Tick(at, new AccountInput.OrderInput(instruction));
  }

  /** Just now, or before metering was down. */
  private Instant asked(Instant at) {
    return at.minus(random.nextInt(5) == 0 ? delay() : Duration.ofMillis(20));
  }

  private Duration delay() {
    return switch (random.nextInt(6)) {
      case 0 -> Duration.ofMillis(random.nextLong(Duration.ofDays(40).toMillis()));
      case 1 -> Duration.ofMillis(random.nextLong(Duration.ofHours(30).toMillis()));
      default -> Duration.ofMillis(random.nextInt(2_000));
    };
  }

  private Instant between(Instant from, Instant to) {
    return from.plusMillis(random.nextLong(1 + Duration.between(from, to).toMillis()));
  }
}
