package dev.taximeter.standalone.endtoend;

import dev.taximeter.standalone.endtoend.Tariff.Customer;
import dev.taximeter.standalone.endtoend.Tariff.Key;
import dev.taximeter.standalone.endtoend.Tariff.Kind;
import java.io.BufferedWriter;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;

/**
 * A random September and October, and the first days of November: accounts in zones whose clocks
 * change, price books of all price models whose entries change within a month, plans that change
 * within a month, credits that expire within a month, and what was used. It says what happened and
 * knows nothing of what it costs. The same seed gives the same world, byte by byte.
 */
final class Months {
  private static final int ACCOUNTS = 100;
  private static final int KEYS_PER_ACCOUNT = 10;
  private static final int PERCENT = 100;

  /** Accounts whose September is made final before all of its lines have come, in percent. */
  private static final int EARLY_PERCENT = 60;

  /** Before September's early bills; between these and October's; and after all of them. */
  static final int BEFORE_BILLS = 1;

  static final int BETWEEN_BILLS = 2;
  static final int AFTER_BILLS = 3;

  static final List<String> MODELS =
      List.of(
          "qwen-plus",
          "qwen-turbo",
          "qwen-max",
          "qwen-max-2026-01-25",
          "qwen-long",
          "qwen3-coder",
          "gpt-4o-2024-08-06",
          "gpt-4o-mini",
          "gpt-4.1",
          "gpt-4.1-mini",
          "gpt-5-mini",
          "gpt-5",
          "claude-sonnet-4-20250514",
          "claude-opus-4-20250514",
          "claude-3-5-haiku",
          "deepseek-v3",
          "deepseek-r1",
          "glm-4.6",
          "text-embedding-v3",
          "kimi-k2");

  private static final List<String> PATTERNS =
      List.of(
          "*",
          "qwen*",
          "qwen-*",
          "qwen-max*",
          "qwen-max",
          "gpt-*",
          "gpt-*-mini",
          "gpt-4o*",
          "gpt-4.1",
          "claude-*",
          "claude-opus-4-20250514",
          "deepseek-*",
          "text-embedding*",
          "kimi-k2");

  /** Berlin goes back on the last Sunday of October, Auckland forward on that of September. */
  private static final List<String> ZONES =
      List.of(
          "Europe/Berlin",
          "Europe/Berlin",
          "America/New_York",
          "Asia/Shanghai",
          "Pacific/Auckland",
          "Australia/Lord_Howe",
          "Asia/Kolkata");

  /** With 2, 2, 0 and 3 digits behind the point. */
  private static final List<String> CURRENCIES = List.of("USD", "CNY", "JPY", "KWD");

  /** No digit is lost where an adjusted price has six. */
  private static final List<String> ADJUSTMENTS = List.of("-12.5", "-20", "8", "-0.4");

  private static final List<String> PER_REQUEST = List.of("0", "0.0001", "0.00000001", "0.015");
  private static final Instant NEVER = Instant.parse("2200-01-01T00:00:00Z");

  final YearMonth september;
  final YearMonth october;
  final YearMonth november;
  final List<Account> accounts = new ArrayList<>();
  final List<Book> books = new ArrayList<>();

  /**
   * The books as they should have been: some entries have other prices from the same instant on.
   */
  final List<Book> corrected = new ArrayList<>();

  /** Months that are priced again by the corrected books, once everything has been used. */
  final List<ReRating> reRatings = new ArrayList<>();

  final List<Plan> plans = new ArrayList<>();
  final List<Credit> credits = new ArrayList<>();
  final List<Fact> facts = new ArrayList<>();

  /**
   * Charged while November goes on; none if it is over, since a debit is of the day of its command.
   */
  final List<Debit> debits = new ArrayList<>();

  /** Accounts whose October is made final, voided, and made final again. */
  final Set<String> voided = new TreeSet<>();

  private final Random random;
  private final long seed;

