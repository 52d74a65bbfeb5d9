package dev.taximeter.standalone.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.json.Json;
import dev.taximeter.standalone.backfill.BackfillReport;
import dev.taximeter.standalone.endtoend.Months.Account;
import dev.taximeter.standalone.endtoend.Months.Credit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.YearMonth;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Two months of a hundred accounts, from log lines to final bills, on the real processes: first
 * against an oracle in plain SQL, then once more in another order while processes are killed.
 * {@code -Dtaximeter.months.seed=7} makes another world, {@code -Dtaximeter.months.lines=100000} a
 * larger one.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class TwoMonthsIT {
  private static final long SEED = Long.getLong("taximeter.months.seed", 20260901);
  private static final int REQUESTS = Integer.getInteger("taximeter.months.lines", 24_000);
  private static final int FILES_PER_PHASE = 3;

  /** Commands of different accounts do not wait for each other. */
  private static final int AT_ONCE = 8;

  private final Months world = new Months(SEED, Months.latestYear(Instant.now()), REQUESTS);
  private final Comparison comparison = new Comparison();

  /** What the system calls credits, by name. */
  private final Map<String, String> creditIds = new ConcurrentHashMap<>();

  /** The first installation's final bills, by account and month. */
  private final Map<String, String> bills = new TreeMap<>();

  private final Map<String, String> previews = new TreeMap<>();

  @TempDir private static Path directory;

  @Test
  @Order(1)
  void everyFigureIsTheOracles() throws Exception {
    Path own = Files.createDirectory(directory.resolve("first"));
    try (RunningInstallation installation = start(own, "two-months")) {
      play(installation, own, false);
      try (MonthsOracle oracle = MonthsOracle.of(world, creditIds, own)) {
        new MonthsAnswers(installation.api(), world, oracle, comparison).compare();
      }
      System.out.printf(
          "Two months: %,d figures of %d accounts compared with SQL, %d differ%n",
          comparison.figures(), world.accounts.size(), comparison.differences().size());
      assertThat(comparison.differences()).isEmpty();
      installation.awaitCleanAudit();
      collect(installation, bills, previews);
    }
  }

  @Test
  @Order(2)
  void anotherOrderAndKillsMakeTheSameBillsByteByByte() throws Exception {
    Path own = Files.createDirectory(directory.resolve("second"));
    Map<String, String> billsAgain = new TreeMap<>();
    Map<String, String> previewsAgain = new TreeMap<>();
    try (RunningInstallation installation = start(own, "two-months-again")) {
      try (Killer killer = Killer.of(installation, SEED)) {
        play(installation, own, true);
        System.out.printf(
            "Two months again: %d kills: %s%n", killer.kills().size(), killer.kills());
      }
      collect(installation, billsAgain, previewsAgain);
      assertThat(bills).hasSize(2 * world.accounts.size());
      assertThat(billsAgain).isEqualTo(bills);
      assertThat(previewsAgain).isEqualTo(previews);
      installation.awaitCleanAudit();
    }
  }

  private RunningInstallation start(Path own, String name) throws Exception {
    return RunningInstallation.start(own, world.yaml(), List.of(), name);
  }

  /**
   * Everything that happened, in the order of phases.
   *
   * @param again whether lines come in another order
   */
  private void play(RunningInstallation installation, Path own, boolean again) throws Exception {
    Commands commands = new Commands(installation.data());
    List<Account> early = world.accounts.stream().filter(Account::early).toList();
    give(commands, credit -> credit.phase() == Months.BEFORE_BILLS && Months.isFine(credit));
    ship(installation, own, Months.BEFORE_BILLS, again);
    give(commands, credit -> credit.phase() == Months.BEFORE_BILLS && !Months.isFine(credit));
    finalise(commands, early, world.september);
    ship(installation, own, Months.BETWEEN_BILLS, again);
    give(commands, credit -> credit.phase() == Months.BETWEEN_BILLS);
    // Those that are early have theirs already: finalising twice changes nothing.
    finalise(commands, world.accounts, world.september);
    finalise(commands, world.accounts, world.october);
    ship(installation, own, Months.AFTER_BILLS, again);
  }

  private interface Choice {
    boolean takes(Credit credit);
  }

  /** Gives credits; the same ones in the same order for each account. */
  private void give(Commands commands, Choice choice) throws Exception {
    Commands.all(
        AT_ONCE,
        world.credits.stream()
            .filter(credit -> choice.takes(credit))
            .map(credit -> (Callable<Void>) () -> give(commands, credit))
            .toList());
  }

  private Void give(Commands commands, Credit credit) throws IOException, InterruptedException {
    if (credit.file()) {
      creditIds.put(credit.name(), credit.name());
      return null;
    }
    ObjectNode body = Json.MAPPER.createObjectNode();
    body.put("amount", credit.amount().toPlainString());
    body.put("reason", credit.name());
    boolean adjustment = credit.kind().equals("adjustment");
    if (!adjustment) {
      body.put("kind", credit.kind()).put("priority", credit.priority());
      if (credit.begins()) {
        body.put("effectiveFrom", credit.effectiveFrom().toString());
      }
      if (credit.expires()) {
        body.put("expiresAt", credit.expiresAt().toString());
      }
    }
    String path =
        "/v1/accounts/%s/%s".formatted(credit.account(), adjustment ? "adjustments" : "credits");
    JsonNode posting = commands.post(path, credit.name(), body.toString()).orThrow();
    for (JsonNode entry : posting.path("entries")) {
      if (entry.has("credit")) {
        creditIds.put(credit.name(), entry.path("credit").asString());
      }
    }
    return null;
  }

  private void finalise(Commands commands, List<Account> accounts, YearMonth month)
      throws Exception {
    Commands.all(
        AT_ONCE,
        accounts.stream()
            .map(
                account ->
                    (Callable<JsonNode>)
                        () ->
                            commands
                                .post(
                                    "/v1/accounts/%s/bills/%s/finalize"
                                        .formatted(account.id(), month),
                                    "finalise-" + account.id() + '-' + month,
                                    "")
                                .orThrow())
            .toList());
  }

  private void ship(RunningInstallation installation, Path own, int phase, boolean again)
      throws Exception {
    List<Path> files =
        again
            ? world.writeAgain(own, phase, FILES_PER_PHASE + 2, new Random(SEED + phase))
            : world.write(own, phase, FILES_PER_PHASE);
    BackfillReport report = installation.ship(files.toArray(Path[]::new));
    long billed =
        world.facts.stream()
            .filter(fact -> (again ? world.phaseOfReplay(fact) : fact.phase()) == phase)
            .count();
    assertThat(report.billed()).as("billed in phase " + phase).isEqualTo(billed);
    assertThat(report.duplicate()).as("duplicates").isEqualTo(report.read() - billed);
    assertThat(report.residual()).as("residual").isZero();
  }

  private void collect(
      RunningInstallation installation, Map<String, String> finals, Map<String, String> open)
      throws Exception {
    for (Account account : world.accounts) {
      for (YearMonth month : List.of(world.september, world.october)) {
        finals.put(account.id() + " " + month, document(installation, account, month));
      }
      open.put(account.id(), document(installation, account, world.november));
    }
  }

  /** A bill less the moments of its making, and less what counts arrivals where these differ. */
  private String document(RunningInstallation installation, Account account, YearMonth month)
      throws Exception {
    String path = "/v1/accounts/%s/bills/%s".formatted(account.id(), month);
    JsonNode[] bill = new JsonNode[1];
    RunningInstallation.eventually(() -> bill[0] = installation.api().get(path));
    ObjectNode document = (ObjectNode) bill[0].deepCopy();
    boolean isFinal = !month.equals(world.november);
    assertThat(document.path("contentHash").asString("").length()).isEqualTo(isFinal ? 64 : 0);
    document.remove(List.of("asOf", "finalizedAt"));
    if (world.movesFreely(account) && isFinal) {
      ((ObjectNode) document.path("covers")).remove(List.of("sequenceFrom", "sequenceTo"));
    }
    return document.toString();
  }
}
