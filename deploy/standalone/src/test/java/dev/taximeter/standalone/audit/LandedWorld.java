package dev.taximeter.standalone.audit;

import dev.taximeter.contract.catalog.Account;
import dev.taximeter.contract.catalog.AccountDetails;
import dev.taximeter.contract.catalog.AccountTerms;
import dev.taximeter.contract.catalog.Plan;
import dev.taximeter.contract.catalog.PlanChange;
import dev.taximeter.contract.catalog.PriceBook;
import dev.taximeter.contract.catalog.PriceEntry;
import dev.taximeter.contract.catalog.PriceSchedule;
import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.event.AccountRecord;
import dev.taximeter.contract.event.AccountState;
import dev.taximeter.contract.event.AccountState.BillLine;
import dev.taximeter.contract.event.AccountState.Charge;
import dev.taximeter.contract.event.AccountState.CreditKind;
import dev.taximeter.contract.event.AccountState.CreditState;
import dev.taximeter.contract.event.AccountState.ReRated;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.FinalBill;
import dev.taximeter.contract.event.LedgerPosting;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.event.UsageEvent;
import dev.taximeter.contract.event.UsageWindow;
import dev.taximeter.contract.json.Json;
import dev.taximeter.contract.money.Decimals;
import dev.taximeter.streams.account.policy.Credit;
import dev.taximeter.streams.account.policy.LineKey;
import dev.taximeter.streams.account.policy.PeriodBook;
import dev.taximeter.streams.account.policy.Rater;
import dev.taximeter.streams.account.policy.Rating;
import dev.taximeter.streams.account.policy.Wallet;
import dev.taximeter.streams.account.policy.Windows;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Some months of landed usage of five accounts, priced by metering's own policies: the audit has to
 * come to the same results by other means. Terms change on the way, prices have all kinds of
 * patterns and schedules, and completions sit on the edges of months.
 */
final class LandedWorld {
  static final String FLAT = "acme";
  static final String TIERED = "globex";
  static final String ODD_ZONE = "kolkata";
  static final String UNATTRIBUTED = "unattributed:0123456789abcdef";

  static final String ALL_MODELS = "initech";

  /** Has credit notes, and became cheaper than they leave of its bill. */
  static final String NOTED = "hooli";

  /** Columns that later steps of the schema added, behind all others. */
  private static final Map<String, String> LATER_COLUMNS =
      Map.of(
          "usage_events",
          ", '', 0, '', [], [], [], [], [], '2026-12-06 10:20:31.400'",
          "line_fates",
          ", ''",
          "price_books",
          ", ''",
          "plans",
          ", 0, '', '', [], [], [], [], []",
          "accounts",
          ", [], [], ''",
          "ledger_entries",
          ", '2026-12-06 10:20:32.400', -1, 0, 0");

  private static final int EVENTS_PER_ACCOUNT = 150;
  private static final Instant ARRIVAL = Instant.parse("2026-12-06T10:20:30.400Z");
  private static final Instant ALWAYS = Instant.parse("2026-01-01T00:00:00Z");
  private static final Instant CHANGE = Instant.parse("2026-11-15T00:00:00Z");
  private static final Instant CREDIT_END = Instant.parse("2026-11-20T00:00:00Z");
  private static final DateTimeFormatter MILLIS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSS", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final DateTimeFormatter SECONDS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);

  /** The versions of the catalogue: what is in force from each on. */
  private static final List<PriceEntry> FIRST_PRICES =
      List.of(
          flat("list", "qwen-*", ALWAYS, 1, "0.40", "0.10", "1.20", "1.30"),
          flat("list", "gpt-4o*", ALWAYS, 1, "2.50", "1.25", "10.00", null),
          flat("list", "gpt-4o*", CHANGE, 1, "2.00", "1.00", "8.00", null),
          flat("list", "gpt-4o_mini", ALWAYS, 1, "0.15", null, "0.60", null),
          new PriceEntry(
              "list",
              "embed*",
              ALWAYS,
              1,
              Map.of(TokenClass.INPUT, new PriceSchedule.Flat(new BigDecimal("0.02")))));

  private static final List<PriceEntry> LATER_PRICES =
      List.of(
          FIRST_PRICES.get(0),
          FIRST_PRICES.get(1),
          FIRST_PRICES.get(2),
          flat("list", "gpt-4o_mini", ALWAYS, 2, "0.16", null, "0.61", null),
          FIRST_PRICES.get(4));

  private static final List<PriceEntry> TIERED_PRICES =
      List.of(
          graduated("tiered", "*", ALWAYS, 1, 2_000, "1.00", "0.80"),
          graduated("tiered", "qwen-*", ALWAYS, 1, 700, "3.00", "2.00"));

  private static final Plan LIST_PLAN = new Plan("pay-as-you-go", "list", BigDecimal.ZERO, 1);
  private static final Plan SCALE_PLAN = new Plan("scale", "tiered", new BigDecimal("0.0001"), 1);
  private static final List<String> MODELS =
      List.of(
          "qwen-plus", "qwen-max", "gpt-4o-2024", "gpt-4o_mini", "gpt-4oXmini", "embed-3", "llama");

  /** Every price model, with and without a free allowance, by the prompt's length, per request. */
  private static final List<PriceEntry> ALL_MODEL_PRICES =
      List.of(
          new PriceEntry(
              "models",
              "*",
              ALWAYS,
              1,
              Map.of(
                  TokenClass.INPUT, volume(600, "3.00", "2.00"),
                  TokenClass.CACHED_INPUT, new PriceSchedule.Allowance(90, volume(200, "1", "0.4")),
                  TokenClass.OUTPUT, new PriceSchedule.Package(500, new BigDecimal("0.02")),
                  TokenClass.REASONING, new PriceSchedule.Flat(new BigDecimal("7")),
                  TokenClass.REQUEST, new PriceSchedule.Flat(new BigDecimal("12.5"))),
              List.of(
                  new PriceEntry.ContextTier(
                      60,
                      Map.of(
                          TokenClass.INPUT,
                              new PriceSchedule.Allowance(
                                  70, new PriceSchedule.Flat(new BigDecimal("9"))),
                          TokenClass.CACHED_INPUT, new PriceSchedule.Flat(new BigDecimal("4")),
                          TokenClass.OUTPUT,
                              new PriceSchedule.Allowance(
                                  30, new PriceSchedule.Package(40, new BigDecimal("0.001"))),
                          TokenClass.REASONING, volume(100, "8", "6"),
                          TokenClass.REQUEST, new PriceSchedule.Flat(new BigDecimal("25")))),
                  new PriceEntry.ContextTier(
                      90,
                      Map.of(
                          TokenClass.INPUT, new PriceSchedule.Flat(new BigDecimal("11")),
                          TokenClass.CACHED_INPUT, new PriceSchedule.Flat(new BigDecimal("5")),
                          TokenClass.OUTPUT, new PriceSchedule.Flat(new BigDecimal("12")),
                          TokenClass.REASONING, new PriceSchedule.Flat(new BigDecimal("12")),
                          TokenClass.REQUEST, new PriceSchedule.Flat(BigDecimal.ZERO))))),
          flat("models", "qwen-*", ALWAYS, 1, "0.40", null, "1.20", null));