  /**
   * @param early whether September's bill becomes final before all of its lines have come
   * @param plans by instant; the first is for all time before the next
   */
  record Account(Customer customer, boolean early, List<PlanFrom> plans) {
    String id() {
      return customer.id();
    }
  }

  record PlanFrom(Instant from, String plan) {}

  /**
   * @param adjustment whether it is an adjustment to the account's disadvantage
   */
  record Debit(String name, String account, boolean adjustment, BigDecimal amount) {}

  /**
   * @param ends the first instant that does not belong to it
   */
  record ReRating(String account, YearMonth month, Instant ends) {}

  /**
   * @param adjust percent, below 0 a discount; 0 for none
   */
  record Plan(String id, String book, String perRequest, String adjust) {}

  record Book(String id, String currency, List<Entry> entries) {}

  /**
   * @param prices the entry's own, then those of longer prompts
   */
  record Entry(String model, Instant from, List<Prices> prices) {}

  /**
   * @param above tokens that the prompt has to exceed; 0 for the entry's own
   */
  record Prices(long above, Map<Kind, Schedule> byKind) {}

  /**
   * @param kind of price: flat, graduated, volume or package
   * @param steps tiers; of a package its size and price
   */
  record Schedule(String kind, long free, List<Step> steps) {}

  /**
   * @param price per million, or of a package
   */
  record Step(long upTo, BigDecimal price) {}

  /**
   * @param file whether the catalogue's file brings it, else a command
   * @param phase it comes after the lines of the phase before, and before bills of this phase
   * @param kind grant, top-up or adjustment
   */
  record Credit(
      String name,
      String account,
      boolean file,
      int phase,
      String kind,
      int priority,
      BigDecimal amount,
      Instant effectiveFrom,
      Instant expiresAt) {
    boolean expires() {
      return expiresAt.isBefore(NEVER);
    }

    boolean begins() {
      return effectiveFrom.isAfter(Instant.EPOCH);
    }
  }

  /**
   * A request.
   *
   * @param phase in which its line comes
   */
  record Fact(
      int number,
      Account account,
      Key key,
      String model,
      Instant completion,
      Map<Kind, Long> tokens,
      int phase) {
    long of(Kind kind) {
      return tokens.getOrDefault(kind, 0L);
    }
  }

  /**
   * @param year whose November has begun
   * @param requests how many there are
   */
  Months(long seed, int year, int requests) {
    this.seed = seed;
    this.random = new Random(seed);
    this.september = YearMonth.of(year, 9);
    this.october = september.plusMonths(1);
    this.november = october.plusMonths(1);
    CURRENCIES.forEach(this::books);
    for (int i = 0; i < ACCOUNTS; i++) {
      accounts.add(account(i));
    }
    accounts.forEach(this::credits);
    for (int i = 0; i < requests; i++) {
      facts.add(fact(i));
    }
    facts.sort(Comparator.comparing(Fact::completion).thenComparing(Fact::number));
    accounts.forEach(this::decisions);
    books.forEach(this::correct);
    accounts.forEach(this::reRate);
  }

  /** A price was wrong, or an entry was forgotten that should have begun long ago. */
  private void correct(Book book) {
    List<Entry> entries = new ArrayList<>();
    for (Entry entry : book.entries()) {
      LocalDateTime from = entry.from().atOffset(ZoneOffset.UTC).toLocalDateTime();
      entries.add(random.nextInt(3) == 0 ? entry(entry.model(), from) : entry);
    }
    entries.add(entry(any(PATTERNS), anySecond().atOffset(ZoneOffset.UTC).toLocalDateTime()));
    corrected.add(new Book(book.id(), book.currency(), entries));
  }

  private void reRate(Account account) {
    ZoneId zone = account.customer().zone();
    for (YearMonth month : List.of(september, october, november)) {
      boolean used =
          facts.stream()
              .filter(fact -> fact.account().equals(account))
              .anyMatch(fact -> YearMonth.from(fact.completion().atZone(zone)).equals(month));
      if (used && random.nextInt(3) > 0) {
        reRatings.add(new ReRating(account.id(), month, start(month.plusMonths(1), zone)));
      }
    }
  }

