package dev.taximeter.api.audit;

import static dev.taximeter.api.audit.BillDocument.decimal;
import static dev.taximeter.api.audit.BillDocument.text;

import dev.taximeter.api.audit.MoneyHistory.Entry;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/**
 * A credit; its amounts as they were after each posting. What it is follows from the posting that
 * gave it; only where that does not tell when it pays, the account's state does.
 */
final class ReplayedCredit {
  private static final Set<String> GIVING = Set.of("grant", "top-up", "adjustment");

  /** Characters of a reason on bills and in states. */
  private static final int LONGEST_REASON = 200;

  /** The ledger's columns have nothing earlier: from then on is ever since. */
  private static final long EARLIEST = 1;

  /** The ledger's columns end there. */
  private static final long FAR = Instant.parse("2105-12-31T00:00:00Z").toEpochMilli();

  /** Credits of people; the others are the catalogue's. */
  private static final String OF_LEDGER = "ledger:";

  private static final List<String> KINDS = List.of("grant", "top-up", "adjustment");

  final String id;

  /** As the account's state has it; missing if it does not. */
  final JsonNode stated;

  final BigDecimal statedApplied;
  final BigDecimal statedDrawn;

  /** What bills of the replay took of it. */
  BigDecimal applied = BigDecimal.ZERO;

  private final String kind;
  private final String reason;
  private final int priority;
  private final long from;
  private final long until;
  private final TreeMap<Long, BigDecimal> posted = new TreeMap<>();

  /**
   * @param giving the first entry that gave it; null if none did
   * @param terms null if the ledger does not tell
   */
  private ReplayedCredit(
      String id, JsonNode stated, @Nullable Entry giving, MoneyHistory.@Nullable Terms terms) {
    this.id = id;
    this.stated = stated;
    this.kind = giving == null ? stated.path("kind").asString("") : giving.kind();
    this.reason = giving == null || !id.startsWith(OF_LEDGER) ? "" : cut(giving.reason());
    this.priority = terms == null ? stated.path("priority").asInt() : terms.priority();
    this.from = terms == null ? from(stated) : terms.from();
    this.until = terms == null ? until(stated) : terms.until();
    statedApplied = decimal(stated, "applied");
    statedDrawn = decimal(stated, "drawn");
  }

  /** In the order in which they are drawn down. */
  static List<ReplayedCredit> of(MoneyHistory history) {
    Map<String, JsonNode> stated = new HashMap<>();
    history.state().path("credits").forEach(node -> stated.put(text(node, "id"), node));
    Map<String, Entry> giving = new HashMap<>();
    history.entries().stream()
        .filter(ReplayedCredit::gives)
        .forEach(entry -> giving.putIfAbsent(entry.credit(), entry));
    Set<String> ids = new TreeSet<>(stated.keySet());
    ids.addAll(giving.keySet());
    Map<String, ReplayedCredit> byId = new HashMap<>();
    for (String id : ids) {
      byId.put(
          id,
          new ReplayedCredit(
              id,
              stated.getOrDefault(id, MissingNode.getInstance()),
              giving.get(id),
              history.terms().get(id)));
    }
    for (Entry entry : history.entries()) {
      if (gives(entry)) {
        ReplayedCredit credit = byId.get(entry.credit());
        if (credit != null) {
          credit.posted.merge(entry.posting(), entry.amount().negate(), BigDecimal::add);
        }
      }
    }
    return byId.values().stream()
        .sorted(
            Comparator.comparingInt((ReplayedCredit credit) -> credit.priority)
                .thenComparingLong(credit -> credit.until)
                .thenComparingInt(credit -> KINDS.indexOf(credit.kind))
                .thenComparing(credit -> credit.id))
        .toList();
  }

  private static boolean gives(Entry entry) {
    return entry.ledger().equals("credits") && GIVING.contains(entry.kind());
  }

  /** Why it was given, as far as there is room in a state; not in the middle of a character. */
  static String cut(String words) {
    if (words.length() <= LONGEST_REASON) {
      return words;
    }
    int end = LONGEST_REASON;
    return words.substring(0, Character.isLowSurrogate(words.charAt(end)) ? end - 1 : end) + "…";
  }

  boolean isOfLedger() {
    return id.startsWith(OF_LEDGER);
  }

  boolean isStated() {
    return !stated.isMissingNode();
  }

  MoneyThen.Credit credit() {
    return new MoneyThen.Credit(kind, reason);
  }

  /** Kind and reason, as bills say them. */
  String told() {
    return "%s, '%s'".formatted(kind, reason);
  }

  /** What it is, in words. */
  String terms() {
    return terms(told(), priority, from, until);
  }

  String statedTerms() {
    return terms(
        "%s, '%s'".formatted(stated.path("kind").asString(""), stated.path("reason").asString("")),
        stated.path("priority").asInt(),
        from(stated),
        until(stated));
  }

  private static String terms(String told, int priority, long from, long until) {
    return "%s, priority %d%s%s"
        .formatted(
            told,
            priority,
            from <= EARLIEST ? "" : ", from " + Instant.ofEpochMilli(Math.min(from, FAR)),
            until >= FAR ? "" : ", until " + Instant.ofEpochMilli(until));
  }

  private static long from(JsonNode stated) {
    return millis(stated.path("effectiveFrom"), Long.MIN_VALUE);
  }

  private static long until(JsonNode stated) {
    return millis(stated.path("expiresAt"), Long.MAX_VALUE);
  }

  boolean hasExpired(long at) {
    return until <= at;
  }

  /**
   * When some credit begins or ends, in milliseconds.
   *
   * @param posting only of credits that there were before it
   */
  static TreeSet<Long> boundaries(List<ReplayedCredit> credits, long posting) {
    TreeSet<Long> boundaries = new TreeSet<>();
    for (ReplayedCredit credit : credits) {
      if (!credit.posted.headMap(posting).isEmpty()) {
        boundaries.add(credit.from);
        boundaries.add(credit.until);
      }
    }
    boundaries.remove(Long.MIN_VALUE);
    boundaries.remove(Long.MAX_VALUE);
    return boundaries;
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