  private static final Instant PLAN_CHANGE = Instant.parse("2026-11-10T00:00:00Z");

  /** The plan is changed while the account has it. */
  private static final Instant TERMS_CHANGE = Instant.parse("2026-11-05T00:00:00Z");

  private static final Plan CHANGED_TERMS =
      new Plan("models", "models", new BigDecimal("0.002"), 2, new BigDecimal("-20"), null)
          .withEffectiveFrom(TERMS_CHANGE);
  private static final Plan MODELS_PLAN =
      new Plan("models", "models", BigDecimal.ZERO, 1).withLater(List.of(CHANGED_TERMS));
  private static final Plan DISCOUNT_PLAN =
      new Plan("discount", "models", new BigDecimal("0.01"), 1, new BigDecimal("-12.5"), null);

  private static final PriceBook COSTS =
      new PriceBook(
          "provider",
          "EUR",
          List.of(
              new PriceEntry(
                  "provider",
                  "gpt*",
                  ALWAYS,
                  1,
                  Map.of(
                      TokenClass.INPUT,
                      volume(300, "0.5", "0.25"),
                      TokenClass.OUTPUT,
                      new PriceSchedule.Flat(new BigDecimal("2"))))),
          PriceBook.Purpose.COMMON_COST);

  /** Behind all names of this copy but those of the catalogue's prices. */
  private final String suffix;

  private final LineSource source;
  private final String shipment;

  /** Lines and rows of other copies have other numbers. */
  private final long first;

  private final Random random = new Random(20261123);
  private final Map<String, List<String>> rows = new LinkedHashMap<>();
  private final List<Usage> claimed = new ArrayList<>();
  private final List<Usage> assigned = new ArrayList<>();
  private final Map<String, Instant> lastCompletions = new HashMap<>();
  private int events;
  private int billed;
  private long offset;

  private LandedWorld(int copy) {
    suffix = suffix(copy);
    source = new LineSource("gateway-1", "/var/log/access%s.log".formatted(suffix));
    shipment = "run-1" + suffix;
    first = copy * 0x1000_0000L;
    offset = copy * 1_000_000L;
  }

  /**
   * @param connection to an empty database with the schema
   */
  static void land(Connection connection) throws SQLException {
    land(connection, 0);
  }

  /**
   * Lands the world and copies of it, with the same numbers; accounts, lines and credits have other
   * names.
   */
  static void land(Connection connection, int copies) throws SQLException {
    Map<String, List<String>> rows = new LinkedHashMap<>();
    for (int copy = 0; copy <= copies; copy++) {
      LandedWorld world = new LandedWorld(copy);
      world.live();
      world.rows.forEach(
          (table, more) -> rows.computeIfAbsent(table, t -> new ArrayList<>()).addAll(more));
    }
    try (Statement statement = connection.createStatement()) {
      for (Map.Entry<String, List<String>> table : rows.entrySet()) {
        statement.execute(
            "INSERT INTO " + table.getKey() + " VALUES " + String.join(", ", table.getValue()));
      }
    }
  }

  /** {@return the name of something of the world, in a copy of it} */
  static String named(String name, int copy) {
    return name + suffix(copy);
  }

  private static String suffix(int copy) {
    return copy == 0 ? "" : "-%02d".formatted(copy);
  }

  private String named(String name) {
    return name + suffix;
  }

  private void live() {
    if (suffix.isEmpty()) {
      prices();
    }
    catalogue();
    Account acme = account(named(FLAT), "Europe/Berlin", LIST_PLAN);
    account(
        acme,
        List.of(
            new AccountTerms(acme, 1, LIST_PLAN, FIRST_PRICES, List.of(), List.of()),
            new AccountTerms(acme, 2, LIST_PLAN, LATER_PRICES, List.of(), List.of()),
            new AccountTerms(acme, 3, SCALE_PLAN, TIERED_PRICES, List.of(), List.of())));
    Account globex = account(named(TIERED), "UTC", SCALE_PLAN);
    account(
        globex,
        List.of(new AccountTerms(globex, 1, SCALE_PLAN, TIERED_PRICES, List.of(), List.of())));
    Account kolkata = account(named(ODD_ZONE), "Asia/Kolkata", LIST_PLAN);
    account(
        kolkata,
        List.of(
            new AccountTerms(kolkata, 1, LIST_PLAN, FIRST_PRICES, List.of(), List.of()),
            new AccountTerms(kolkata, 2, LIST_PLAN, LATER_PRICES, List.of(), List.of())));
    Account initech =
        account(named(ALL_MODELS), "America/New_York", MODELS_PLAN)
            .withDetails(
                AccountDetails.NONE.withPlanChanges(
                    List.of(new PlanChange(PLAN_CHANGE, DISCOUNT_PLAN.id()))));
    account(
        initech,
        List.of(
            new AccountTerms(
                initech,
                1,
                MODELS_PLAN.withLater(List.of()),
                ALL_MODEL_PRICES,
                List.of(),
                List.of(),
                List.of(
                    new AccountTerms.LaterPlan(TERMS_CHANGE, CHANGED_TERMS),
                    new AccountTerms.LaterPlan(PLAN_CHANGE, DISCOUNT_PLAN)),
                List.of(COSTS))));
    noted(account(named(NOTED), "UTC", MODELS_PLAN));
    unattributed();
    suspense();
    replayed();
    lines();
  }