  /** What people decide, besides credits. */
  private void decisions(Account account) {
    ZonedDateTime now = Instant.now().atZone(account.customer().zone());
    boolean goesOn = YearMonth.from(now).equals(november) && now.getDayOfMonth() < 30;
    for (int i = goesOn ? random.nextInt(3) : 0; i > 0; i--) {
      debits.add(
          new Debit(
              "%s-debit-%d".formatted(account.id(), i),
              account.id(),
              random.nextBoolean(),
              BigDecimal.valueOf(1L + random.nextInt(30_000_000), 8)));
    }
    if (random.nextInt(4) == 0) {
      voided.add(account.id());
    }
  }

  /** The latest year whose September, October and first days of November are over. */
  static int latestYear(Instant now) {
    int year = now.atZone(ZoneOffset.UTC).getYear();
    Instant over = Instant.parse(year + "-11-12T00:00:00Z");
    return now.isBefore(over) ? year - 1 : year;
  }

  private void books(String currency) {
    for (int i = 0; i < 3; i++) {
      String id = "book-%s-%d".formatted(currency.toLowerCase(Locale.ROOT), i);
      List<Entry> entries = new ArrayList<>();
      for (String pattern : PATTERNS) {
        // The first book of a currency has a price for everything, the others have not.
        if (random.nextInt(PERCENT) < 55 || (i == 0 && pattern.equals("*"))) {
          entries.add(entry(pattern, september.atDay(1).atStartOfDay().minusMonths(8)));
          for (int change = random.nextInt(3); change > 0; change--) {
            entries.add(entry(pattern, anySecond().atOffset(ZoneOffset.UTC).toLocalDateTime()));
          }
        }
      }
      books.add(new Book(id, currency, entries));
      plans.add(new Plan("plan-" + id, id, any(PER_REQUEST), "0"));
      plans.add(new Plan("adjusted-" + id, id, any(PER_REQUEST), any(ADJUSTMENTS)));
    }
  }

  private Entry entry(String pattern, LocalDateTime from) {
    Map<Kind, Schedule> own = new EnumMap<>(Kind.class);
    put(own, Kind.INPUT, 100);
    put(own, Kind.OUTPUT, pattern.startsWith("text") ? 0 : 97);
    put(own, Kind.CACHED_INPUT, 60);
    put(own, Kind.CACHE_WRITE, 35);
    put(own, Kind.REASONING, 40);
    if (random.nextInt(3) == 0) {
      own.put(Kind.REQUEST, new Schedule("flat", 0, List.of(step(Long.MAX_VALUE, 5_000_000))));
    }
    List<Prices> prices = new ArrayList<>(List.of(new Prices(0, own)));
    long above = 0;
    for (int tier = random.nextInt(10) / 7; tier > 0; tier--) {
      above += 500 + random.nextInt(3_000);
      Map<Kind, Schedule> longer = new EnumMap<>(Kind.class);
      own.forEach(
          (kind, schedule) ->
              longer.put(
                  kind,
                  kind == Kind.REQUEST
                      ? new Schedule("flat", 0, List.of(step(Long.MAX_VALUE, 9_000_000)))
                      : schedule()));
      prices.add(new Prices(above, longer));
    }
    return new Entry(pattern, from.toInstant(ZoneOffset.UTC), prices);
  }

  private void put(Map<Kind, Schedule> prices, Kind kind, int percent) {
    if (random.nextInt(PERCENT) < percent) {
      prices.put(kind, schedule());
    }
  }

