package dev.taximeter.standalone.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.json.Json;
import dev.taximeter.standalone.backfill.BackfillReport;
import dev.taximeter.standalone.endtoend.Months.Account;
import dev.taximeter.standalone.endtoend.Months.Credit;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.time.YearMonth;
import java.util.ArrayList;
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

  /** What the last re-ratings posted, by account and month. */
  private final Map<String, BigDecimal> reRated = new TreeMap<>();

  @TempDir private static Path directory;

  @Test
  @Order(1)
  void everyFigureIsTheOracles() throws Exception {
    Path own = Files.createDirectory(directory.resolve("first"));
    try (RunningInstallation installation = start(own, "two-months")) {
      play(installation, own, false);
      try (MonthsOracle oracle = MonthsOracle.of(world, creditIds, own)) {
        new MonthsAnswers(installation.api(), world, oracle, comparison).compare();
        compareReRatings(oracle);
        collect(installation, bills, previews);
        note(installation, new Commands(installation.data()), oracle);
      }
      System.out.printf(
          "Two months: %,d figures of %d accounts compared with SQL, %d differ%n",
          comparison.figures(), world.accounts.size(), comparison.differences().size());
      assertThat(comparison.differences()).isEmpty();
      installation.awaitCleanAudit();
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
    List<Account> voided =
        world.accounts.stream().filter(account -> world.voided.contains(account.id())).toList();
    undo(commands, voided);
    finalise(commands, voided, world.october, "again-");
    charge(commands);
    ship(installation, own, Months.AFTER_BILLS, again);
    reRate(commands);
  }

  /** Prices turn out to have been wrong from the beginning. */
  private void reRate(Commands commands) throws Exception {
    commands.putCatalog(Months.yaml(world.corrected)).orThrow();
    List<JsonNode> posted =
        Commands.all(
            AT_ONCE,
            world.reRatings.stream()
                .map(
                    each ->
                        (Callable<JsonNode>)
                            () ->
                                commands
                                    .post(
                                        "/v1/accounts/%s/bills/%s/re-rating"
                                            .formatted(each.account(), each.month()),
                                        "re-rating-%s-%s".formatted(each.account(), each.month()),
                                        "{\"reason\":\"corrected prices\"}")
                                    .orThrow())
                .toList());
    for (JsonNode each : posted) {
      reRated.put(
          each.path("account").asString() + " " + each.path("period").asString(),
          new BigDecimal(each.path("posted").asString()));
    }
  }

  private void compareReRatings(MonthsOracle oracle) throws SQLException {
    Map<String, List<MonthsOracle.Row>> expected =
        oracle.by(2, "SELECT account, month, amount FROM re_rating");
    assertThat(reRated).hasSize(world.reRatings.size());
    assertThat(reRated.values().stream().map(BigDecimal::signum)).contains(-1, 1);
    for (Map.Entry<String, BigDecimal> each : reRated.entrySet()) {
      comparison.same(
          "re-rating of " + each.getKey(),
          expected.get(each.getKey()).get(0).decimal("amount"),
          each.getValue());
    }
  }

  private void undo(Commands commands, List<Account> accounts) throws Exception {
    Commands.all(
        AT_ONCE,
        accounts.stream()
            .map(
                account ->
                    (Callable<JsonNode>)
                        () ->
                            commands
                                .post(
                                    "/v1/accounts/%s/bills/%s/void"
                                        .formatted(account.id(), world.october),
                                    "void-" + account.id(),
                                    "{\"reason\":\"wrong\",\"number\":2}")
                                .orThrow())
            .toList());
  }

  private void charge(Commands commands) throws Exception {
    Commands.all(
        AT_ONCE,
        world.debits.stream()
            .map(
                debit ->
                    (Callable<JsonNode>)
                        () ->
                            commands
                                .post(
                                    "/v1/accounts/%s/%s"
                                        .formatted(
                                            debit.account(),
                                            debit.adjustment() ? "adjustments" : "debits"),
                                    debit.name(),
                                    "{\"amount\":\"%s\",\"reason\":\"%s\"}"
                                        .formatted(
                                            (debit.adjustment()
                                                    ? debit.amount().negate()
                                                    : debit.amount())
                                                .toPlainString(),
                                            debit.name()))
                                .orThrow())
            .toList());
  }

  /**
   * A tenth of what is due by October's bills. Nothing comes behind it, so that it changes what is
   * due and the balance, and nothing else; the oracle knows where usage that came later made the
   * months cheaper, and credits would get something back.
   */
  private void note(RunningInstallation installation, Commands commands, MonthsOracle oracle)
      throws Exception {
    Map<String, List<MonthsOracle.Row>> cheaper =
        oracle.by(
            1,
            "SELECT account FROM owed WHERE bill = 3 AND month IN ('%s', '%s') GROUP BY account, month HAVING sum(cost) < 0"
                .formatted(world.september, world.october));
    int noted = 0;
    for (Account account : world.accounts) {
      String path = "/v1/accounts/%s/bills/%s".formatted(account.id(), world.october);
      JsonNode bill = installation.api().get(path);
      BigDecimal due = new BigDecimal(bill.path("amountDue").asString());
      BigDecimal note = due.movePointLeft(1).setScale(Math.max(0, due.scale()), RoundingMode.DOWN);
      if (note.signum() > 0 && !cheaper.containsKey(account.id())) {
        BigDecimal before = balance(installation, account);
        commands
            .post(
                path + "/credit-notes",
                "note-" + account.id(),
                "{\"amount\":\"%s\",\"reason\":\"outage\",\"number\":%d}"
                    .formatted(note.toPlainString(), bill.path("number").asLong()))
            .orThrow();
        comparison.same(
            "due after a note, " + account.id(),
            due.subtract(note),
            new BigDecimal(installation.api().get(path).path("leftDue").asString()));
        comparison.same(
            "balance after a note, " + account.id(),
            before.add(note),
            balance(installation, account));
        noted++;
      }
    }
    assertThat(noted).isGreaterThan(10);
  }

  private static BigDecimal balance(RunningInstallation installation, Account account)
      throws Exception {
    JsonNode balance = installation.api().get("/v1/accounts/" + account.id() + "/balance");
    return new BigDecimal(balance.path("balance").asString());
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
    finalise(commands, accounts, month, "");
  }

  private void finalise(Commands commands, List<Account> accounts, YearMonth month, String occasion)
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
                                    "finalise-" + occasion + account.id() + '-' + month,
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
    document.path("charges").forEach(charge -> ((ObjectNode) charge).remove("at"));
    if (!isFinal) {
      // In the order of the instants that are left out.
      List<String> charges = new ArrayList<>();
      document.path("charges").forEach(charge -> charges.add(charge.toString()));
      charges.sort(null);
      document.put("charges", charges.toString());
    }
    if (world.movesFreely(account) && isFinal) {
      ((ObjectNode) document.path("covers")).remove(List.of("sequenceFrom", "sequenceTo"));
    }
    return document.toString();
  }
}