  private static Account account(String id, String zone, Plan plan) {
    return new Account(id, id, "USD", ZoneId.of(zone), plan.id());
  }

  private static PriceSchedule volume(long end, String first, String second) {
    return new PriceSchedule.Volume(
        List.of(
            new PriceSchedule.Tier(end, new BigDecimal(first)),
            new PriceSchedule.Tier(null, new BigDecimal(second))));
  }

  private static PriceEntry flat(
      String book,
      String model,
      Instant from,
      long knownSince,
      String input,
      @Nullable String cached,
      String output,
      @Nullable String reasoning) {
    Map<TokenClass, PriceSchedule> prices = new HashMap<>();
    prices.put(TokenClass.INPUT, new PriceSchedule.Flat(new BigDecimal(input)));
    prices.put(TokenClass.OUTPUT, new PriceSchedule.Flat(new BigDecimal(output)));
    if (cached != null) {
      prices.put(TokenClass.CACHED_INPUT, new PriceSchedule.Flat(new BigDecimal(cached)));
    }
    if (reasoning != null) {
      prices.put(TokenClass.REASONING, new PriceSchedule.Flat(new BigDecimal(reasoning)));
    }
    return new PriceEntry(book, model, from, knownSince, prices);
  }

  private static PriceEntry graduated(
      String book,
      String model,
      Instant from,
      long knownSince,
      long end,
      String first,
      String second) {
    PriceSchedule schedule =
        new PriceSchedule.Graduated(
            List.of(
                new PriceSchedule.Tier(end, new BigDecimal(first)),
                new PriceSchedule.Tier(null, new BigDecimal(second))));
    return new PriceEntry(
        book,
        model,
        from,
        knownSince,
        Map.of(
            TokenClass.INPUT,
            schedule,
            TokenClass.OUTPUT,
            schedule,
            TokenClass.CACHED_INPUT,
            new PriceSchedule.Flat(new BigDecimal("0.123456"))));
  }

  private void prices() {
    for (Plan changing : List.of(LIST_PLAN, SCALE_PLAN, MODELS_PLAN, DISCOUNT_PLAN)) {
      List<Plan> versions = changing.versions();
      Plan plan = versions.get(versions.size() - 1);
      addWith(
          ", %s, %s, '', %s"
              .formatted(
                  Decimals.plain(plan.adjustPercent()),
                  text(plan.priceSuffix()),
                  versions(changing)),
          "plans",
          text(plan.id()),
          "1",
          text(plan.priceBook()),
          Decimals.plain(plan.perRequest()),
          "1",
          text(plan.version()));
    }
    priceBook("list", 1, FIRST_PRICES);
    priceBook("list", 2, LATER_PRICES);
    priceBook("tiered", 1, TIERED_PRICES);
    priceBook("models", 1, ALL_MODEL_PRICES);
    priceBook("provider", 1, COSTS.prices());
  }

  private void catalogue() {
    for (String account : List.of(FLAT, TIERED, ODD_ZONE, NOTED)) {
      String zone =
          switch (account) {
            case FLAT -> "Europe/Berlin";
            case ODD_ZONE -> "Asia/Kolkata";
            default -> "UTC";
          };
      String plan =
          switch (account) {
            case TIERED -> "scale";
            case NOTED -> "models";
            default -> "pay-as-you-go";
          };
      add(
          "accounts",
          text(named(account)),
          "1",
          text(named(account)),
          "'USD'",
          text(zone),
          text(plan));
    }
    add(
        "accounts",
        text(named(FLAT)),
        "3",
        text(named(FLAT)),
        "'USD'",
        "'Europe/Berlin'",
        "'scale'");
    addWith(
        ", ['2026-11-10 00:00:00'], ['discount'], ''",
        "accounts",
        text(named(ALL_MODELS)),
        "1",
        text(named(ALL_MODELS)),
        "'USD'",
        "'America/New_York'",
        "'models'");
    add(
        "catalog",
        text(named("credit/welcome")),
        "1",
        "'credit'",
        "''",
        "''",
        "''",
        "'2026-01-01 00:00:00'",
        "''");
    add(
        "catalog",
        text(named("credit/forever")),
        "1",
        "'credit'",
        "''",
        "''",
        "''",
        "'2026-01-01 00:00:00'",
        "''");
    add("credits", text(named("welcome")), "1", text(named(FLAT)), "50", time(CREDIT_END));
    add("credits", text(named("forever")), "1", text(named(FLAT)), "7.5", time(Instant.EPOCH));
  }

  private static String versions(Plan plan) {
    if (plan.later().isEmpty()) {
      // As rows from before plans could change.
      return "[], [], [], [], []";
    }
    List<Plan> versions = plan.versions();
    return String.join(
        ", ",
        array(versions, v -> time(v.effectiveFrom() == null ? Instant.EPOCH : v.effectiveFrom())),
        array(versions, v -> text(v.priceBook())),
        array(versions, v -> Decimals.plain(v.perRequest())),
        array(versions, v -> text(v.version())),
        array(versions, v -> text(v.priceSuffix())));
  }

  private void priceBook(String book, long version, List<PriceEntry> entries) {
    add(
        "price_books",
        text(book),
        Long.toString(version),
        "'USD'",
        array(entries, e -> text(e.model())),
        array(entries, e -> time(e.effectiveFrom())),
        array(entries, e -> Long.toString(e.knownSince())),
        array(entries, e -> text(e.version())));
    for (PriceEntry entry : entries) {
      entry
          .prices()
          .forEach((c, schedule) -> price(version, entry, 0, entry.version(), c, schedule));
      for (PriceEntry.ContextTier tier : entry.contextTiers()) {
        tier.prices()
            .forEach(
                (c, schedule) ->
                    price(version, entry, tier.above(), entry.version(tier), c, schedule));
      }
    }
  }