  private Schedule schedule() {
    long free = random.nextInt(6) == 0 ? 1 + random.nextInt(8_000) : 0;
    return switch (random.nextInt(6)) {
      case 0, 1 -> new Schedule("graduated", free, steps(false));
      // Later tiers are mostly cheaper, so that a total can fall.
      case 2 -> new Schedule("volume", free, steps(true));
      case 3 ->
          new Schedule("package", free, List.of(step(1 + random.nextInt(20_000), 90_000_000)));
      default -> new Schedule("flat", free, List.of(step(Long.MAX_VALUE, 15_000)));
    };
  }

  private List<Step> steps(boolean falling) {
    List<Step> steps = new ArrayList<>();
    long upTo = 0;
    int most = 15_000;
    for (int tier = random.nextInt(3); tier >= 0; tier--) {
      upTo += 200 + random.nextInt(20_000);
      steps.add(step(upTo, most));
      most = falling ? most / 2 : most;
    }
    steps.add(step(Long.MAX_VALUE, most));
    return steps;
  }

  /** Prices in thousandths: adjusted by a percentage they still have at most six digits. */
  private Step step(long upTo, int mostThousandths) {
    BigDecimal price = BigDecimal.valueOf(1L + random.nextInt(mostThousandths), 3);
    // A package of some thousand tokens must not cost as much as a million of them.
    return mostThousandths > 15_000
        ? new Step(upTo, price.movePointLeft(6))
        : new Step(upTo, price);
  }

  private Account account(int number) {
    String id = "account-%03d".formatted(number);
    String currency = CURRENCIES.get(number % CURRENCIES.size());
    List<Key> keys = new ArrayList<>();
    for (int i = 0; i < KEYS_PER_ACCOUNT; i++) {
      keys.add(new Key("%s-key-%d".formatted(id, i), "sk-months-%s-%d-secret".formatted(id, i)));
    }
    ZoneId zone = ZoneId.of(any(ZONES));
    List<Plan> possible =
        plans.stream().filter(plan -> book(plan).currency().equals(currency)).toList();
    List<PlanFrom> from = new ArrayList<>();
    from.add(new PlanFrom(Instant.EPOCH, any(possible).id()));
    Stream.generate(this::anySecond)
        .limit(random.nextInt(3))
        .sorted()
        .forEach(at -> from.add(new PlanFrom(at, any(possible).id())));
    // Prices and plans are the world's own affair: the customer only says who it is.
    Customer customer = new Customer(id, currency, zone, "", BigDecimal.ZERO, keys);
    return new Account(customer, random.nextInt(PERCENT) < EARLY_PERCENT, from);
  }

  private Book book(Plan plan) {
    return books.stream().filter(book -> book.id().equals(plan.book())).findFirst().orElseThrow();
  }

  private void credits(Account account) {
    int count = random.nextInt(6);
    for (int i = 0; i < count; i++) {
      String name = "%s-credit-%d".formatted(account.id(), i);
      BigDecimal amount = BigDecimal.valueOf(1L + random.nextInt(60_000_000), 8);
      boolean file = random.nextInt(3) == 0;
      int phase = file || random.nextInt(3) > 0 ? BEFORE_BILLS : BETWEEN_BILLS;
      boolean adjustment = !file && random.nextInt(6) == 0;
      // What comes when usage is counted already begins and ends with full quarters of an hour.
      boolean whole = !file && (phase == BETWEEN_BILLS || i % 2 == 1);
      Instant expiry = random.nextInt(4) == 0 ? NEVER : boundary(whole);
      Instant start = file || random.nextInt(3) > 0 ? Instant.EPOCH : boundary(whole);
      if (adjustment || !start.isBefore(expiry)) {
        start = Instant.EPOCH;
      }
      credits.add(
          new Credit(
              name,
              account.id(),
              file,
              phase,
              adjustment ? "adjustment" : file || random.nextBoolean() ? "grant" : "top-up",
              file || adjustment ? 100 : random.nextInt(1_001),
              amount,
              start,
              adjustment ? NEVER : expiry));
    }
  }

