package dev.taximeter.streams.catalogue;

import dev.taximeter.contract.catalog.ApiKey;
import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.event.AccountInput;
import dev.taximeter.contract.event.AccountState.CreditKind;
import dev.taximeter.contract.event.Command;
import dev.taximeter.contract.event.CommandResult;
import dev.taximeter.contract.event.Holders;
import dev.taximeter.contract.event.Instruction;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.Order;
import dev.taximeter.contract.event.SourceInput;
import dev.taximeter.contract.money.Decimals;
import dev.taximeter.streams.topology.parts.Outgoing;
import dev.taximeter.streams.topology.parts.Outlets;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of orders: checked against the catalogue, then passed on to the single writer that
 * carries them out and answers. A new kind of order gets its rules in {@link #check}, the key it
 * concerns in {@link #keyOf} and its destination in {@link #route}.
 *
 * <p>A command has one order at most, because a command has one answer.
 */
final class OrderRouting {
  private static final Pattern FINGERPRINT = Pattern.compile("[0-9a-f]{64}");
  private static final Pattern LINE_ID = Pattern.compile("[0-9a-f]{32}");

  /** As in the catalogue's file. History tells no instants apart that are closer together. */
  private static final Instant EARLIEST = Instant.EPOCH;

  private static final Instant END = Instant.parse("2200-01-01T00:00:00Z");
  private static final int NANOS_PER_MILLI = 1_000_000;

  private final Command command;
  private final CatalogueBook after;
  private final List<String> problems = new ArrayList<>();

  private OrderRouting(Command command, CatalogueBook after) {
    this.command = command;
    this.after = after;
  }

  /**
   * @param after the catalogue as it would be
   * @return one sentence per problem; empty if the orders are in order
   */
  static List<String> problems(Command command, CatalogueBook after) {
    OrderRouting routing = new OrderRouting(command, after);
    routing.require(
        command.orders().size() <= 1, "a command has one order at most; send the others apart");
    command.orders().forEach(routing::check);
    return List.copyOf(routing.problems);
  }

  private void check(Order order) {
    if (order instanceof Order.Claim claim) {
      checkClaim(claim);
    } else if (order instanceof Order.Resolve resolve) {
      checkResolve(resolve);
    } else if (order instanceof Order.Replay replay) {
      checkReplay(replay);
    } else if (order instanceof Order.RetireSource) {
      // The writer of sources alone knows them, when the catalogue is already written.
      requireNothingElse("a source is retired");
    } else if (order instanceof Order.OfAccount money) {
      checkMoney(money);
    } else {
      problems.add("orders of this kind are not carried out by this version of metering");
    }
  }

  /** What the account's writer need not know to tell. */
  private void checkMoney(Order.OfAccount order) {
    // The account's writer alone knows its balance and its bills.
    requireNothingElse("an account's money changes");
    require(after.account(order.account()) != null, "account %s does not exist", order.account());
    if (order instanceof Order.GrantCredit grant) {
      checkAmount(grant.amount(), "a credit");
      require(
          grant.kind() == CreditKind.GRANT || grant.kind() == CreditKind.TOP_UP,
          "a credit is a grant or a top-up; adjustments are orders of their own");
      require(
          grant.priority() >= 0 && grant.priority() <= Order.GrantCredit.LAST_PRIORITY,
          "the priority of a credit must be 0 to %d",
          Order.GrantCredit.LAST_PRIORITY);
      Instant from = grant.effectiveFrom();
      Instant to = grant.expiresAt();
      require(
          from == null || to == null || from.isBefore(to),
          "a credit must become effective before it expires");
      require(
          isUsual(from) && isUsual(to),
          "a credit begins and ends at an instant from 1970 to 2199 with at most milliseconds");
    } else if (order instanceof Order.Adjust adjust) {
      checkAmount(adjust.amount().abs(), "an adjustment");
      require(!command.reason().isBlank(), "an account is adjusted only with a reason");
    } else if (order instanceof Order.Debit debit) {
      checkAmount(debit.amount(), "a debit");
    } else if (order instanceof Order.NoteCredit note) {
      checkAmount(note.amount(), "a credit note");
      require(!command.reason().isBlank(), "a credit note is written only with a reason");
    } else if (order instanceof Order.VoidBill) {
      require(!command.reason().isBlank(), "a bill is voided only with a reason");
    } else if (order instanceof Order.ReRate reRate) {
      checkReRating(reRate);
    }
  }

  private void checkReRating(Order.ReRate order) {
    require(!command.reason().isBlank(), "a month is re-rated only with a reason");
    for (BigDecimal sum : List.of(order.charged(), order.reRated())) {
      require(
          Decimals.isExact(sum),
          "the sums of a re-rating must have at most %d digits after the point",
          Decimals.SCALE);
    }
  }

  private static boolean isUsual(@Nullable Instant instant) {
    return instant == null
        || (!instant.isBefore(EARLIEST)
            && instant.isBefore(END)
            && instant.getNano() % NANOS_PER_MILLI == 0);
  }

  private void checkAmount(BigDecimal amount, String what) {
    require(amount.signum() > 0, "the amount of %s must not be 0 or less", what);
    require(
        Decimals.isExact(amount) && amount.compareTo(Order.MOST_AMOUNT) <= 0,
        "the amount of %s must have at most %d digits after the point and be at most %s",
        what,
        Decimals.SCALE,
        Order.MOST_AMOUNT.toPlainString());
  }

  private void checkClaim(Order.Claim claim) {
    if (!FINGERPRINT.matcher(claim.fingerprint()).matches()) {
      problems.add(
          "the fingerprint of a claim must be 64 hex digits; usage without any key cannot be claimed");
      return;
    }
    ApiKey key = after.key(claim.fingerprint());
    require(
        key != null && key.account().equals(claim.account()) && key.name().equals(claim.keyName()),
        "the claim needs the key registered as %s of account %s in the same command, or before",
        claim.keyName(),
        claim.account());
  }

  private void checkResolve(Order.Resolve resolve) {
    require(
        LINE_ID.matcher(resolve.lineId()).matches(),
        "the id of a line in suspense must be 32 hex digits");
    // The holder alone knows whether the line is still open, when the catalogue is already written.
    requireNothingElse("a line in suspense is decided");
    if (resolve.account() == null) {
      require(
          resolve.keyName() == null, "a line that is written off counts under no account's key");
      require(!command.reason().isBlank(), "a line is written off only with a reason");
      return;
    }
    require(
        after.account(resolve.account()) != null,
        "the line is assigned to account %s, which does not exist",
        resolve.account());
    require(
        after.account(resolve.account()) == null || keyOf(resolve, after) != null,
        "account %s has no key %s that the line could count under",
        resolve.account(),
        resolve.keyName());
  }

  private void checkReplay(Order.Replay replay) {
    int lines = replay.lineIds().size();
    require(
        lines >= 1 && lines <= Order.Replay.MOST_LINES,
        "a replay names 1 to %d lines, not %d",
        Order.Replay.MOST_LINES,
        lines);
    require(
        replay.lineIds().stream().allMatch(id -> LINE_ID.matcher(id).matches()),
        "the id of a dead letter must be 32 hex digits");
    requireNothingElse("dead letters are replayed");
  }

  private void requireNothingElse(String what) {
    require(
        command.upsert().equals(Catalog.EMPTY),
        "%s by a command of its own, without changes of the catalogue",
        what);
  }

  private void require(boolean condition, String problem, @Nullable Object... values) {
    if (!condition) {
      problems.add(problem.formatted(values));
    }
  }

  /**
   * @param command accepted, with one order at most
   * @param result what the command did to the catalogue
   * @return null if it has no order
   */
  static @Nullable Instruction instruction(
      Command command, CatalogueBook after, CommandResult result, Instant at) {
    if (command.orders().isEmpty()) {
      return null;
    }
    Order order = command.orders().get(0);
    return new Instruction(
        command.id(),
        command.author(),
        command.reason(),
        at,
        result.catalogVersion(),
        result.changed(),
        order,
        keyOf(order, after));
  }

  private static @Nullable ApiKey keyOf(Order order, CatalogueBook book) {
    if (order instanceof Order.Claim claim) {
      return book.key(claim.fingerprint());
    }
    if (order instanceof Order.Resolve resolve) {
      return book.keys().stream()
          .filter(key -> key.account().equals(resolve.account()))
          .filter(key -> key.name().equals(resolve.keyName()) && key.replacedBy() == null)
          .findFirst()
          .orElse(null);
    }
    return null;
  }

  /**
   * @return the instruction on its way to the one who carries it out
   */
  static Outgoing route(Instruction instruction) {
    if (instruction.order() instanceof Order.RetireSource retire) {
      return route(retire.source(), instruction);
    }
    AccountInput input = new AccountInput.OrderInput(instruction);
    if (instruction.order() instanceof Order.Claim claim) {
      return Outlets.ORDERS.encode(Holders.ofKey(claim.fingerprint()), input);
    }
    if (instruction.order() instanceof Order.Resolve resolve) {
      return Outlets.ORDERS.encode(Holders.ofLine(resolve.lineId()), input);
    }
    if (instruction.order() instanceof Order.OfAccount money) {
      return Outlets.ORDERS.encode(money.account(), input);
    }
    if (instruction.order() instanceof Order.Replay) {
      return Outlets.REPLAY_ORDERS.encode(instruction.commandId(), instruction);
    }
    throw new IllegalStateException("an order that nobody carries out was accepted");
  }

  private static Outgoing route(LineSource source, Instruction instruction) {
    return Outlets.RETIREMENTS.encode(
        source.host() + '\t' + source.path(),
        new SourceInput.Retirement(
            source, instruction.commandId(), instruction.catalogVersion(), instruction.at()));
  }
}