  private void price(
      long version,
      PriceEntry entry,
      long above,
      String priceVersion,
      TokenClass tokenClass,
      PriceSchedule schedule) {
    PriceSchedule rest =
        schedule instanceof PriceSchedule.Allowance allowance ? allowance.rest() : schedule;
    long free = schedule instanceof PriceSchedule.Allowance allowance ? allowance.free() : 0;
    String model = rest.getClass().getSimpleName().toLowerCase(Locale.ROOT);
    List<PriceSchedule.Tier> tiers =
        switch (model) {
          case "graduated" -> ((PriceSchedule.Graduated) rest).tiers();
          case "volume" -> ((PriceSchedule.Volume) rest).tiers();
          case "package" ->
              List.of(
                  new PriceSchedule.Tier(
                      ((PriceSchedule.Package) rest).size(),
                      ((PriceSchedule.Package) rest).price()));
          default ->
              List.of(new PriceSchedule.Tier(null, ((PriceSchedule.Flat) rest).perMillion()));
        };
    boolean early = above == 0 && (model.equals("flat") || model.equals("graduated")) && free == 0;
    addWith(
        // As rows from before there were other models look.
        early ? ", 0, '', 0" : ", %d, %s, %d".formatted(above, text(model), free),
        "price_entries",
        text(entry.book()),
        Long.toString(version),
        text(entry.model()),
        time(entry.effectiveFrom()),
        Long.toString(entry.knownSince()),
        text(priceVersion),
        text(tokenClass.code()),
        Boolean.toString(!(schedule instanceof PriceSchedule.Flat)),
        array(tiers, t -> t.upTo() == null ? "18446744073709551615" : t.upTo().toString()),
        array(tiers, t -> Decimals.plain(t.perMillion())));
  }

  /** The account's events, spread evenly over its successive terms. */
  private void account(Account account, List<AccountTerms> successive) {
    Map<LineKey, BillLine> bill = new LinkedHashMap<>();
    Map<LineKey, Long> runningCosts = new HashMap<>();
    Map<List<Object>, UsageWindow> windows = new LinkedHashMap<>();
    TreeMap<YearMonth, int[]> periods = new TreeMap<>();
    BigDecimal spent = BigDecimal.ZERO;
    Wallet wallet = new Wallet();
    TreeMap<YearMonth, List<Usage>> used = new TreeMap<>();
    TreeMap<YearMonth, BigDecimal> charged = new TreeMap<>();
    if (account.id().equals(named(FLAT))) {
      wallet.restore(credit(named("welcome"), "50", CREDIT_END));
      wallet.restore(credit(named("forever"), "7.5", null));
    }
    for (int i = 0; i < EVENTS_PER_ACCOUNT; i++) {
      AccountTerms terms = successive.get(i * successive.size() / EVENTS_PER_ACCOUNT);
      Usage usage =
          cleared(
              account.id(),
              i,
              usage(Fate.BILLED, account.id() + "-key", completion(account.timezone())));
      Rating rating =
          new Rater(terms)
              .rate(
                  usage,
                  key -> bill.containsKey(key) ? bill.get(key).quantity() : 0,
                  key -> runningCosts.getOrDefault(key, 0L));
      UsageEvent event =
          new UsageEvent(
              account.id(),
              i + 1,
              usage,
              "USD",
              rating.cost(),
              rating.unpriced(),
              rating.charges(),
              rating.providerCost());
      event(event);
      for (UsageEvent.Charge charge : rating.runningCosts()) {
        LineKey line =
            new LineKey(
                rating.period(),
                charge.model(),
                charge.tokenClass(),
                String.valueOf(charge.priceVersion()));
        runningCosts.merge(line, charge.quantity(), Long::sum);
      }
      rating.charges().forEach(charge -> add(bill, rating.period(), charge));
      window(windows, event, account.timezone());
      int[] counts = periods.computeIfAbsent(rating.period(), p -> new int[2]);
      counts[0]++;
      counts[1] += rating.unpriced() ? 1 : 0;
      spent = spent.add(rating.cost());
      wallet.add(rating, usage.completion());
      used.computeIfAbsent(rating.period(), p -> new ArrayList<>()).add(usage);
      charged.merge(rating.period(), rating.cost(), BigDecimal::add);
    }
    windows.values().forEach(this::windowRow);
    AccountTerms last = successive.get(successive.size() - 1);
    used.forEach((period, usages) -> reRate(last, period, usages, charged.get(period), wallet));
    // The one final bill has what was posted of its month before it was made.
    List<Charge> onBill = List.of();
    if (account.id().equals(named(ODD_ZONE))) {
      PeriodBook billedMonth = wallet.period(periods.firstKey());
      onBill = List.copyOf(billedMonth.charges);
      billedMonth.charges.clear();
      billedMonth.bill = 1;
    }
    List<CreditState> credits = wallet.creditStates(wallet.draws());
    state(
        account.id(),
        last.catalogVersion(),
        "USD",
        account.timezone().getId(),
        spent,
        credits,
        bill,
        periods,
        wallet);
    if (account.id().equals(named(FLAT))) {
      posting(named(FLAT), 1, "grant", 0, "promotion", "", named("welcome"), "50", "credits");
      posting(named(FLAT), 2, "grant", 0, "promotion", "", named("forever"), "7.5", "credits");
      used(named(FLAT), 3, charged);
      long number = 4;
      for (CreditState credit : credits) {
        String drawn = Decimals.plain(credit.drawn());
        posting(named(FLAT), number++, "usage", 0, "credits", "", credit.id(), drawn, "unbilled");
      }
      BigDecimal expired = new BigDecimal("50");
      for (CreditState credit : credits) {
        expired = credit.id().equals(named("welcome")) ? expired.subtract(credit.drawn()) : expired;
      }
      String over = Decimals.plain(expired);
      posting(
          named(FLAT), number++, "expiry", 0, "credits", "", named("welcome"), over, "breakage");
      reRatings(named(FLAT), number, wallet);
    }
    if (account.id().equals(named(ODD_ZONE))) {
      used(named(ODD_ZONE), 1, charged);
      reRatings(named(ODD_ZONE), 2, wallet);
      finalBill(account, postings(named(ODD_ZONE), wallet), bill, periods, onBill);
    }
    if (account.id().equals(named(TIERED)) || account.id().equals(named(ALL_MODELS))) {
      String id = account.id();
      used(id, 1, charged);
      reRatings(id, 2, wallet);
    }
  }

