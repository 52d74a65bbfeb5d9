package dev.taximeter.api.audit;

import dev.taximeter.contract.json.Json;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * Makes an account's final bills once more from its events: which usage is on which bill, and which
 * credits pay for it. A second reading of the rules, from landed rows only.
 *
 * <p>It knows completion to the millisecond. A credit of the catalogue that was loaded after usage
 * of the very quarter of an hour in which it begins or ends may look different by that usage.
 */
final class BillReplay {
  static final String CHECK = "final_bills";
  private static final String CREDITS = "credits";

  /** Charges that nobody asked for: a month became cheaper than its credit notes leave of it. */
  private static final String KEPT = "credit-notes:";

  private final Connection connection;
  private final String account;
  private final List<Difference> differences = new ArrayList<>();

  private String zone = "UTC";
  private long sequence;
  private JsonNode state = Json.MAPPER.nullNode();
  private final List<Credit> credits = new ArrayList<>();
  private final List<Bill> bills = new ArrayList<>();

  /** What credit notes give back to credits, and the replay has not come to; in order. */
  private final List<Returned> returns = new ArrayList<>();

  /** Cost at flat prices that no bill of the replay has. */
  private final TreeMap<Slot, BigDecimal> open = new TreeMap<>(Slot.ORDER);

  /** Debits, adjustments and differences of re-ratings that no bill of the replay has. */
  private final List<PlacedCharge> charges = new ArrayList<>();

  /** The same of tiered prices, by month and line. */
  private final Map<String, Tiered> tiered = new TreeMap<>();

  /** Prices that depend on a running total, by version and class. */
  private final Map<String, Schedule> schedules = new HashMap<>();

  private final Map<String, Map<String, Line>> lines = new HashMap<>();

  /** Months that bills of the replay are of. */
  private final Set<String> finals = new HashSet<>();

  /** What bills of the replay took of credits, by month of the usage and credit. */
  private final Map<String, Map<String, BigDecimal>> paid = new HashMap<>();

  private List<Long> cuts = List.of();
  private List<Long> ends = List.of();

  /** Nothing that was decided later counts. */
  private Instant then = Instant.MAX;

  private long lastPosting = Long.MAX_VALUE;

  private BillReplay(Connection connection, String account) {
    this.connection = connection;
    this.account = account;
  }

  /** A credit; amounts as they were after each posting. */
  private static final class Credit {
    private final String id;
    private final int priority;
    private final int kind;
    private final long from;
    private final long until;
    private final BigDecimal stated;
    private final BigDecimal statedApplied;
    private final BigDecimal statedDrawn;
    private final TreeMap<Long, BigDecimal> posted = new TreeMap<>();
    private BigDecimal applied = BigDecimal.ZERO;

    Credit(JsonNode node) {
      id = node.path("id").asString();
      priority = node.path("priority").asInt();
      kind = List.of("grant", "top-up", "adjustment").indexOf(node.path("kind").asString());
      from = millis(node.path("effectiveFrom"), Long.MIN_VALUE);
      until = millis(node.path("expiresAt"), Long.MAX_VALUE);
      stated = decimal(node, "amount");
      statedApplied = decimal(node, "applied");
      statedDrawn = decimal(node, "drawn");
    }

    /** The first millisecond at or after the instant. */
    private static long millis(JsonNode node, long absent) {
      if (node.isNull() || node.isMissingNode()) {
        return absent;
      }
      Instant instant = Instant.parse(node.asString());
      long millis = instant.toEpochMilli();
      return Instant.ofEpochMilli(millis).equals(instant) ? millis : millis + 1;
    }

    boolean covers(long completion) {
      return from <= completion && completion < until;
    }

    BigDecimal amountBefore(long posting) {
      BigDecimal amount = BigDecimal.ZERO;
      for (BigDecimal more : posted.headMap(posting).values()) {
        amount = amount.add(more);
      }
      return amount;
    }
  }

  private record Bill(
      long number,
      String period,
      boolean counts,
      long end,
      long posting,
      JsonNode json,
      JsonNode notes) {
    /** The bill's own month, then the others that stand on it, the latest first. */
    List<String> months(ZoneId zone) {
      TreeSet<String> others = new TreeSet<>();
      json.path("lateLines").forEach(late -> others.add(late.path("period").asString()));
      for (JsonNode charge : json.path("charges")) {
        Instant at = Instant.parse(charge.path("at").asString());
        others.add(charge.path("period").asString(YearMonth.from(at.atZone(zone)).toString()));
      }
      others.remove(period);
      List<String> months = new ArrayList<>(others.descendingSet());
      months.add(0, period);
      return months;
    }
  }

  /** What a credit note gives back to a credit. */
  private record Returned(long posting, long bill, String credit, BigDecimal amount) {}

