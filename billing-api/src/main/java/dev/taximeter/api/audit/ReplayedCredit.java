package dev.taximeter.api.audit;

import static dev.taximeter.api.audit.BillDocument.decimal;
import static dev.taximeter.api.audit.BillDocument.text;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/** A credit; its amounts as they were after each posting. */
final class ReplayedCredit {
  private static final Set<String> GIVING = Set.of("grant", "top-up", "adjustment");

  final String id;
  final BigDecimal statedApplied;
  final BigDecimal statedDrawn;

  /** What bills of the replay took of it. */
  BigDecimal applied = BigDecimal.ZERO;

  private final int priority;
  private final int kind;
  private final long from;
  private final long until;
  private final TreeMap<Long, BigDecimal> posted = new TreeMap<>();

  private ReplayedCredit(JsonNode node) {
    id = text(node, "id");
    priority = node.path("priority").asInt();
    kind = List.of("grant", "top-up", "adjustment").indexOf(text(node, "kind"));
    from = millis(node.path("effectiveFrom"), Long.MIN_VALUE);
    until = millis(node.path("expiresAt"), Long.MAX_VALUE);
    statedApplied = decimal(node, "applied");
    statedDrawn = decimal(node, "drawn");
  }

  /** In the order in which they are drawn down. */
  static List<ReplayedCredit> of(MoneyHistory history) {
    List<ReplayedCredit> credits = new ArrayList<>();
    history.state().path("credits").forEach(node -> credits.add(new ReplayedCredit(node)));
    credits.sort(
        Comparator.comparingInt((ReplayedCredit credit) -> credit.priority)
            .thenComparingLong(credit -> credit.until)
            .thenComparingInt(credit -> credit.kind)
            .thenComparing(credit -> credit.id));
    Map<String, ReplayedCredit> byId = new HashMap<>();
    credits.forEach(credit -> byId.put(credit.id, credit));
    for (MoneyHistory.Entry entry : history.entries()) {
      ReplayedCredit credit = byId.get(entry.credit());
      if (credit != null && entry.ledger().equals("credits") && GIVING.contains(entry.kind())) {
        credit.posted.merge(entry.posting(), entry.amount().negate(), BigDecimal::add);
      }
    }
    return credits;
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