  /** As the writer of an account's money decides, step by step. */
  private void noted(Account account) {
    NotedAccount noted =
        new NotedAccount(
            new AccountTerms(
                account,
                1,
                MODELS_PLAN.withLater(List.of()),
                ALL_MODEL_PRICES,
                List.of(),
                List.of(),
                List.of(new AccountTerms.LaterPlan(TERMS_CHANGE, CHANGED_TERMS)),
                List.of()),
            ARRIVAL,
            source,
            shipment);
    noted.live(() -> Long.toHexString(first + 0xabc000 + events++));
    billed += noted.events.size();
    Map<List<Object>, UsageWindow> windows = new LinkedHashMap<>();
    TreeMap<YearMonth, int[]> periods = new TreeMap<>();
    for (UsageEvent event : noted.events) {
      event(event);
      window(windows, event, account.timezone());
      periods.computeIfAbsent(NotedAccount.OCTOBER, p -> new int[2])[0]++;
    }
    windows.values().forEach(this::windowRow);
    periods.put(NotedAccount.NOVEMBER, new int[2]);
    state(
        named(NOTED),
        1,
        "USD",
        "UTC",
        noted.spent(),
        noted.wallet.creditStates(noted.wallet.draws()),
        noted.lines,
        periods,
        noted.wallet);
    for (LedgerPosting posting : noted.postings) {
      for (int i = 0; i < posting.entries().size(); i++) {
        LedgerPosting.Entry entry = posting.entries().get(i);
        addWith(
            terms(posting.kind().code(), Instant.EPOCH),
            "ledger_entries",
            text(named(NOTED)),
            Long.toString(posting.number()),
            Integer.toString(i),
            text(posting.kind().code()),
            time(posting.at()),
            Long.toString(posting.sequence()),
            "'USD', %s, 'ann', %s"
                .formatted(
                    text(posting.commandId() == null ? "" : posting.commandId()),
                    text(posting.reason())),
            Long.toString(posting.bill()),
            text(entry.ledger().code()),
            text(entry.period() == null ? "" : entry.period().toString()),
            text(entry.credit() == null ? "" : entry.credit()),
            Decimals.plain(entry.amount()));
      }
    }
    noted.bills.values().forEach(this::billRow);
  }

  /** Prices a month again by the account's last terms, all of it. */
  private static void reRate(
      AccountTerms terms, YearMonth period, List<Usage> usages, BigDecimal charged, Wallet wallet) {
    Map<LineKey, Long> lines = new HashMap<>();
    BigDecimal cost = BigDecimal.ZERO;
    for (Usage usage : usages) {
      Rating rating = new Rater(terms).rate(usage, line -> lines.getOrDefault(line, 0L));
      for (UsageEvent.Charge charge : rating.charges()) {
        lines.merge(
            new LineKey(
                period, charge.model(), charge.tokenClass(), String.valueOf(charge.priceVersion())),
            charge.quantity(),
            Long::sum);
      }
      cost = cost.add(rating.cost());
    }
    BigDecimal posted = cost.subtract(charged);
    Instant end =
        period
            .plusMonths(1)
            .atDay(1)
            .atStartOfDay(terms.account().timezone())
            .toInstant()
            .minusMillis(1);
    wallet.reRated.put(period, new ReRated(posted, EVENTS_PER_ACCOUNT, terms.catalogVersion()));
    if (posted.signum() != 0) {
      wallet.charge(
          period,
          new Charge(
              "ledger:re-rating-" + period,
              LedgerPosting.Kind.RE_RATING,
              ARRIVAL,
              posted,
              "new prices",
              period),
          ARRIVAL.isBefore(end) ? ARRIVAL : end);
    }
  }

  private void reRatings(String account, long firstPosting, Wallet wallet) {
    long number = firstPosting;
    for (Map.Entry<YearMonth, ReRated> reRated : wallet.reRated.entrySet()) {
      BigDecimal posted = reRated.getValue().posted();
      String period = reRated.getKey().toString();
      if (posted.signum() != 0) {
        String given = Decimals.plain(posted.negate());
        entry(account, number, 0, "re-rating", 0, "unbilled", period, "", Decimals.plain(posted));
        entry(account, number, 1, "re-rating", 0, "usage", period, "", given);
        number++;
      }
    }
  }

  private int postings(String account, Wallet wallet) {
    int reRatings =
        (int)
            wallet.reRated.values().stream()
                .filter(reRated -> reRated.posted().signum() != 0)
                .count();
    return switch (account.substring(0, account.length() - suffix.length())) {
      case FLAT -> 6 + reRatings;
      case ODD_ZONE -> 2 + reRatings;
      case TIERED, ALL_MODELS -> 1 + reRatings;
      default -> (int) wallet.postings;
    };
  }

  private static Credit credit(String id, String amount, @Nullable Instant expiresAt) {
    return Credit.of(id, CreditKind.GRANT, 100, new BigDecimal(amount), null, expiresAt);
  }

  /** Usage of all months. */
  private void used(String account, long number, TreeMap<YearMonth, BigDecimal> costs) {
    int entry = 0;
    for (Map.Entry<YearMonth, BigDecimal> cost : costs.entrySet()) {
      String period = cost.getKey().toString();
      String amount = Decimals.plain(cost.getValue());
      String earned = Decimals.plain(cost.getValue().negate());
      entry(account, number, entry++, "usage", 0, "unbilled", period, "", amount);
      entry(account, number, entry++, "usage", 0, "usage", period, "", earned);
    }
  }

  /** Two entries, the second with the sign turned. */
  private void posting(
      String account,
      long number,
      String kind,
      long bill,
      String debit,
      String period,
      String credit,
      String amount,
      String credited) {
    for (int entry = 0; entry < 2; entry++) {
      entry(
          account,
          number,
          entry,
          kind,
          bill,
          entry == 0 ? debit : credited,
          period,
          credit,
          entry == 0 ? amount : "-" + amount);
    }
  }