  /**
   * Usage that is covered by the same credits and came before the same bills.
   *
   * @param start the last instant before it at which some credit begins or ends
   * @param bucket how many bills had been made when it came
   */
  private record Slot(String period, long start, int bucket) {
    static final Comparator<Slot> ORDER =
        Comparator.comparing(Slot::period).thenComparing(Slot::start).thenComparing(Slot::bucket);
  }

  /**
   * A charge of a month.
   *
   * @param bill number of the bill that has it; more than any if none has
   * @param stated as bills and states have it
   */
  private record PlacedCharge(Slot slot, BigDecimal amount, long bill, MoneyThen.Charge stated) {}

  private record Tier(BigDecimal end, BigDecimal price) {}

  /**
   * A price that depends on a running total.
   *
   * @param model graduated, volume or package
   * @param free what of the total costs nothing
   * @param tiers of a package its size and its price
   */
  private record Schedule(String model, long free, List<Tier> tiers) {
    BigDecimal of(long total) {
      BigDecimal quantity = BigDecimal.valueOf(Math.max(0, total - free));
      if (model.equals("package")) {
        Tier one = tiers.get(0);
        return one.price.multiply(quantity.divide(one.end, 0, RoundingMode.CEILING));
      }
      if (model.equals("volume")) {
        for (Tier tier : tiers) {
          if (quantity.compareTo(tier.end) <= 0) {
            return quantity.multiply(tier.price).movePointLeft(6);
          }
        }
      }
      BigDecimal rest = quantity;
      BigDecimal start = BigDecimal.ZERO;
      BigDecimal price = BigDecimal.ZERO;
      for (Tier tier : tiers) {
        BigDecimal inTier = rest.min(tier.end.subtract(start)).max(BigDecimal.ZERO);
        price = price.add(inTier.multiply(tier.price).movePointLeft(6));
        rest = rest.subtract(inTier);
        start = tier.end;
      }
      return price;
    }
  }

  /**
   * A line of such a price: what a part of it costs depends on what came before, and before means
   * completed before.
   */
  private static final class Tiered {
    private final String period;
    private final Schedule schedule;
    private final TreeMap<Slot, Long> open = new TreeMap<>(Slot.ORDER);
    private long billed;

    Tiered(String period, Schedule schedule) {
      this.period = period;
      this.schedule = schedule;
    }

    void addCosts(TreeMap<Slot, BigDecimal> due, int until) {
      TreeMap<Long, Long> parts = new TreeMap<>();
      open.forEach(
          (slot, quantity) -> {
            if (slot.bucket <= until) {
              parts.merge(slot.start, quantity, Long::sum);
            }
          });
      TreeMap<Long, BigDecimal> costs = new TreeMap<>();
      long quantity = billed;
      for (Map.Entry<Long, Long> part : parts.entrySet()) {
        long after = quantity + part.getValue();
        costs.put(part.getKey(), schedule.of(after).subtract(schedule.of(quantity)));
        quantity = after;
      }
      // What a lower price of the total gives back, it takes from the parts before.
      BigDecimal back = BigDecimal.ZERO;
      for (Map.Entry<Long, BigDecimal> part : costs.descendingMap().entrySet()) {
        BigDecimal cost = part.getValue().add(back);
        back = cost.min(BigDecimal.ZERO);
        boolean first = part.getKey().equals(costs.firstKey());
        if (cost.signum() > 0 || (first && cost.signum() < 0)) {
          due.merge(new Slot(period, part.getKey(), 0), cost, BigDecimal::add);
        }
      }
    }

    void bill(int until) {
      var parts = open.entrySet().iterator();
      while (parts.hasNext()) {
        Map.Entry<Slot, Long> part = parts.next();
        if (part.getKey().bucket <= until) {
          billed += part.getValue();
          parts.remove();
        }
      }
    }
  }

  private record Line(long quantity, BigDecimal amount) {
    Line plus(Line other) {
      return new Line(quantity + other.quantity, amount.add(other.amount));
    }

    @Override
    public String toString() {
      return quantity + " for " + amount.stripTrailingZeros().toPlainString();
    }
  }

