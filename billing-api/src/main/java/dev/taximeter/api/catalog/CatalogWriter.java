package dev.taximeter.api.catalog;

import dev.taximeter.api.web.Problem;
import dev.taximeter.api.web.ProblemException;
import dev.taximeter.api.web.ProblemType;
import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.event.Command;
import dev.taximeter.contract.event.CommandResult;
import dev.taximeter.contract.event.Order;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Asks for a change and waits until all of metering works by it. Whoever gets an answer knows that
 * the next log line is attributed and priced by what was written.
 */
public final class CatalogWriter {
  /** Changes waited for at once; each holds a request's thread. */
  private static final int MOST_AT_ONCE = 8;

  private static final Duration RETRY_AFTER = Duration.ofSeconds(2);
  private static final long LOOK_AGAIN_MILLIS = 5;

  private final CommandGateway gateway;
  private final CatalogView view;
  private final MeteringProgress metering;
  private final Clock clock;
  private final Duration patience;
  private final CommandObserver observer;
  private final Semaphore places = new Semaphore(MOST_AT_ONCE);

  /**
   * @param patience how long a change may take until it is confirmed
   * @param observer told of every command
   */
  public CatalogWriter(
      CommandGateway gateway,
      CatalogView view,
      MeteringProgress metering,
      Clock clock,
      Duration patience,
      CommandObserver observer) {
    this.gateway = gateway;
    this.view = view;
    this.metering = metering;
    this.clock = clock;
    this.patience = patience;
    this.observer = observer;
  }

  /**
   * Makes a change.
   *
   * @param upsert what to create or replace
   * @param author who asks
   * @param reason why; may be empty
   * @return the decision; the change is in force everywhere
   * @throws ProblemException if it was refused, or not confirmed in time
   */
  public CommandResult write(Catalog upsert, String author, String reason) {
    return write(upsert, List.of(), author, reason, result -> true);
  }

  /**
   * Makes a change of resources that nobody has changed meanwhile.
   *
   * @param expected catalogue versions that they were changed in last, by record id; may be empty
   * @throws ProblemException if it was refused, or not confirmed in time
   */
  public CommandResult write(
      Catalog upsert, String author, String reason, Map<String, Long> expected) {
    return write(upsert, List.of(), author, reason, expected, result -> true);
  }

  /**
   * Makes a change and has orders carried out.
   *
   * @param upsert what to create or replace; may be empty
   * @param orders what others than the catalogue's writer are to do
   * @param author who asks
   * @param reason why; may be empty
   * @param seen whether this process has seen what the decision caused
   * @return the decision; the change is in force everywhere, and its orders can be seen here
   * @throws ProblemException if it was refused, or not confirmed in time
   */
  public CommandResult write(
      Catalog upsert,
      List<Order> orders,
      String author,
      String reason,
      Predicate<CommandResult> seen) {
    return write(upsert, orders, author, reason, Map.of(), seen);
  }

  private CommandResult write(
      Catalog upsert,
      List<Order> orders,
      String author,
      String reason,
      Map<String, Long> expected,
      Predicate<CommandResult> seen) {
    return atMostSomeAtOnce(() -> decideAndWait(upsert, orders, author, reason, expected, seen));
  }

  /**
   * Has an account's writer decide something about its money.
   *
   * @param commandId the same for a request that is sent again: it is decided once
   * @param seen whether this process has seen what the decision caused
   * @throws ProblemException if it was refused, or not confirmed in time
   */
  public CommandResult decide(
      String commandId,
      Order.OfAccount order,
      String author,
      String reason,
      Predicate<CommandResult> seen) {
    Command command =
        new Command(commandId, author, reason, clock.instant(), Catalog.EMPTY, List.of(order));
    return atMostSomeAtOnce(() -> decideAndWait(command, seen));
  }

  private interface Decision {
    CommandResult make() throws InterruptedException;
  }

  private CommandResult atMostSomeAtOnce(Decision decision) {
    if (!places.tryAcquire()) {
      throw ProblemException.passing(
          ProblemType.TOO_BUSY,
          "%d changes are being made already.".formatted(MOST_AT_ONCE),
          RETRY_AFTER,
          null);
    }
    try {
      return decision.make();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ProblemException.passing(
          ProblemType.NOT_READY, "The server is stopping.", RETRY_AFTER, null);
    } finally {
      places.release();
    }
  }

