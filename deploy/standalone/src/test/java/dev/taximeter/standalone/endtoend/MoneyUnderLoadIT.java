package dev.taximeter.standalone.endtoend;

import static dev.taximeter.standalone.endtoend.Comparison.decimal;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.json.Json;
import dev.taximeter.standalone.backfill.RestClient;
import dev.taximeter.standalone.endtoend.Commands.Answer;
import dev.taximeter.standalone.endtoend.Tariff.Customer;
import dev.taximeter.standalone.endtoend.Tariff.Key;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What is promised about money while much happens at once, on the real processes: all answers show
 * one number at one sequence number, and every command is decided once, whatever is killed.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class MoneyUnderLoadIT {
  private static final long SEED = Long.getLong("taximeter.load.seed", 4711);

  private static final Duration LOAD = Duration.ofSeconds(20);

  /** A machine that has other work needs longer for as many answers to meet. */
  private static final Duration LONGEST_LOAD = Duration.ofSeconds(100);

  private static final Duration LAST_LOOKS = Duration.ofSeconds(3);
  private static final int LEAST_COMPARED = 3_000;
  private static final int LEAST_PAIRS = 1_000;
  private static final int LINES_PER_SECOND = 350;
  private static final int STEPS_PER_SECOND = 10;

  /** Accounts that have lines at the same time; the others rest, so that history catches up. */
  private static final int BUSY_ACCOUNTS = 2;

  private static final Duration SHIFT = Duration.ofMillis(1_200);

  private static final int DESK_ACCOUNTS = 12;
  private static final int ENDED_MONTHS = 3;
  private static final int DESK_LINES = 1_500;
  private static final int ROUNDS = 9;

  /** About as long as a round's commands take, so that a kill meets all of their stages. */
  private static final int LATEST_KILL_MILLIS = 700;

  private final Instant to =
      Instant.now().minus(Duration.ofHours(1)).truncatedTo(ChronoUnit.SECONDS);
  private final Instant from = to.minus(Duration.ofDays(45));
  private final Tariff tariff =
      Tariff.usual(to.minus(Duration.ofDays(20)).truncatedTo(ChronoUnit.HOURS));
  private final Oracle oracle = new Oracle(tariff);
  private final Tariff desk = desk(tariff);

  @TempDir private static Path directory;
  private Path log;
  private RunningInstallation installation;
  private RestClient api;

  /** Accounts whose money is decided by commands; every third is prepaid. */
  private static Tariff desk(Tariff prices) {
    List<Customer> customers = new ArrayList<>();
    for (int i = 0; i < DESK_ACCOUNTS; i++) {
      String id = "desk-%02d".formatted(i);
      Customer like = prices.customers().get(i % 2);
      customers.add(
          new Customer(
              id,
              like.currency(),
              ZoneId.of(i % 4 == 0 ? "Pacific/Auckland" : "UTC"),
              like.book(),
              like.perRequest(),
              List.of(new Key(id + "-key", "sk-test-" + id + "-secret"))));
    }
    return new Tariff(customers, prices.books(), List.of());
  }

  private static boolean isPrepaid(int number) {
    return number % 3 == 0;
  }

  @BeforeAll
  void start() throws Exception {
    log = directory.resolve("access.log");
    String yaml = Tariff.together(List.of(tariff, desk)).yaml();
    for (int i = 0; i < DESK_ACCOUNTS; i += 3) {
      String line = "  - id: desk-%02d\n".formatted(i);
      assertThat(yaml).contains(line);
      yaml = yaml.replace(line, line + "    billing: prepaid\n");
    }
    installation = RunningInstallation.start(directory, yaml, List.of(log), "money-under-load");
    api = installation.api();
  }

  @AfterAll
  void stop() throws Exception {
    if (installation != null) {
      installation.close();
    }
  }

  // One number ----------------------------------------------------------------------------------

  @Test
  @Order(1)
  void allAnswersShowOneNumberAtOneSequenceNumber() throws Exception {
    OneNumber numbers = new OneNumber();
    AtomicBoolean ended = new AtomicBoolean();
    ExecutorService readers = Executors.newFixedThreadPool(8);
    long lines;
    try {
      BooleanSupplier goesOn = () -> !ended.get();
      List<Future<?>> work = new ArrayList<>();
      for (Callable<Void> reader :
          List.<Callable<Void>>of(
              () -> read(goesOn, customer -> balance(customer, numbers)),
              () -> read(goesOn, customer -> balance(customer, numbers)),
              () -> read(goesOn, customer -> bills(customer, numbers)),
              () -> read(goesOn, customer -> previews(customer, numbers)),
              () -> read(goesOn, customer -> previews(customer, numbers)),
              () -> read(goesOn, customer -> usage(customer, numbers)),
              () -> read(goesOn, customer -> usageByMonth(customer, numbers)),
              () -> livePages(goesOn, numbers))) {
        work.add(readers.submit(reader));
      }
      lines = writeLines(numbers);
      Thread.sleep(LAST_LOOKS.toMillis());
      ended.set(true);
      for (Future<?> done : work) {
        done.get();
      }
    } finally {
      ended.set(true);
      readers.shutdownNow();
    }
    System.out.printf(
        "One number: %,d lines; %,d answers, %,d compared with another; %,d pairs at %,d sequence"
            + " numbers; %d differ%n",
        lines,
        numbers.answers(),
        numbers.compared(),
        numbers.pairs(),
        numbers.places(),
        numbers.differences().size());
    numbers.pairsByKinds().forEach((kinds, count) -> System.out.printf("  %s: %s%n", kinds, count));
    assertThat(numbers.differences()).isEmpty();
    assertThat(numbers.compared()).as("answers compared").isGreaterThan(LEAST_COMPARED);
    assertThat(numbers.pairs()).as("pairs").isGreaterThan(LEAST_PAIRS);
    assertThat(numbers.pairsByKinds().keySet())
        .as("kinds of answers that met")
        .contains("balance = bills", "balance = live", "balance = usage", "bill = bills");
    RunningInstallation.eventually(() -> new Answers(api, tariff, from, to).assertMatch(oracle));
  }

  /** Some hundred lines a second, of a few accounts at a time, until enough answers have met. */
  private long writeLines(OneNumber numbers) throws Exception {
    List<LoadGenerator> generators = new ArrayList<>();
    for (Customer customer : tariff.customers()) {
      Tariff alone = new Tariff(List.of(customer), tariff.books(), tariff.grants());
      generators.add(new LoadGenerator(alone, oracle, SEED + generators.size(), from, to));
    }
    long start = System.nanoTime();
    long steps = LOAD.toSeconds() * STEPS_PER_SECOND;
    long mostSteps = LONGEST_LOAD.toSeconds() * STEPS_PER_SECOND;
    long written = 0;
    for (int step = 0; step < steps || (step < mostSteps && isTooFew(numbers)); step++) {
      int shift = (int) (step * 1_000L / STEPS_PER_SECOND / SHIFT.toMillis());
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < LINES_PER_SECOND / STEPS_PER_SECOND; i++) {
        int busy = (shift * BUSY_ACCOUNTS + i % BUSY_ACCOUNTS) % generators.size();
        text.append(generators.get(busy).next(2, 1)).append('\n');
        written++;
      }
      Files.writeString(log, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      long next = start + Duration.ofMillis((step + 1) * 1_000L / STEPS_PER_SECOND).toNanos();
      Thread.sleep(Math.max(0, (next - System.nanoTime()) / 1_000_000));
    }
    return written;
  }

  private static boolean isTooFew(OneNumber numbers) {
    return numbers.compared() <= LEAST_COMPARED || numbers.pairs() <= LEAST_PAIRS;
  }

  private interface Reader {
    void read(Customer customer) throws Exception;
  }

  private Void read(BooleanSupplier goesOn, Reader reader) throws Exception {
    while (goesOn.getAsBoolean()) {
      for (Customer customer : tariff.customers()) {
        reader.read(customer);
      }
    }
    return null;
  }

  private static long sequence(JsonNode answer) {
    return answer.path("asOf").path("sequence").asLong(-1);
  }

  private void balance(Customer customer, OneNumber numbers) throws Exception {
    JsonNode answer = api.get("/v1/accounts/" + customer.id() + "/balance");
    numbers.tell(
        "balance",
        customer.id(),
        sequence(answer),
        Map.of("spent", decimal(answer, "spent"), "balance", decimal(answer, "balance")));
  }

  /** The months of the list add up to what was spent. */
  private void bills(Customer customer, OneNumber numbers) throws Exception {
    JsonNode answer = api.get("/v1/accounts/" + customer.id() + "/bills");
    Map<String, BigDecimal> figures = new TreeMap<>();
    BigDecimal sum = BigDecimal.ZERO;
    for (JsonNode bill : answer.path("items")) {
      String period = bill.path("period").asString();
      sum = sum.add(decimal(bill, "exactTotal"));
      figures.put("usage of " + period, decimal(bill, "exactTotal"));
      figures.put("due for " + period, decimal(bill, "amountDue"));
      figures.put("requests of " + period, BigDecimal.valueOf(bill.path("requests").asLong()));
    }
    figures.put("spent", sum);
    numbers.tell("bills", customer.id(), sequence(answer), figures);
  }

  /** The lines of a bill add up to its total. */
  private void previews(Customer customer, OneNumber numbers) throws Exception {
    for (YearMonth month : months(customer)) {
      JsonNode bill = api.get("/v1/accounts/%s/bills/%s".formatted(customer.id(), month));
      BigDecimal sum = BigDecimal.ZERO;
      for (JsonNode line : bill.path("lines")) {
        sum = sum.add(decimal(line, "amount"));
      }
      assertThat(sum).isEqualByComparingTo(decimal(bill, "exactTotal"));
      numbers.tell(
          "bill",
          customer.id(),
          sequence(bill),
          Map.of(
              "usage of " + month,
              sum,
              "due for " + month,
              decimal(bill, "amountDue"),
              "requests of " + month,
              BigDecimal.valueOf(bill.path("requests").asLong())));
    }
  }

  private List<YearMonth> months(Customer customer) {
    List<YearMonth> months = new ArrayList<>();
    YearMonth last = YearMonth.from(to.atZone(customer.zone()));
    for (YearMonth month = YearMonth.from(from.atZone(customer.zone()));
        !month.isAfter(last);
        month = month.plusMonths(1)) {
      months.add(month);
    }
    return months;
  }

  /**
   * History says by itself whether it is exactly the events up to its sequence number; only then it
   * promises anything.
   */
  private void usage(Customer customer, OneNumber numbers) throws Exception {
    JsonNode answer = history(customer, "groupBy=key,model");
    BigDecimal sum = BigDecimal.ZERO;
    for (JsonNode row : answer.path("rows")) {
      sum = sum.add(decimal(row, "cost"));
    }
    if (answer.path("asOf").path("exact").asBoolean()) {
      numbers.tell("usage", customer.id(), sequence(answer), Map.of("spent", sum));
    }
  }

  private void usageByMonth(Customer customer, OneNumber numbers) throws Exception {
    JsonNode answer = history(customer, "granularity=month");
    Map<String, BigDecimal> figures = new TreeMap<>();
    for (JsonNode row : answer.path("rows")) {
      YearMonth month =
          YearMonth.from(Instant.parse(row.path("start").asString()).atZone(customer.zone()));
      figures.put("usage of " + month, decimal(row, "cost"));
      figures.put("requests of " + month, BigDecimal.valueOf(row.path("requests").asLong()));
    }
    if (answer.path("asOf").path("exact").asBoolean()) {
      numbers.tell("usage by month", customer.id(), sequence(answer), figures);
    }
  }

  private JsonNode history(Customer customer, String what) throws Exception {
    return api.get(
        "/v1/usage?account=%s&from=%s&to=%s&%s"
            .formatted(customer.id(), from.minus(Duration.ofDays(1)), to, what));
  }

  /** Looks at the live page as a browser does that is opened, and kept open for some seconds. */
  private Void livePages(BooleanSupplier goesOn, OneNumber numbers) throws Exception {
    HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    String url = installation.data().instance().orElseThrow().apiUrl();
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url + "/v1/live"))
            .header("Authorization", "Bearer " + installation.data().adminToken())
            .build();
    while (goesOn.getAsBoolean()) {
      HttpResponse<InputStream> response =
          http.send(request, HttpResponse.BodyHandlers.ofInputStream());
      assertThat(response.statusCode()).isEqualTo(200);
      try (BufferedReader lines =
          new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
        for (int messages = 0; messages < 2 && goesOn.getAsBoolean(); ) {
          String line = lines.readLine();
          if (line != null && line.startsWith("data:")) {
            messages++;
            livePage(Json.MAPPER.readTree(line.substring("data:".length())), numbers);
          }
        }
      }
    }
    return null;
  }

  private static void livePage(JsonNode message, OneNumber numbers) {
    for (JsonNode account : message.path("accounts")) {
      numbers.tell(
          "live",
          account.path("account").asString(),
          account.path("sequence").asLong(-1),
          Map.of("spent", decimal(account, "spent"), "balance", decimal(account, "balance")));
    }
  }

  // Decided once --------------------------------------------------------------------------------

  /** A command that was sent, and how it was answered. */
  private record Sent(String account, String path, String key, String body, Answer answer) {}

  private final List<Sent> sent = Collections.synchronizedList(new ArrayList<>());

  @Test
  @Order(2)
  void everyCommandIsDecidedOnceWhateverIsKilled() throws Exception {
    Path file = directory.resolve("desk.log");
    Instant last =
        to.atZone(ZoneOffset.UTC)
            .toLocalDate()
            .withDayOfMonth(1)
            .atStartOfDay()
            .toInstant(ZoneOffset.UTC);
    Instant first =
        YearMonth.from(last.atZone(ZoneOffset.UTC))
            .minusMonths(ENDED_MONTHS)
            .atDay(1)
            .atStartOfDay()
            .toInstant(ZoneOffset.UTC);
    Oracle deskOracle = new Oracle(desk);
    new LoadGenerator(
            desk,
            deskOracle,
            SEED + 100,
            first.plus(Duration.ofDays(1)),
            last.minus(Duration.ofDays(1)))
        .write(file, DESK_LINES, 0, 0);
    installation.ship(file);

    Random random = new Random(SEED);
    Commands commands = new Commands(installation.data());
    List<String> kills = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      String victim = round % 4 == 3 ? "api" : "metering";
      int delay = random.nextInt(LATEST_KILL_MILLIS);
      kills.add(victim + " after " + delay + " ms");
      round(
          commands,
          round,
          () -> {
            Thread.sleep(delay);
            installation.kill(victim);
            return null;
          });
    }
    System.out.printf(
        "Decided once: %,d commands, %,d sent again, %d kills: %s%n",
        sent.size(), commands.repeated(), kills.size(), kills);

    repeatEverything(commands);
    for (int i = 0; i < DESK_ACCOUNTS; i++) {
      assertLedger(desk.customers().get(i), i);
    }
    assertThat(commands.repeated()).as("commands that were sent again").isPositive();
    installation.awaitCleanAudit();
  }

  /** What the clients of all accounts do at once, and what is killed meanwhile. */
  private void round(Commands commands, int round, Callable<Void> kill) throws Exception {
    List<Callable<Void>> work = new ArrayList<>(List.of(kill));
    for (int i = 0; i < DESK_ACCOUNTS; i++) {
      int number = i;
      work.add(() -> client(commands, number, round));
    }
    Commands.all(work.size(), work);
  }

  private Void client(Commands commands, int number, int round) throws Exception {
    String account = desk.customers().get(number).id();
    Random random = new Random(SEED + round * 1_000L + number);
    Thread.sleep(random.nextInt(LATEST_KILL_MILLIS / 2));
    String base = "/v1/accounts/" + account;
    List<Callable<Void>> steps = new ArrayList<>();
    steps.add(
        () ->
            send(
                commands,
                account,
                base + "/credits",
                "credit-" + round,
                "{\"kind\": \"top-up\", \"amount\": \"%d.25\", \"reason\": \"credit-%d\"}"
                    .formatted(2 + random.nextInt(3), round)));
    steps.add(
        () ->
            send(
                commands,
                account,
                base + "/debits",
                "debit-" + round,
                "{\"amount\": \"%d.125\", \"reason\": \"debit-%d\"}"
                    .formatted(1 + random.nextInt(4), round)));
    if (round % ENDED_MONTHS == ENDED_MONTHS - 1 - number % ENDED_MONTHS) {
      YearMonth month = ended().get(round / ENDED_MONTHS);
      steps.add(
          () ->
              send(commands, account, base + "/bills/" + month + "/finalize", "bill-" + month, ""));
    }
    Collections.shuffle(steps, random);
    for (Callable<Void> step : steps) {
      step.call();
    }
    return null;
  }

  private List<YearMonth> ended() {
    YearMonth current = YearMonth.from(to.atZone(ZoneOffset.UTC));
    List<YearMonth> months = new ArrayList<>();
    for (int i = ENDED_MONTHS; i > 0; i--) {
      months.add(current.minusMonths(i));
    }
    return months;
  }

  /** Two clients send the same, since retries cross in practice, too. */
  private Void send(Commands commands, String account, String path, String key, String body)
      throws Exception {
    String own = account + "-" + key;
    List<Answer> answers =
        Commands.all(
            2,
            List.<Callable<Answer>>of(
                () -> commands.post(path, own, body), () -> commands.post(path, own, body)));
    assertThat(decided(answers.get(1))).as(own).isEqualTo(decided(answers.get(0)));
    sent.add(new Sent(account, path, own, body, answers.get(0)));
    return null;
  }

  /** What was decided, less when the answer was made. */
  private static String decided(Answer answer) {
    JsonNode body = answer.body().deepCopy();
    if (body instanceof ObjectNode object) {
      object.remove(List.of("asOf", "notes", "notesTotal"));
    }
    return answer.status() + " " + body;
  }

  /** The same requests long after: the same answers, and nothing new. */
  private void repeatEverything(Commands commands) throws Exception {
    List<Callable<Void>> work = new ArrayList<>();
    for (Sent before : List.copyOf(sent)) {
      work.add(
          () -> {
            Answer again = commands.post(before.path(), before.key(), before.body());
            assertThat(decided(again)).as(before.key()).isEqualTo(decided(before.answer()));
            return null;
          });
    }
    Commands.all(8, work);
    Sent some =
        sent.stream().filter(it -> it.path().endsWith("/credits")).findFirst().orElseThrow();
    Answer other =
        commands.post(some.path(), some.key(), "{\"kind\": \"top-up\", \"amount\": \"99\"}");
    assertThat(other.problem()).isEqualTo("idempotency-key-reused");
  }

  private void assertLedger(Customer customer, int number) throws Exception {
    String base = "/v1/accounts/" + customer.id();
    List<Sent> own = sent.stream().filter(it -> it.account().equals(customer.id())).toList();
    long postings =
        own.stream()
            .filter(it -> it.answer().accepted() && !it.path().endsWith("finalize"))
            .count();
    Map<String, Integer> reasons = new HashMap<>();
    Map<String, BigDecimal> sums = new TreeMap<>();
    List<Long> bills = new ArrayList<>();
    long[] next = {1};
    RunningInstallation.eventually(
        () -> {
          reasons.clear();
          sums.clear();
          bills.clear();
          next[0] = 1;
          for (JsonNode posting : api.get(base + "/ledger?limit=1000").path("items")) {
            assertThat(posting.path("number").asLong()).as("numbers").isEqualTo(next[0]++);
            add(posting, reasons, sums, bills);
          }
          assertThat(reasons)
              .as("postings of commands of " + customer.id())
              .hasSize((int) postings);
        });
    assertThat(reasons.values()).as("each command once").allMatch(count -> count == 1);
    for (Sent each : own) {
      boolean isBill = each.path().endsWith("finalize");
      String reason = each.key().substring(customer.id().length() + 1);
      if (!isBill) {
        assertThat(reasons.containsKey(reason)).as(each.key()).isEqualTo(each.answer().accepted());
      }
      if (!each.answer().accepted()) {
        assertThat(isPrepaid(number)).as("refused: " + each).isTrue();
        assertThat(each.answer().problem()).isEqualTo("insufficient-balance");
      }
    }
    // A bill that credits pay to the last digit moves nothing.
    assertThat(bills).as("bills of " + customer.id()).doesNotHaveDuplicates().isSorted();
    assertThat(sums.values().stream().reduce(BigDecimal.ZERO, BigDecimal::add)).isZero();
    assertThat(
            sums.entrySet().stream()
                .filter(
                    sum ->
                        List.of("credits", "unbilled", "receivable", "rounding")
                            .contains(sum.getKey()))
                .map(Map.Entry::getValue)
                .reduce(BigDecimal.ZERO, BigDecimal::add)
                .negate())
        .as("balance of " + customer.id())
        .isEqualByComparingTo(decimal(api.get(base + "/balance"), "balance"));
    assertThat(numbers(api.get(base + "/bills"))).containsExactly(3L, 2L, 1L);
  }

  private static void add(
      JsonNode posting,
      Map<String, Integer> reasons,
      Map<String, BigDecimal> sums,
      List<Long> bills) {
    BigDecimal zero = BigDecimal.ZERO;
    for (JsonNode entry : posting.path("entries")) {
      zero = zero.add(decimal(entry, "amount"));
      sums.merge(entry.path("ledger").asString(), decimal(entry, "amount"), BigDecimal::add);
    }
    assertThat(zero).as("posting " + posting).isZero();
    String kind = posting.path("kind").asString();
    if (kind.equals("bill")) {
      bills.add(posting.path("bill").asLong());
    } else if (posting.has("author")) {
      reasons.merge(posting.path("reason").asString(), 1, Integer::sum);
    }
  }

  private static List<Long> numbers(JsonNode list) {
    List<Long> numbers = new ArrayList<>();
    for (JsonNode bill : list.path("items")) {
      if (bill.has("number")) {
        numbers.add(bill.path("number").asLong());
      }
    }
    return numbers;
  }
}