  /**
   * @param account id; empty for all
   */
  static List<Difference> check(Connection connection, String account) throws SQLException {
    List<Difference> differences = new ArrayList<>();
    List<String> accounts = new ArrayList<>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT account FROM account_states FINAL WHERE currency != '' AND (? = '' OR account ="
                + " ?) ORDER BY account")) {
      statement.setString(1, account);
      statement.setString(2, account);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          accounts.add(row.getString(1));
        }
      }
    }
    for (String each : accounts) {
      differences.addAll(new BillReplay(connection, each).run());
    }
    return differences;
  }

  private List<Difference> run() throws SQLException {
    readState();
    readBills();
    if (credits.isEmpty() && bills.isEmpty()) {
      return differences;
    }
    readAll();
    replay();
    return differences;
  }

  /**
   * The same as it was at an earlier instant: what was decided later is left out.
   *
   * @param upTo the account's sequence number then
   * @param posting number of the ledger's last posting then
   */
  static MoneyThen at(
      Connection connection, String account, long upTo, long posting, Instant instant)
      throws SQLException {
    BillReplay replay = new BillReplay(connection, account);
    replay.readState();
    replay.sequence = upTo;
    replay.then = instant;
    replay.lastPosting = posting;
    replay.readBills();
    replay.readAll();
    for (Bill bill : replay.bills) {
      replay.replay(bill);
    }
    replay.giveBackUntil(posting + 1);
    return new MoneyThen(
        replay.draw(replay.ends.size(), posting + 1, Long.MAX_VALUE),
        replay.charges.stream().map(PlacedCharge::stated).toList());
  }

  private void readAll() throws SQLException {
    readPostings();
    readReturns();
    TreeSet<Long> boundaries = new TreeSet<>();
    for (Credit credit : credits) {
      boundaries.add(credit.from);
      boundaries.add(credit.until);
    }
    boundaries.remove(Long.MIN_VALUE);
    boundaries.remove(Long.MAX_VALUE);
    cuts = List.copyOf(boundaries);
    ends = bills.stream().map(Bill::end).distinct().sorted().toList();
    readUsage();
    readCharges();
  }

  private void readState() throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT sequence, if(zone = '', 'UTC', zone), state FROM account_states FINAL WHERE"
                + " account = ?")) {
      statement.setString(1, account);
      try (ResultSet row = statement.executeQuery()) {
        if (row.next()) {
          sequence = row.getLong(1);
          zone = row.getString(2);
          state = Json.MAPPER.readTree(row.getString(3));
        }
      }
    }
    state.path("credits").forEach(node -> credits.add(new Credit(node)));
    credits.sort(
        Comparator.comparingInt((Credit credit) -> credit.priority)
            .thenComparingLong(credit -> credit.until)
            .thenComparingInt(credit -> credit.kind)
            .thenComparing(credit -> credit.id));
  }

  private void readBills() throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT b.number, b.period, b.status, b.sequence_to, b.bill, p.posting, b.content_hash"
                + " FROM bills AS b FINAL LEFT JOIN (SELECT bill, min(posting) AS posting FROM"
                + " ledger_entries FINAL WHERE account = ? AND kind = 'bill' GROUP BY bill) AS p ON"
                + " p.bill = b.number WHERE b.account = ? ORDER BY b.number")) {
      statement.setString(1, account);
      statement.setString(2, account);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          JsonNode json = Json.MAPPER.readTree(row.getString(5));
          if (instant(json.path("finalizedAt")).isAfter(then)) {
            continue;
          }
          boolean counts =
              then.equals(Instant.MAX)
                  ? row.getString(3).equals("final")
                  : instant(json.path("voided").path("at")).isAfter(then);
          long posting = row.getLong(6);
          Bill bill =
              new Bill(
                  row.getLong(1),
                  row.getString(2),
                  counts,
                  row.getLong(4),
                  // Bills of an earlier version that credits paid for were not posted.
                  posting == 0 ? Long.MAX_VALUE : posting,
                  json.path("content"),
                  json.path("notes"));
          bills.add(bill);
          compare(CHECK, "hash of bill " + bill.number, hash(bill.json), row.getString(7));
        }
      }
    }
  }

  /** Later than all if there is none. */
  private static Instant instant(JsonNode node) {
    return node.isString() ? Instant.parse(node.asString()) : Instant.MAX;
  }

  private void readPostings() throws SQLException {
    Map<String, Credit> byId =
        credits.stream().collect(Collectors.toMap(credit -> credit.id, credit -> credit));
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT credit, posting, toString(-amount) FROM ledger_entries FINAL WHERE account = ?"
                + " AND ledger = 'credits' AND kind IN ('grant', 'top-up', 'adjustment')")) {
      statement.setString(1, account);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          Credit credit = byId.get(row.getString(1));
          if (credit != null) {
            credit.posted.put(row.getLong(2), new BigDecimal(row.getString(3)));
          }
        }
      }
    }
  }

  /** In the order of the ledger; bills say the same. */
  private void readReturns() throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT posting, bill, credit, toString(-amount) FROM ledger_entries FINAL WHERE"
                + " account = ? AND kind = 'credit-note' AND credit != '' ORDER BY posting,"
                + " entry")) {
      statement.setString(1, account);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          returns.add(
              new Returned(
                  row.getLong(1),
                  row.getLong(2),
                  row.getString(3),
                  new BigDecimal(row.getString(4))));
        }
      }
    }
    for (Bill bill : bills) {
      Map<String, BigDecimal> posted = new TreeMap<>();
      returns.stream()
          .filter(returned -> returned.bill == bill.number)
          .forEach(returned -> posted.merge(returned.credit, returned.amount, BigDecimal::add));
      Map<String, BigDecimal> stated = new TreeMap<>();
      for (JsonNode note : bill.notes) {
        for (JsonNode use : note.path("returned")) {
          stated.merge(text(use, "credit"), decimal(use, "amount"), BigDecimal::add);
        }
      }
      posted.replaceAll((credit, amount) -> amount.stripTrailingZeros());
      stated.replaceAll((credit, amount) -> amount.stripTrailingZeros());
      compare(
          CHECK,
          "what notes on bill %d give back to credits".formatted(bill.number),
          posted.toString(),
          stated.toString());
    }
  }

  private void giveBackUntil(long posting) {
    while (!returns.isEmpty() && returns.get(0).posting < posting) {
      Returned returned = returns.remove(0);
      for (Credit credit : credits) {
        if (credit.id.equals(returned.credit)) {
          credit.applied = credit.applied.subtract(returned.amount);
        }
      }
      BigDecimal rest = returned.amount;
      for (Bill bill : bills) {
        if (bill.number == returned.bill) {
          for (String month : bill.months(ZoneId.of(zone))) {
            Map<String, BigDecimal> ofMonth = paid.getOrDefault(month, Map.of());
            BigDecimal has = ofMonth.getOrDefault(returned.credit, BigDecimal.ZERO);
            BigDecimal back = has.min(rest).max(BigDecimal.ZERO);
            if (back.signum() > 0) {
              use(paid, month, returned.credit, back.negate());
              rest = rest.subtract(back);
            }
          }
        }
      }
    }
  }

  private String period() {
    return "formatDateTime(completion, '%Y-%m', '" + zone.replace("'", "") + "')";
  }

  private String bucket() {
    return ends.isEmpty()
        ? "0"
        : "arrayCount(e -> e < sequence, "
            + ends.stream().map(e -> "toUInt64(" + e + ")").toList()
            + ")";
  }

  /** Prices of all versions, discounts and markups of plans included: those have versions, too. */
  private void readTiers() throws SQLException {
    Map<String, BigDecimal> factors = new HashMap<>(Map.of("", BigDecimal.ONE));
    try (PreparedStatement statement =
            connection.prepareStatement(
                "SELECT DISTINCT price_suffix, toString(adjust_percent) FROM plans FINAL");
        ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        BigDecimal percent = new BigDecimal(row.getString(2)).add(BigDecimal.valueOf(100));
        factors.put(row.getString(1), percent.movePointLeft(2));
      }
    }
    try (PreparedStatement statement =
            connection.prepareStatement(
                "SELECT price_version, token_class, any(if(price_model = '', 'graduated',"
                    + " price_model)), any(free), arrayStringConcat(arrayMap(x -> toString(x),"
                    + " any(tiers.up_to)), ' '), arrayStringConcat(arrayMap(x -> toString(x),"
                    + " any(tiers.per_million)), ' ') FROM price_entries FINAL WHERE graduated"
                    + " GROUP BY price_version, token_class");
        ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        for (Map.Entry<String, BigDecimal> factor : factors.entrySet()) {
          String[] ends = row.getString(5).split(" ");
          String[] prices = row.getString(6).split(" ");
          List<Tier> steps = new ArrayList<>();
          for (int i = 0; i < ends.length; i++) {
            BigDecimal price = new BigDecimal(prices[i]).multiply(factor.getValue());
            steps.add(new Tier(new BigDecimal(ends[i]), price));
          }
          schedules.put(
              row.getString(1) + factor.getKey() + ' ' + row.getString(2),
              new Schedule(row.getString(3), row.getLong(4), steps));
        }
      }
    }
  }

  /** Charges of events by month, credits that cover them, and how many bills had been made. */
  private void readUsage() throws SQLException {
    readTiers();
    String segment =
        cuts.isEmpty()
            ? "0"
            : "arrayCount(c -> c <= toUnixTimestamp64Milli(completion), "
                + cuts.stream().map(c -> "toInt64(" + c + ")").toList()
                + ")";
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT %s AS period, %s AS segment, %s AS bucket, charge.1, charge.2, charge.3, sum(charge.4), toString(sum(charge.5)) FROM usage_events FINAL ARRAY JOIN arrayZip(charges.model, charges.token_class, charges.price_version, charges.quantity, charges.amount) AS charge WHERE account = ? AND sequence <= ? GROUP BY period, segment, bucket, charge.1, charge.2, charge.3"
                .formatted(period(), segment, bucket()))) {
      statement.setString(1, account);
      statement.setLong(2, sequence);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          int number = row.getInt(2);
          long start = number == 0 ? Long.MIN_VALUE : cuts.get(number - 1);
          Slot slot = new Slot(row.getString(1), start, row.getInt(3));
          take(
              slot,
              row.getString(4),
              row.getString(5),
              row.getString(6),
              new Line(row.getLong(7), new BigDecimal(row.getString(8))));
        }
      }
    }
  }

  private void take(Slot slot, String model, String tokenClass, String version, Line amount) {
    String line = String.join(" ", model, tokenClass, "at", version);
    lines
        .computeIfAbsent(slot.period + ' ' + slot.bucket, p -> new TreeMap<>())
        .merge(line, amount, Line::plus);
    Schedule schedule = schedules.get(version + ' ' + tokenClass);
    if (schedule == null) {
      open.merge(slot, amount.amount, BigDecimal::add);
    } else {
      tiered
          .computeIfAbsent(slot.period + ' ' + line, p -> new Tiered(slot.period, schedule))
          .open
          .merge(slot, amount.quantity, Long::sum);
    }
  }

  /**
   * Charges take from credits like usage; they are known from the state and from bills. What credit
   * notes had given back is charged under one id on several bills.
   */
  private void readCharges() throws SQLException {
    Map<String, PlacedCharge> placed = new LinkedHashMap<>();
    List<PlacedCharge> kept = new ArrayList<>();
    for (JsonNode month : state.path("periods")) {
      for (JsonNode charge : month.path("billing").path("charges")) {
        if (isKept(charge)) {
          kept.add(placed(charge, Long.MAX_VALUE));
        } else {
          placed.put(text(charge, "id"), placed(charge, Long.MAX_VALUE));
        }
      }
    }
    for (Bill bill : bills) {
      for (JsonNode charge : bill.json.path("charges")) {
        if (bill.counts && isKept(charge)) {
          kept.add(placed(charge, bill.number));
        } else if (bill.counts) {
          placed.put(text(charge, "id"), placed(charge, bill.number));
        }
      }
    }
    charges.addAll(placed.values());
    charges.addAll(kept);
    if (!then.equals(Instant.MAX)) {
      chargesThen();
    }
  }

  private static boolean isKept(JsonNode charge) {
    return text(charge, "id").startsWith(KEPT);
  }

  private long lastMilli(YearMonth month) {
    return month.plusMonths(1).atDay(1).atStartOfDay(ZoneId.of(zone)).toInstant().toEpochMilli()
        - 1;
  }

  /**
   * What was charged by then, from the ledger: bills that came later are not read. Bills that there
   * were then say which of it they have.
   */
  private void chargesThen() throws SQLException {
    Map<String, PlacedCharge> billed = new HashMap<>();
    Map<String, BigDecimal> kept = new HashMap<>();
    for (PlacedCharge charge : charges) {
      if (charge.bill != Long.MAX_VALUE) {
        billed.put(charge.stated.id(), charge);
        kept.merge(charge.stated.id(), charge.amount, BigDecimal::add);
      }
    }
    charges.removeIf(charge -> charge.bill == Long.MAX_VALUE);
    for (MoneyThen.Charge charge : postedCharges()) {
      if (charge.id().startsWith(KEPT)) {
        BigDecimal left = charge.amount().subtract(kept.getOrDefault(charge.id(), BigDecimal.ZERO));
        if (left.signum() != 0) {
          charges.add(placed(charge.withAmount(left), Long.MAX_VALUE));
        }
      } else if (!billed.containsKey(charge.id())) {
        charges.add(placed(charge, Long.MAX_VALUE));
      }
    }
  }

  /** In the order of the ledger; what credit notes had given back is one for each month. */
  private List<MoneyThen.Charge> postedCharges() throws SQLException {
    List<MoneyThen.Charge> posted = new ArrayList<>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT if(command_id = '', concat(?, period), concat('ledger:', command_id)) AS id,"
                + " any(kind), min(toUnixTimestamp64Milli(at)), toString(sum(amount)),"
                + " any(reason), any(period) FROM ledger_entries FINAL WHERE account = ? AND"
                + " posting <= ? AND ledger = 'unbilled' AND kind IN ('debit', 'adjustment',"
                + " 're-rating') GROUP BY id ORDER BY min(posting)")) {
      statement.setString(1, KEPT);
      statement.setString(2, account);
      statement.setLong(3, lastPosting);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          String id = row.getString(1);
          String month = row.getString(6);
          boolean isKept = id.startsWith(KEPT);
          posted.add(
              new MoneyThen.Charge(
                  id,
                  row.getString(2),
                  Instant.ofEpochMilli(isKept ? lastMilli(YearMonth.parse(month)) : row.getLong(3)),
                  new BigDecimal(row.getString(4)),
                  isKept
                      ? "credit notes on bills of %s gave this back before".formatted(month)
                      : row.getString(5),
                  row.getString(2).equals("re-rating") ? month : ""));
        }
      }
    }
    return posted;
  }

  private PlacedCharge placed(JsonNode charge, long bill) {
    return placed(
        new MoneyThen.Charge(
            text(charge, "id"),
            text(charge, "kind"),
            Instant.parse(charge.path("at").asString()),
            decimal(charge, "amount"),
            charge.path("reason").asString(""),
            charge.path("period").asString("")),
        bill);
  }

  /**
   * What a re-rating posted belongs to the end of the month that was re-rated; any other charge to
   * the month in which it was decided, even if that month's bill was final and the next one has it.
   */
  private PlacedCharge placed(MoneyThen.Charge charge, long bill) {
    YearMonth month =
        charge.period().isEmpty()
            ? YearMonth.from(charge.at().atZone(ZoneId.of(zone)))
            : YearMonth.parse(charge.period());
    long at = Math.min(charge.at().toEpochMilli(), lastMilli(month));
    long start = Long.MIN_VALUE;
    for (long cut : cuts) {
      start = cut <= at ? cut : start;
    }
    return new PlacedCharge(new Slot(month.toString(), start, 0), charge.amount(), bill, charge);
  }

  private void replay() {
    bills.forEach(this::replay);
    finish();
  }

  private void replay(Bill bill) {
    if (bill.counts) {
      if (bill.posting != Long.MAX_VALUE) {
        giveBackUntil(bill.posting);
      }
      int until = ends.indexOf(bill.end);
      Set<String> billed = new TreeSet<>();
      for (String period : finals) {
        if (period.compareTo(bill.period) < 0) {
          billed.add(period);
        }
      }
      billed.add(bill.period);
      compareLines(bill, billed, until);
      Map<String, Map<String, BigDecimal>> uses = draw(until, bill.posting, bill.number);
      uses.keySet().retainAll(billed);
      compareUses(bill, uses);
      open.keySet().removeIf(slot -> billed.contains(slot.period) && slot.bucket <= until);
      charges.removeIf(charge -> charge.bill == bill.number);
      tiered.values().stream()
          .filter(line -> billed.contains(line.period))
          .forEach(line -> line.bill(until));
      finals.add(bill.period);
    }
  }

  private void finish() {
    giveBackUntil(Long.MAX_VALUE);
    Map<String, BigDecimal> drawn = sums(draw(ends.size(), Long.MAX_VALUE, Long.MAX_VALUE));
    for (Credit credit : credits) {
      String subject = "what credit " + credit.id;
      compare(
          CREDITS, subject + " paid on bills", plain(credit.applied), plain(credit.statedApplied));
      compare(
          CREDITS,
          subject + " pays for",
          plain(credit.applied.add(drawn.getOrDefault(credit.id, BigDecimal.ZERO))),
          plain(credit.statedDrawn));
    }
  }

  /**
   * Pays what is open in the order of completion, after billed months that have become cheaper gave
   * back to the credits that paid for them: those months together that no bill can tell apart.
   *
   * @return by month and credit; below 0 where a credit gets something back
   */
  private Map<String, Map<String, BigDecimal>> draw(int until, long posting, long number) {
    Map<String, BigDecimal> left = new HashMap<>();
    for (Credit credit : credits) {
      BigDecimal amount = posting == Long.MAX_VALUE ? credit.stated : credit.amountBefore(posting);
      left.put(credit.id, amount.subtract(credit.applied));
    }
    Map<String, Map<String, BigDecimal>> uses = new HashMap<>();
    TreeMap<Slot, BigDecimal> due = due(until, number);
    giveBack(due);
    BigDecimal back = BigDecimal.ZERO;
    String returned = "";
    while (!due.isEmpty()) {
      String month = due.firstKey().period;
      if (month.compareTo(returned) > 0) {
        returned = lastBilledWith(month);
        returnToCredits(due, returned, left, uses);
      }
      Map.Entry<Slot, BigDecimal> part = due.pollFirstEntry();
      Slot slot = part.getKey();
      BigDecimal rest = part.getValue().add(back);
      // What is given back beyond a month takes from what follows.
      back = rest.min(BigDecimal.ZERO);
      for (Credit credit : credits) {
        BigDecimal has = left.getOrDefault(credit.id, BigDecimal.ZERO);
        if (rest.signum() > 0 && has.signum() > 0 && credit.covers(slot.start)) {
          BigDecimal taken = rest.min(has);
          rest = rest.subtract(taken);
          left.merge(credit.id, taken.negate(), BigDecimal::add);
          use(uses, slot.period, credit.id, taken);
        }
      }
    }
    return uses;
  }

  /** The first month from the given one on that has no bill yet; all before it have. */
  private String lastBilledWith(String month) {
    YearMonth last = YearMonth.parse(month);
    while (finals.contains(last.toString())) {
      last = last.plusMonths(1);
    }
    return last.toString();
  }

  private static void use(
      Map<String, Map<String, BigDecimal>> uses, String period, String credit, BigDecimal amount) {
    if (amount.signum() != 0) {
      uses.computeIfAbsent(period, first -> new LinkedHashMap<>())
          .merge(credit, amount, BigDecimal::add);
    }
  }

  /** What is to be paid, by month and segment. */
  private TreeMap<Slot, BigDecimal> due(int until, long number) {
    TreeMap<Slot, BigDecimal> due = new TreeMap<>(Slot.ORDER);
    open.forEach(
        (slot, cost) -> {
          if (slot.bucket <= until) {
            due.merge(new Slot(slot.period, slot.start, 0), cost, BigDecimal::add);
          }
        });
    tiered.values().forEach(line -> line.addCosts(due, until));
    for (PlacedCharge charge : charges) {
      if (charge.bill <= number) {
        due.merge(charge.slot, charge.amount, BigDecimal::add);
      }
    }
    return due;
  }

  /**
   * Who was given something for nothing must not be owed it as money: the last credit first.
   *
   * @param until the last month that gives back
   */
  private void returnToCredits(
      TreeMap<Slot, BigDecimal> due,
      String until,
      Map<String, BigDecimal> left,
      Map<String, Map<String, BigDecimal>> uses) {
    Map<String, BigDecimal> sums = new TreeMap<>();
    due.forEach((slot, cost) -> sums.merge(slot.period, cost, BigDecimal::add));
    sums.forEach(
        (period, sum) -> {
          if (sum.signum() < 0 && period.compareTo(until) <= 0) {
            BigDecimal owed = sum;
            for (int i = credits.size() - 1; i >= 0; i--) {
              String id = credits.get(i).id;
              BigDecimal took =
                  paid.getOrDefault(period, Map.of()).getOrDefault(id, BigDecimal.ZERO);
              BigDecimal returned = took.min(owed.negate()).max(BigDecimal.ZERO);
              owed = owed.add(returned);
              left.merge(id, returned, BigDecimal::add);
              use(uses, period, id, returned.negate());
            }
            // All that is left of the month is what the account was billed for.
            Slot first =
                due.keySet().stream()
                    .filter(slot -> slot.period.equals(period))
                    .findFirst()
                    .orElseThrow();
            due.keySet().removeIf(slot -> slot.period.equals(period));
            due.put(first, owed);
          }
        });
  }

  private static Map<String, BigDecimal> sums(Map<String, Map<String, BigDecimal>> uses) {
    Map<String, BigDecimal> sums = new HashMap<>();
    uses.values()
        .forEach(
            ofMonth ->
                ofMonth.forEach((credit, amount) -> sums.merge(credit, amount, BigDecimal::add)));
    return sums;
  }

  /** What a re-rating gives back, it takes from the parts of its month before it. */
  private static void giveBack(TreeMap<Slot, BigDecimal> due) {
    BigDecimal back = BigDecimal.ZERO;
    for (Map.Entry<Slot, BigDecimal> part : due.descendingMap().entrySet()) {
      Slot earlier = due.lowerKey(part.getKey());
      boolean first = earlier == null || !earlier.period.equals(part.getKey().period);
      BigDecimal cost = part.getValue().add(back);
      part.setValue(first ? cost : cost.max(BigDecimal.ZERO));
      back = first ? BigDecimal.ZERO : cost.min(BigDecimal.ZERO);
    }
  }

  private void compareUses(Bill bill, Map<String, Map<String, BigDecimal>> ofMonths) {
    Map<String, BigDecimal> uses = sums(ofMonths);
    Map<String, BigDecimal> stated = new HashMap<>();
    bill.json
        .path("creditsApplied")
        .forEach(use -> stated.put(use.path("credit").asString(), decimal(use, "amount")));
    for (Credit credit : credits) {
      BigDecimal use = stated.getOrDefault(credit.id, BigDecimal.ZERO);
      if (bill.posting != Long.MAX_VALUE) {
        compare(
            CHECK,
            "credit %s on bill %d".formatted(credit.id, bill.number),
            plain(uses.getOrDefault(credit.id, BigDecimal.ZERO)),
            plain(use));
      } else {
        // What cannot be replayed is taken as it is stated: it paid for the bill's own month.
        BigDecimal replayed = uses.getOrDefault(credit.id, BigDecimal.ZERO);
        use(ofMonths, bill.period, credit.id, use.subtract(replayed));
      }
      credit.applied = credit.applied.add(use);
    }
    ofMonths.forEach(
        (period, ofMonth) ->
            ofMonth.forEach((credit, amount) -> use(paid, period, credit, amount)));
  }

  private void compareLines(Bill bill, Set<String> billed, int until) {
    Map<String, Line> expected = new TreeMap<>();
    for (String period : billed) {
      for (int bucket = 0; bucket <= until; bucket++) {
        Map<String, Line> some = lines.remove(period + ' ' + bucket);
        if (some != null) {
          some.forEach((line, amount) -> expected.merge(period + ' ' + line, amount, Line::plus));
        }
      }
    }
    Map<String, Line> actual = new TreeMap<>();
    bill.json.path("lines").forEach(line -> put(actual, bill.period, line));
    bill.json
        .path("lateLines")
        .forEach(late -> put(actual, late.path("period").asString(), late.path("line")));
    Set<String> all = new TreeSet<>(expected.keySet());
    all.addAll(actual.keySet());
    Line none = new Line(0, BigDecimal.ZERO);
    for (String line : all) {
      compare(
          CHECK,
          "bill %d, %s".formatted(bill.number, line),
          expected.getOrDefault(line, none).toString(),
          actual.getOrDefault(line, none).toString());
    }
  }

  private static void put(Map<String, Line> lines, String period, JsonNode line) {
    lines.put(
        String.join(
            " ",
            period,
            line.path("model").asString(),
            line.path("tokenClass").asString(),
            "at",
            line.path("priceVersion").asString()),
        new Line(line.path("quantity").asLong(), decimal(line, "amount")));
  }

  /** The canonical form of a bill, written down once more. */
  private static String hash(JsonNode bill) {
    List<String> facts = new ArrayList<>();
    int form = bill.path("form").asInt(1);
    String head = text(bill, "period") + '\t' + text(bill, "from") + '\t' + text(bill, "to");
    bill.path("lines").forEach(line -> facts.add("usage\t" + head + '\t' + fact(line)));
    bill.path("lateLines")
        .forEach(
            late ->
                facts.add(
                    "late\t%s\t%s\t%s\t%s"
                        .formatted(
                            text(late, "period"),
                            text(late, "from"),
                            text(late, "to"),
                            fact(late.path("line")))));
    bill.path("charges").forEach(charge -> facts.add(chargeFact(charge, form)));
    bill.path("creditsApplied").forEach(use -> facts.add(creditFact(use, form)));
    facts.sort(null);
    facts.add(
        0,
        String.join(
            "\t",
            form == 1 ? "bill" : "bill-" + form,
            text(bill, "account"),
            text(bill, "number"),
            text(bill, "period"),
            text(bill, "currency"),
            text(bill, "zone"),
            text(bill, "requests"),
            text(bill, "unpriced")));
    facts.add(
        String.join(
            "\t",
            "total",
            amount(bill, "exactTotal"),
            amount(bill, "lateTotal"),
            amount(bill, "chargesTotal"),
            amount(bill, "creditsTotal"),
            amount(bill, "exactDue"),
            amount(bill, "amountDue")));
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256")
                  .digest(String.join("\n", facts).getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** From form 2 on with kind and reason. */
  private static String chargeFact(JsonNode charge, int form) {
    String fact =
        String.join(
            "\t", "charge", text(charge, "id"), text(charge, "at"), amount(charge, "amount"));
    String month = words(charge, "period");
    if (form == 1) {
      return month.isEmpty() ? fact : fact + '\t' + month;
    }
    return String.join("\t", fact, month, words(charge, "kind"), words(charge, "reason"));
  }

  private static String creditFact(JsonNode use, int form) {
    String fact = String.join("\t", "credit", text(use, "credit"), amount(use, "amount"));
    return form == 1 ? fact : String.join("\t", fact, words(use, "kind"), words(use, "reason"));
  }

  /** What people wrote stays on its line and in its field; empty if it is absent. */
  private static String words(JsonNode node, String field) {
    StringBuilder words = new StringBuilder();
    node.path(field)
        .asString("")
        .chars()
        .forEach(
            c -> {
              switch (c) {
                case '\\' -> words.append("\\\\");
                case '\t' -> words.append("\\t");
                case '\n' -> words.append("\\n");
                case '\r' -> words.append("\\r");
                default -> words.append((char) c);
              }
            });
    return words.toString();
  }

  private static String fact(JsonNode line) {
    return String.join(
        "\t",
        text(line, "model"),
        text(line, "tokenClass"),
        text(line, "priceVersion"),
        text(line, "quantity"),
        amount(line, "amount"));
  }

  private static String text(JsonNode node, String field) {
    return node.path(field).asString();
  }

  private static String amount(JsonNode node, String field) {
    return plain(decimal(node, field));
  }

  private static BigDecimal decimal(JsonNode node, String field) {
    String text = node.path(field).asString("");
    return text.isEmpty() ? BigDecimal.ZERO : new BigDecimal(text);
  }

  private static String plain(BigDecimal amount) {
    return amount.signum() == 0 ? "0" : amount.stripTrailingZeros().toPlainString();
  }

  private void compare(String check, String subject, String expected, String actual) {
    if (!expected.equals(actual)) {
      differences.add(new Difference(check, account, subject, expected, actual));
    }
  }
}