  private void entry(
      String account,
      long number,
      int entry,
      String kind,
      long bill,
      String ledger,
      String period,
      String credit,
      String amount) {
    addWith(
        terms(kind, credit.equals(named("welcome")) ? CREDIT_END : Instant.EPOCH),
        "ledger_entries",
        text(account),
        Long.toString(number),
        Integer.toString(entry),
        text(kind),
        time(ARRIVAL),
        Integer.toString(EVENTS_PER_ACCOUNT),
        kind.equals("re-rating")
            ? "'USD', %s, '', 'new prices'".formatted(text(kind + '-' + period))
            : kind.equals("bill") ? "'USD', '', 'ann', ''" : "'USD', '', '', ''",
        Long.toString(bill),
        text(ledger),
        text(period),
        text(credit),
        amount);
  }

  /** When a credit pays that is given. */
  private static String terms(String kind, Instant until) {
    return kind.equals("grant")
        ? ", %s, 100, 0, %s".formatted(time(ARRIVAL.plusSeconds(2)), time(until))
        : LATER_COLUMNS.get("ledger_entries");
  }

  /** The bill of the account's first month. */
  private void finalBill(
      Account account,
      long posting,
      Map<LineKey, BillLine> lines,
      TreeMap<YearMonth, int[]> periods,
      List<Charge> charges) {
    YearMonth period = periods.firstKey();
    List<BillLine> billed =
        lines.entrySet().stream()
            .filter(line -> line.getKey().period().equals(period))
            .map(Map.Entry::getValue)
            .toList();
    BigDecimal total =
        billed.stream().map(BillLine::amount).reduce(BigDecimal.ZERO, BigDecimal::add);
    BigDecimal chargesTotal =
        charges.stream().map(Charge::amount).reduce(BigDecimal.ZERO, BigDecimal::add);
    BigDecimal exactDue = total.add(chargesTotal);
    BigDecimal due = Decimals.rounded(exactDue, "USD");
    FinalBill.Content content =
        new FinalBill.Content(
            account.id(),
            1,
            period,
            "USD",
            account.timezone().getId(),
            period.atDay(1).atStartOfDay(account.timezone()).toInstant(),
            period.plusMonths(1).atDay(1).atStartOfDay(account.timezone()).toInstant(),
            periods.get(period)[0],
            periods.get(period)[1],
            billed,
            total,
            Decimals.rounded(total, "USD"),
            List.of(),
            BigDecimal.ZERO,
            charges,
            chargesTotal,
            List.of(),
            BigDecimal.ZERO,
            exactDue,
            due,
            new FinalBill.Covers(1, EVENTS_PER_ACCOUNT, billed.size(), periods.get(period)[0]));
    entry(
        named(ODD_ZONE),
        posting,
        0,
        "bill",
        1,
        "unbilled",
        period.toString(),
        "",
        Decimals.plain(exactDue.negate()));
    entry(
        named(ODD_ZONE),
        posting,
        1,
        "bill",
        1,
        "receivable",
        period.toString(),
        "",
        Decimals.plain(due));
    entry(
        named(ODD_ZONE),
        posting,
        2,
        "bill",
        1,
        "rounding",
        period.toString(),
        "",
        Decimals.plain(exactDue.subtract(due)));
    billRow(
        new FinalBill(
            FinalBill.Status.FINAL, content, ARRIVAL, "ann", content.hash(), List.of(), null));
  }

  private void billRow(FinalBill bill) {
    FinalBill.Content content = bill.content();
    List<FinalBill.LateLine> lines = new ArrayList<>();
    for (BillLine line : content.lines()) {
      lines.add(new FinalBill.LateLine(content.period(), content.from(), content.to(), line));
    }
    lines.addAll(content.lateLines());
    add(
        "bills",
        text(content.account()),
        Long.toString(content.number()),
        text(content.period().toString()),
        "'final', 'USD'",
        time(ARRIVAL),
        text(bill.contentHash()),
        text(content.canonicalForm()),
        Long.toString(content.covers().sequenceFrom()),
        Long.toString(content.covers().sequenceTo()),
        Long.toString(content.covers().requests()),
        Decimals.plain(content.exactTotal()),
        Decimals.plain(content.lateTotal()),
        Decimals.plain(content.chargesTotal()),
        Decimals.plain(content.creditsTotal()),
        Decimals.plain(content.exactDue()),
        Decimals.plain(content.amountDue()),
        Decimals.plain(bill.notedTotal()),
        array(lines, late -> text(late.period().toString())),
        array(lines, late -> text(late.line().model())),
        array(lines, late -> text(late.line().tokenClass().code())),
        array(lines, late -> text(late.line().priceVersion())),
        array(lines, late -> Long.toString(late.line().quantity())),
        array(lines, late -> Decimals.plain(late.line().amount())),
        array(content.creditsApplied(), use -> text(use.credit())),
        array(content.creditsApplied(), use -> Decimals.plain(use.amount())),
        text(Json.MAPPER.writeValueAsString(bill)));
  }

  /** Some of the usage of one account was claimed, some was in suspense until it was assigned. */
  private Usage cleared(String account, int number, Usage usage) {
    if (!account.equals(named(TIERED)) || number % 20 > 1) {
      return usage;
    }
    String flag = number % 20 == 0 ? Usage.CLAIMED : Usage.ASSIGNED;
    Usage flagged = usage.billedTo(usage.key(), null, null, flag);
    (number % 20 == 0 ? claimed : assigned).add(flagged);
    return flagged;
  }

  private static Usage asReceived(Usage usage, List<String> flags) {
    return new Usage(
        usage.id(),
        Fate.UNATTRIBUTED,
        "0123456789ab",
        null,
        null,
        usage.model(),
        usage.tokens(),
        usage.completion(),
        usage.start(),
        usage.arrival(),
        usage.source(),
        usage.offset(),
        usage.shipment(),
        flags,
        null);
  }

  /** Lines in suspense: those that were assigned, one that was written off, one that is open. */
  private void suspense() {
    for (Usage usage : assigned) {
      suspended(usage.id(), "assigned", named(TIERED), named(TIERED) + "-key");
      lineFate(usage.id(), "suspense", "payer-uncertain", usage.offset());
      if (usage.equals(assigned.get(0))) {
        replay(usage.id(), "resolved", "billed");
      }
    }
    for (String state : List.of("written-off", "open")) {
      String id = "%032x".formatted(first + 2_000_000 + state.length());
      suspended(id, state, "", "");
      lineFate(id, "suspense", "payer-uncertain", 2_000_000 + state.length());
    }
  }