  private CommandResult decideAndWait(
      Catalog upsert,
      List<Order> orders,
      String author,
      String reason,
      Map<String, Long> expected,
      Predicate<CommandResult> seen)
      throws InterruptedException {
    return decideAndWait(
        new Command(
            UUID.randomUUID().toString(),
            author,
            reason,
            clock.instant(),
            upsert,
            orders,
            expected),
        seen);
  }

  private CommandResult decideAndWait(Command command, Predicate<CommandResult> seen)
      throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    CatalogSnapshot before = view.snapshot();
    observer.sending(command);
    CommandResult result;
    try {
      result = gateway.decide(command, patience);
    } catch (TimeoutException e) {
      throw ProblemException.of(
          ProblemType.NOT_ACKNOWLEDGED,
          "There was no decision within %d seconds; is metering running? The change may still take"
                  .formatted(patience.toSeconds())
              + " effect. It is safe to send the same again.");
    }
    try {
      return inForce(command, result, seen, deadline);
    } finally {
      observer.decided(result, before, view.snapshot());
    }
  }

  private CommandResult inForce(
      Command command, CommandResult result, Predicate<CommandResult> seen, long deadline)
      throws InterruptedException {
    if (!result.accepted()) {
      List<Problem.Mistake> mistakes =
          result.problems().stream().map(sentence -> new Problem.Mistake("", sentence)).toList();
      ProblemType type = typeOf(result.refusal());
      throw ProblemException.of(
          type == ProblemType.REFUSED && isOutdated(command, result, deadline)
              ? ProblemType.OUTDATED
              : type,
          String.join("; ", result.problems()),
          mistakes);
    }
    await(() -> view.snapshot().version() >= result.catalogVersion(), result, deadline);
    await(() -> metering.catalogVersion() >= result.catalogVersion(), result, deadline);
    CatalogSnapshot decided = view.snapshot();
    for (String account : decided.accountsDependingOn(command.upsert())) {
      long needed = decided.termsVersion(account);
      await(() -> metering.termsVersion(account) >= needed, result, deadline);
    }
    await(() -> seen.test(result), result, deadline);
    return result;
  }

  /** Whether somebody was faster: the view that the command was made from was behind. */
  private boolean isOutdated(Command command, CommandResult result, long deadline)
      throws InterruptedException {
    if (command.expected().isEmpty()) {
      return false;
    }
    await(() -> view.snapshot().version() >= result.catalogVersion(), result, deadline);
    CatalogSnapshot now = view.snapshot();
    return command.expected().entrySet().stream()
        .anyMatch(resource -> now.versionOf(resource.getKey()) != resource.getValue());
  }

  private static ProblemType typeOf(CommandResult.@Nullable Refusal refusal) {
    if (refusal == null) {
      return ProblemType.REFUSED;
    }
    return switch (refusal) {
      case REUSED_KEY -> ProblemType.IDEMPOTENCY_KEY_REUSED;
      case INSUFFICIENT_BALANCE -> ProblemType.INSUFFICIENT_BALANCE;
      case PERIOD_NOT_ENDED -> ProblemType.PERIOD_NOT_ENDED;
      case EARLIER_PERIOD_OPEN -> ProblemType.EARLIER_PERIOD_OPEN;
      case NO_SUCH_BILL -> ProblemType.NOT_FOUND;
      case NOT_POSSIBLE -> ProblemType.NOT_POSSIBLE;
    };
  }

  private void await(BooleanSupplier condition, CommandResult result, long deadline)
      throws InterruptedException {
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw ProblemException.of(
            ProblemType.NOT_ACKNOWLEDGED,
            "The change was made as catalogue version %d, but metering did not confirm it within %d"
                    .formatted(result.catalogVersion(), patience.toSeconds())
                + " seconds. It is safe to send the same again.");
      }
      Thread.sleep(LOOK_AGAIN_MILLIS);
    }
  }
}