  /** Whether a credit has to be given before any line is shipped. */
  static boolean isFine(Credit credit) {
    return Stream.of(credit.effectiveFrom(), credit.expiresAt())
        .anyMatch(at -> at.toEpochMilli() % Duration.ofMinutes(15).toMillis() != 0);
  }

  private Instant boundary(boolean whole) {
    Instant any = anySecond().plusMillis(random.nextInt(1_000));
    return whole
        ? Instant.ofEpochMilli(any.toEpochMilli() / 900_000 * 900_000)
        : any.truncatedTo(ChronoUnit.MILLIS);
  }

  /** Some second from the fourth of September to the end of October. */
  private Instant anySecond() {
    Instant from = september.atDay(4).atStartOfDay().toInstant(ZoneOffset.UTC);
    return from.plusSeconds(random.nextInt((int) Duration.ofDays(57).toSeconds()));
  }

  private Fact fact(int number) {
    Account account = any(accounts);
    // Some keys are used a lot and some hardly ever.
    int key = Math.min(random.nextInt(KEYS_PER_ACCOUNT), random.nextInt(KEYS_PER_ACCOUNT));
    String model = any(MODELS);
    Map<Kind, Long> tokens = new EnumMap<>(Kind.class);
    tokens.put(Kind.INPUT, 1L + random.nextInt(random.nextInt(20) == 0 ? 20_000 : 1_500));
    tokens.put(Kind.OUTPUT, model.startsWith("text") ? 0L : random.nextInt(900));
    if (random.nextInt(3) == 0) {
      if (model.startsWith("claude")) {
        tokens.put(Kind.CACHED_INPUT, tokens.get(Kind.INPUT) + 1 + random.nextInt(4_000));
        tokens.put(Kind.CACHE_WRITE, 1L + random.nextInt(800));
      } else if (!model.startsWith("text")) {
        tokens.put(Kind.CACHED_INPUT, 1L + random.nextInt(2_500));
        tokens.put(Kind.REASONING, 1L + random.nextInt(600));
      }
    }
    int ticket = random.nextInt(PERCENT);
    int phase = ticket < 70 ? BEFORE_BILLS : ticket < 95 ? BETWEEN_BILLS : AFTER_BILLS;
    return new Fact(
        number,
        account,
        account.customer().keys().get(key),
        model,
        completion(account),
        tokens,
        phase);
  }

  private Instant completion(Account account) {
    ZoneId zone = account.customer().zone();
    Instant from = start(september, zone);
    Instant to = start(november, zone).plus(Duration.ofDays(9));
    long span = Duration.between(from, to).toMillis();
    Instant any = from.plusMillis((long) (random.nextDouble() * span));
    if (random.nextInt(12) > 0) {
      return any;
    }
    Instant beside = edge(account, any).plusMillis(random.nextInt(3) - 1L);
    return beside.isBefore(from) || !beside.isBefore(to) ? any : beside;
  }

  /** An instant at which something else begins for the account. */
  private Instant edge(Account account, Instant near) {
    ZoneId zone = account.customer().zone();
    return switch (random.nextInt(6)) {
      case 0 -> start(YearMonth.from(near.atZone(zone)), zone);
      case 1 -> near.atZone(zone).toLocalDate().atStartOfDay(zone).toInstant();
      case 2 -> any(account.plans()).from();
      case 3 -> {
        var change = zone.getRules().nextTransition(start(september, zone));
        yield change == null ? near : change.getInstant();
      }
      case 4 -> any(any(books).entries()).from();
      default -> {
        List<Credit> own =
            credits.stream().filter(credit -> credit.account().equals(account.id())).toList();
        yield own.isEmpty() ? near : any(own).expiresAt();
      }
    };
  }

  private static Instant start(YearMonth month, ZoneId zone) {
    return month.atDay(1).atStartOfDay(zone).toInstant();
  }