  /** A line that was quarantined, and unbillable once it was replayed. */
  private void replayed() {
    String id = "%032x".formatted(first + 3_000_000);
    lineFate(id, "quarantined", "unreadable-time", 3_000_000);
    lineFate(id, "unbillable", "not-ai", 3_000_000);
    replay(id, "sent", "");
    replay(id, "resolved", "unbillable");
  }

  private void replay(String id, String outcome, String fate) {
    add(
        "line_replays",
        text(id),
        text(outcome),
        text(fate),
        "'', '', '', 'ann'",
        time(ARRIVAL),
        time(ARRIVAL),
        text(source.host()),
        text(source.path()),
        text(shipment));
  }

  private void suspended(String id, String state, String account, String key) {
    add(
        "suspense",
        text(id),
        text(state),
        "'payer-uncertain'",
        "'qwen-max'",
        "1, 0, 0, 0, 0",
        time(ARRIVAL),
        time(ARRIVAL),
        text(source.host()),
        text(source.path()),
        "0",
        text(shipment),
        "['tampered'], '', '{xx', [], []",
        text(account),
        text(key),
        "'', '', ''",
        time(Instant.EPOCH));
  }

  private void lineFate(String id, String fate, String reason, long at) {
    add(
        "line_fates",
        text(id),
        text(fate),
        text(reason),
        "false",
        "''",
        "''",
        time(Instant.EPOCH),
        time(ARRIVAL),
        text(source.host()),
        text(source.path()),
        Long.toString(at),
        text(shipment));
  }

  private void unattributed() {
    Map<List<Object>, UsageWindow> windows = new LinkedHashMap<>();
    TreeMap<YearMonth, int[]> periods = new TreeMap<>();
    List<Usage> received = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      received.add(usage(Fate.UNATTRIBUTED, "0123456789ab", completion(ZoneOffset.UTC)));
    }
    claimed.forEach(usage -> received.add(asReceived(usage, List.of())));
    // The desk had no room for one of those that were assigned, until it was replayed.
    received.add(asReceived(assigned.get(1), List.of(Usage.DESK_FULL)));
    for (int i = 0; i < received.size(); i++) {
      Usage usage = received.get(i);
      Rating rating = Rater.unattributed(usage);
      UsageEvent event =
          new UsageEvent(named(UNATTRIBUTED), i + 1, usage, "", BigDecimal.ZERO, false, List.of());
      event(event);
      window(windows, event, ZoneOffset.UTC);
      periods.computeIfAbsent(rating.period(), p -> new int[2])[0]++;
    }
    windows.values().forEach(this::windowRow);
    state(
        named(UNATTRIBUTED),
        0,
        "",
        "UTC",
        BigDecimal.ZERO,
        List.of(),
        Map.of(),
        periods,
        new Wallet());
  }

  private static void add(Map<LineKey, BillLine> bill, YearMonth period, UsageEvent.Charge charge) {
    String version = String.valueOf(charge.priceVersion());
    LineKey key = new LineKey(period, charge.model(), charge.tokenClass(), version);
    BillLine before =
        bill.getOrDefault(
            key, new BillLine(charge.model(), charge.tokenClass(), version, 0, BigDecimal.ZERO));
    bill.put(
        key,
        new BillLine(
            charge.model(),
            charge.tokenClass(),
            version,
            before.quantity() + charge.quantity(),
            before.amount().add(charge.amount())));
  }

  /** Every tenth event closes the windows before it, so that some have several segments. */
  private void window(Map<List<Object>, UsageWindow> windows, UsageEvent event, ZoneId zone) {
    for (UsageWindow.Granularity granularity : UsageWindow.Granularity.values()) {
      Instant start = granularity.startOf(event.usage().completion(), zone);
      UsageWindow ofKey = Windows.after(null, event, granularity, start);
      for (UsageWindow added : List.of(ofKey, Windows.ofAllKeys(ofKey))) {
        long generation = event.sequence() / 10;
        List<Object> key =
            List.of(
                granularity,
                start,
                Optional.ofNullable(added.key()),
                event.usage().model(),
                generation);
        windows.put(key, Windows.together(windows.get(key), added));
      }
    }
  }

  private void state(
      String account,
      long termsVersion,
      String currency,
      String zone,
      BigDecimal spent,
      List<CreditState> credits,
      Map<LineKey, BillLine> bill,
      TreeMap<YearMonth, int[]> counts,
      Wallet wallet) {
    long sequence = counts.values().stream().mapToInt(count -> count[0]).sum();
    List<AccountRecord.MonthTotals> periods = new ArrayList<>();
    counts.forEach(
        (period, count) -> {
          List<BillLine> lines =
              bill.entrySet().stream()
                  .filter(line -> line.getKey().period().equals(period))
                  .map(Map.Entry::getValue)
                  .toList();
          periods.add(
              new AccountRecord.MonthTotals(
                  period, count[0], count[1], 0, sequence, wallet.billing(period, wallet.draws())));
          for (BillLine line : lines) {
            add(
                "bill_lines",
                text(account),
                text(period.toString()),
                text(line.model()),
                text(line.tokenClass().code()),
                text(line.priceVersion()),
                Long.toString(line.quantity()),
                Decimals.plain(line.amount()),
                Long.toString(sequence));
          }
        });
    AccountRecord state =
        new AccountRecord.Summary(
            account,
            sequence,
            termsVersion,
            currency,
            zone,
            spent,
            sequence,
            credits,
            periods,
            lastCompletions.get(account),
            new AccountState.Books(
                ARRIVAL,
                postings(account, wallet),
                account.equals(named(ODD_ZONE)) ? 1 : wallet.bills,
                wallet.charged,
                wallet.noted));
    add(
        "account_states",
        text(account),
        Long.toString(sequence),
        Long.toString(termsVersion),
        text(currency),
        text(zone),
        Decimals.plain(spent),
        Long.toString(sequence),
        time(lastCompletions.getOrDefault(account, Instant.EPOCH)),
        text(Json.MAPPER.writeValueAsString(state)));
  }

  /** Half of them on the edge of a month in the account's zone, or of the price change. */
  private Instant completion(ZoneId zone) {
    Instant edge =
        switch (random.nextInt(6)) {
          case 0 -> YearMonth.of(2026, 11).atDay(1).atStartOfDay(zone).toInstant();
          case 1 -> YearMonth.of(2026, 12).atDay(1).atStartOfDay(zone).toInstant();
          case 2 -> CHANGE;
          default -> ALWAYS.plus(Duration.ofHours(7_000 + random.nextInt(1_000)));
        };
    return edge.plusMillis(random.nextInt(3) - 1).truncatedTo(ChronoUnit.MILLIS);
  }

  private Usage usage(Fate fate, String key, Instant completion) {
    events++;
    billed += fate == Fate.BILLED ? 1 : 0;
    return new Usage(
        "%032x".formatted(first + events),
        fate,
        key,
        null,
        null,
        MODELS.get(random.nextInt(MODELS.size())),
        new TokenCounts(
            random.nextInt(100), sometimes(50), sometimes(20), random.nextInt(80), sometimes(30)),
        completion,
        completion,
        ARRIVAL,
        source,
        events,
        shipment,
        List.of(),
        null);
  }

  private int sometimes(int bound) {
    return random.nextBoolean() ? random.nextInt(bound) : 0;
  }

  private void event(UsageEvent event) {
    Usage usage = event.usage();
    lastCompletions.merge(
        event.account(), usage.completion(), (one, other) -> one.isAfter(other) ? one : other);
    TokenCounts tokens = usage.tokens();
    List<UsageEvent.Charge> charges = event.charges();
    addWith(
        providerColumns(event.providerCost()),
        "usage_events",
        text(usage.id()),
        text(event.account()),
        Long.toString(event.sequence()),
        text(usage.fate().code()),
        text(usage.key()),
        "''",
        "''",
        text(usage.model()),
        Long.toString(tokens.input()),
        Long.toString(tokens.cachedInput()),
        Long.toString(tokens.cacheWrite()),
        Long.toString(tokens.output()),
        Long.toString(tokens.reasoning()),
        time(usage.completion()),
        time(usage.start()),
        time(usage.arrival()),
        text(source.host()),
        text(source.path()),
        Long.toString(usage.offset()),
        text(shipment),
        array(usage.flags(), LandedWorld::text),
        text(event.currency()),
        Decimals.plain(event.cost()),
        Boolean.toString(event.unpriced()),
        array(charges, c -> text(c.tokenClass().code())),
        array(charges, c -> text(c.model())),
        array(charges, c -> text(String.valueOf(c.priceVersion()))),
        array(charges, c -> Long.toString(c.quantity())),
        array(charges, c -> Decimals.plain(c.amount())));
  }

  private static String providerColumns(UsageEvent.@Nullable ProviderCost cost) {
    if (cost == null) {
      return LATER_COLUMNS.get("usage_events");
    }
    List<UsageEvent.Charge> charges = cost.charges();
    return ", '', "
        + String.join(
            ", ",
            Decimals.plain(cost.amount()),
            text(cost.currency()),
            array(charges, c -> text(c.tokenClass().code())),
            array(charges, c -> text(c.model())),
            array(charges, c -> text(String.valueOf(c.priceVersion()))),
            array(charges, c -> Long.toString(c.quantity())),
            array(charges, c -> Decimals.plain(c.amount())),
            time(ARRIVAL.plusSeconds(1)));
  }

  private void windowRow(UsageWindow window) {
    add(
        "usage_windows",
        text(window.account()),
        text(Objects.requireNonNullElse(window.key(), "")),
        Boolean.toString(window.key() == null),
        text(window.model()),
        text(window.granularity().name().toLowerCase(Locale.ROOT)),
        "'" + SECONDS.format(window.start()) + "'",
        Long.toString(window.segment()),
        Long.toString(window.sequence()),
        Long.toString(window.requests()),
        Long.toString(window.tokens().input()),
        Long.toString(window.tokens().cachedInput()),
        Long.toString(window.tokens().cacheWrite()),
        Long.toString(window.tokens().output()),
        Long.toString(window.tokens().reasoning()),
        text(window.currency()),
        Decimals.plain(window.cost()));
  }

  /** Lines that did not become usage, and the counters of all. */
  private void lines() {
    for (int i = 0; i < 5; i++) {
      lineFate(
          "%032x".formatted(first + 1_000_000 + i),
          i < 3 ? "unbillable" : "duplicate",
          "not-ai",
          i);
    }
    int undecided = 2;
    int moved = claimed.size() + assigned.size();
    counter("shipper", events + 5 + undecided + 1, 0, "0, 0, 0, 0, 0, 0");
    counter(
        "intake-0",
        0,
        0,
        // One line was quarantined first.
        "%d, %d, 4, 2, %d, 0"
            .formatted(
                billed - moved, events - billed + claimed.size(), assigned.size() + undecided));
    counter("account-0", 0, events + 7, "0, 0, 0, 0, 0, 0");
    counter(
        "account-1",
        0,
        -7,
        "%d, %d, 0, 0, %d, 0".formatted(moved, -claimed.size(), -assigned.size()));
  }

  private void counter(String writer, long read, long settled, String fates) {
    add(
        "line_accounting",
        text(writer),
        text(shipment),
        text(source.host()),
        text(source.path()),
        "'" + SECONDS.format(ARRIVAL.truncatedTo(ChronoUnit.HOURS)) + "'",
        Long.toString(read),
        Long.toString(settled),
        fates);
  }

  private void add(String table, String... values) {
    addWith(LATER_COLUMNS.getOrDefault(table, ""), table, values);
  }

  private void addWith(String later, String table, String... values) {
    rows.computeIfAbsent(table, t -> new ArrayList<>())
        .add("(%s, 0, %d%s)".formatted(String.join(", ", values), offset++, later));
  }

  private static <T> String array(List<T> items, java.util.function.Function<T, String> value) {
    return items.stream().map(value).collect(Collectors.joining(", ", "[", "]"));
  }

  private static String time(Instant instant) {
    return "'" + MILLIS.format(instant) + "'";
  }

  private static String text(String text) {
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }
}