  private <T> T any(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  /**
   * In which phase a fact's line comes when the months are played again. Whether September's bill
   * of an account was early decides what must not change sides; half of the accounts use that
   * freedom.
   */
  int phaseOfReplay(Fact fact) {
    ZoneId zone = fact.account().customer().zone();
    boolean onSeptembersBill = YearMonth.from(fact.completion().atZone(zone)).equals(september);
    boolean free = movesFreely(fact.account()) && !(fact.account().early() && onSeptembersBill);
    return free && fact.phase() != AFTER_BILLS ? BEFORE_BILLS + fact.number() % 2 : fact.phase();
  }

  /** Whether some of the account's lines come before another bill when played again. */
  boolean movesFreely(Account account) {
    return accounts.indexOf(account) % 2 == 0;
  }

  /**
   * Writes the lines of a phase in the order of completion. Some stand there twice, and some have
   * come in the phase before.
   */
  List<Path> write(Path directory, int phase, int files) throws IOException {
    return write(directory, phase, files, Fact::phase, null);
  }

  /** Writes the lines of a phase in another order, and to other files. */
  List<Path> writeAgain(Path directory, int phase, int files, Random order) throws IOException {
    return write(directory, phase, files, this::phaseOfReplay, order);
  }

  private List<Path> write(
      Path directory, int phase, int files, ToIntFunction<Fact> phases, Random order)
      throws IOException {
    Map<Integer, String> lines = lines();
    List<String> all = new ArrayList<>();
    for (Fact fact : facts) {
      int own = phases.applyAsInt(fact);
      if (own == phase || (own == phase - 1 && fact.number() % 97 == 0)) {
        all.add(lines.get(fact.number()));
      }
      if (own == phase && fact.number() % 40 == 0) {
        all.add(lines.get(fact.number()));
      }
    }
    if (order != null) {
      Collections.shuffle(all, order);
    }
    List<Path> written = new ArrayList<>();
    for (int i = 0; i < files; i++) {
      Path file = directory.resolve("phase-%d-%d.log".formatted(phase, i));
      try (BufferedWriter writer = Files.newBufferedWriter(file)) {
        for (String line : all.subList(all.size() * i / files, all.size() * (i + 1) / files)) {
          writer.write(line);
          writer.write('\n');
        }
      }
      written.add(file);
    }
    if (order != null) {
      Collections.shuffle(written, order);
    }
    return written;
  }

  /** The line of each fact; the same at every call. */
  private Map<Integer, String> lines() {
    Tariff tariff =
        new Tariff(accounts.stream().map(Account::customer).toList(), List.of(), List.of());
    LoadGenerator generator =
        new LoadGenerator(
            tariff, new Oracle(tariff), seed, seed, true, Instant.EPOCH, Instant.EPOCH);
    Map<Integer, String> lines = new TreeMap<>();
    for (Fact fact : facts) {
      lines.put(
          fact.number(),
          generator.line(
              fact.account().customer(),
              fact.key(),
              fact.model(),
              fact.completion(),
              fact.tokens()));
    }
    return lines;
  }

  /** The catalogue file. */
  String yaml() {
    StringBuilder yaml = new StringBuilder("accounts:\n");
    for (Account account : accounts) {
      Customer customer = account.customer();
      yaml.append("  - id: %s\n    currency: %s\n".formatted(account.id(), customer.currency()))
          .append("    timezone: %s\n".formatted(customer.zone()))
          .append("    plan: %s\n".formatted(account.plans().get(0).plan()));
      List<PlanFrom> changes = account.plans().subList(1, account.plans().size());
      yaml.append(changes.isEmpty() ? "" : "    planChanges:\n");
      for (PlanFrom change : changes) {
        yaml.append("      - { from: %s, plan: %s }\n".formatted(change.from(), change.plan()));
      }
      yaml.append("    keys:\n");
      for (Key key : customer.keys()) {
        yaml.append("      - { name: %s, secret: %s }\n".formatted(key.name(), key.secret()));
      }
    }
    yaml.append(yaml(books));
    yaml.append("plans:\n");
    for (Plan plan : plans) {
      BigDecimal adjust = new BigDecimal(plan.adjust());
      yaml.append("  - { id: %s, priceBook: %s".formatted(plan.id(), plan.book()))
          .append(", perRequest: \"%s\"".formatted(plan.perRequest()));
      if (adjust.signum() != 0) {
        yaml.append(
            adjust.signum() < 0
                ? ", discountPercent: \"%s\"".formatted(adjust.negate().toPlainString())
                : ", markupPercent: \"%s\"".formatted(adjust.toPlainString()));
      }
      yaml.append(" }\n");
    }
    yaml.append("credits:\n");
    for (Credit credit : credits) {
      if (credit.file()) {
        yaml.append("  - { id: %s, account: %s".formatted(credit.name(), credit.account()))
            .append(", amount: \"%s\"".formatted(credit.amount().toPlainString()))
            .append(
                credit.expires() ? ", expiresAt: %s }\n".formatted(credit.expiresAt()) : " }\n");
      }
    }
    return yaml.toString();
  }

  /** What the file says of books. */
  static String yaml(List<Book> books) {
    StringBuilder yaml = new StringBuilder();
    yaml.append("priceBooks:\n");
    for (Book book : books) {
      yaml.append("  - id: %s\n    currency: %s\n".formatted(book.id(), book.currency()))
          .append("    prices:\n");
      for (Entry entry : book.entries()) {
        yaml.append("      - model: \"%s\"\n".formatted(entry.model()))
            .append("        effectiveFrom: %s\n".formatted(entry.from()));
        append(yaml, "        ", entry.prices().get(0));
        List<Prices> longer = entry.prices().subList(1, entry.prices().size());
        yaml.append(longer.isEmpty() ? "" : "        contextTiers:\n");
        for (Prices prices : longer) {
          yaml.append("          - above: %d\n".formatted(prices.above()));
          append(yaml, "            ", prices);
        }
      }
    }
    return yaml.toString();
  }

  private static void append(StringBuilder yaml, String indent, Prices prices) {
    Map<String, StringBuilder> fields = new TreeMap<>();
    StringBuilder free = new StringBuilder();
    prices
        .byKind()
        .forEach(
            (kind, schedule) -> {
              if (kind == Kind.REQUEST) {
                BigDecimal price = schedule.steps().get(0).price();
                fields.put("perRequest", new StringBuilder("\"" + price.toPlainString() + "\""));
                return;
              }
              String field = schedule.kind().equals("flat") ? "perMillion" : schedule.kind();
              StringBuilder text = fields.computeIfAbsent(field, first -> new StringBuilder());
              text.append(text.isEmpty() ? "" : ", ")
                  .append(kind.billName)
                  .append(": ")
                  .append(text(schedule));
              if (schedule.free() > 0) {
                free.append(free.isEmpty() ? "" : ", ")
                    .append("%s: %d".formatted(kind.billName, schedule.free()));
              }
            });
    fields.forEach(
        (field, text) ->
            yaml.append(indent)
                .append(field)
                .append(field.equals("perRequest") ? ": " + text : ": { " + text + " }")
                .append('\n'));
    if (!free.isEmpty()) {
      yaml.append(indent).append("free: { ").append(free).append(" }\n");
    }
  }

  private static String text(Schedule schedule) {
    Step first = schedule.steps().get(0);
    if (schedule.kind().equals("flat")) {
      return "\"" + first.price().toPlainString() + "\"";
    } else if (schedule.kind().equals("package")) {
      return "{ tokens: %d, price: \"%s\" }".formatted(first.upTo(), first.price().toPlainString());
    }
    List<String> tiers = new ArrayList<>();
    for (Step step : schedule.steps()) {
      String end = step.upTo() == Long.MAX_VALUE ? "" : "upTo: %d, ".formatted(step.upTo());
      tiers.add("{ %sperMillion: \"%s\" }".formatted(end, step.price().toPlainString()));
    }
    return "[ " + String.join(", ", tiers) + " ]";
  }
}
