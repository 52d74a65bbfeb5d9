package dev.taximeter.streams.account.policy;

import dev.taximeter.contract.event.AccountState.Charge;
import dev.taximeter.contract.event.AccountState.CreditUse;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The money of one month of an account: what it cost, and what of it no final bill has yet, split
 * at the instants at which some credit begins or ends. Not thread-safe.
 */
public final class PeriodBook {
  /** Usage cost, billed or not. */
  public BigDecimal cost = BigDecimal.ZERO;

  /** Usage cost that the ledger has. */
  public BigDecimal postedCost = BigDecimal.ZERO;

  /** Number of the final bill; 0 while the month is open. */
  public long bill;

  /** Changes whenever something of the month is billed, or a bill of it is voided. */
  public long revision;

  /** Requests that final bills have. */
  public long billedRequests;

  /** Whether the next bill waits for a person, because one was voided. */
  public boolean manual;

  /** Earliest completion of what came after the final bill and is not billed. */
  public @Nullable Instant lateFrom;

  /** Latest completion of it. */
  public @Nullable Instant lateTo;

  /** Cost at flat prices that no final bill has, by the latest cut before it. */
  public final TreeMap<Instant, BigDecimal> unbilled = new TreeMap<>();

  /** Usage at tiered prices that no final bill has, by bill line: not in {@link #unbilled}. */
  public final TreeMap<String, TieredUsage> tiered = new TreeMap<>();

  /** Those that no final bill has. */
  public final List<Charge> charges = new ArrayList<>();

  /** Whether some of {@link #paid} lies beside the wallet, because those credits are over. */
  public boolean folded;

  /** What final bills took of credits for this month, by credit; none of 0. */
  public final TreeMap<String, BigDecimal> paid = new TreeMap<>();

  /**
   * Sum of the charges of the month, billed or not, but for {@link #kept}. Null if it is not known,
   * because the month began before it was kept.
   */
  public @Nullable BigDecimal charged = BigDecimal.ZERO;

  /** What credit notes gave back of what the month was billed. */
  public BigDecimal noted = BigDecimal.ZERO;

  /** Charged because the month became cheaper than what credit notes leave of it, billed or not. */
  public BigDecimal kept = BigDecimal.ZERO;

  /** What the ledger has of {@link #kept}. */
  public BigDecimal postedKept = BigDecimal.ZERO;

  /** The month's last instant, at which {@link #kept} counts; null before the first note. */
  public @Nullable Instant end;

  PeriodBook copy() {
    PeriodBook copy = new PeriodBook();
    copy.folded = folded;
    copy.charged = charged;
    copy.noted = noted;
    copy.kept = kept;
    copy.postedKept = postedKept;
    copy.end = end;
    copy.cost = cost;
    copy.postedCost = postedCost;
    copy.bill = bill;
    copy.revision = revision;
    copy.billedRequests = billedRequests;
    copy.manual = manual;
    copy.lateFrom = lateFrom;
    copy.lateTo = lateTo;
    copy.unbilled.putAll(unbilled);
    copy.charges.addAll(charges);
    copy.paid.putAll(paid);
    tiered.forEach((line, usage) -> copy.tiered.put(line, usage.copy()));
    return copy;
  }

  /**
   * What no final bill has, by the latest cut before it. What a re-rating gives back, or a price
   * that falls with the total, takes from the parts before it, so that no credit pays more than the
   * total; only the first part may be below 0.
   */
  TreeMap<Instant, BigDecimal> due() {
    TreeMap<Instant, BigDecimal> due = new TreeMap<>(unbilled);
    tiered.values().forEach(usage -> usage.addCosts(due));
    BigDecimal below = BigDecimal.ZERO;
    for (Map.Entry<Instant, BigDecimal> part : due.descendingMap().entrySet()) {
      BigDecimal cost = part.getValue().add(below);
      boolean first = part.getKey().equals(due.firstKey());
      below = cost.min(BigDecimal.ZERO);
      part.setValue(first ? cost : cost.max(BigDecimal.ZERO));
    }
    return due;
  }

  /**
   * @return what final bills have of the month in the end, after what has become cheaper since and
   *     after credit notes; null if it is not known
   */
  @Nullable BigDecimal creditable() {
    BigDecimal known = charged;
    if (known == null) {
      return null;
    }
    BigDecimal unbilled = due().values().stream().reduce(BigDecimal.ZERO, BigDecimal::add);
    return cost.add(known).add(kept).subtract(unbilled.max(BigDecimal.ZERO)).subtract(noted);
  }

  /**
   * @return by how much {@link #kept} is behind what the month costs and notes gave back; 0 mostly
   */
  BigDecimal missingKept() {
    BigDecimal known = charged;
    if (known == null || noted.signum() == 0) {
      return BigDecimal.ZERO;
    }
    BigDecimal twice = noted.subtract(cost).subtract(known);
    return twice.min(noted).max(BigDecimal.ZERO).subtract(kept);
  }

  private boolean hasUnbilled() {
    return !unbilled.isEmpty()
        || tiered.values().stream().anyMatch(usage -> !usage.unbilled.isEmpty());
  }

  public boolean isFinal() {
    return bill != 0;
  }

  /** Whether something came after the final bill that no bill has. */
  public boolean isLate() {
    return isFinal() && (lateFrom != null || !charges.isEmpty() || hasUnbilled());
  }

  /** To the millisecond, as history has it. */
  void late(Instant exact) {
    Instant completion = exact.truncatedTo(ChronoUnit.MILLIS);
    if (lateFrom == null || completion.isBefore(lateFrom)) {
      lateFrom = completion;
    }
    if (lateTo == null || completion.isAfter(lateTo)) {
      lateTo = completion;
    }
  }

  /**
   * All of it stands on final bills now.
   *
   * @param requests how many requests the month has
   * @param uses which credits paid for it, or have got something back
   */
  public void settle(long requests, List<CreditUse> uses) {
    uses.forEach(use -> pay(use.credit(), use.amount()));
    unbilled.clear();
    tiered.clear();
    charges.clear();
    lateFrom = null;
    lateTo = null;
    billedRequests = requests;
    revision++;
  }

  /** What a bill had taken is not billed any more; together with what came since. */
  public void reopen(
      @Nullable Instant from,
      @Nullable Instant to,
      List<Charge> billed,
      long requests,
      List<CreditUse> uses) {
    uses.forEach(use -> pay(use.credit(), use.amount().negate()));
    if (from != null) {
      late(from);
    }
    if (to != null) {
      late(to);
    }
    List<Charge> since = List.copyOf(charges);
    charges.clear();
    billed.forEach(this::addCharge);
    since.forEach(this::addCharge);
    billedRequests = requests;
    revision++;
  }

  /** What is charged twice under one id is one charge. */
  void addCharge(Charge charge) {
    for (int i = 0; i < charges.size(); i++) {
      Charge known = charges.get(i);
      if (known.id().equals(charge.id())) {
        BigDecimal sum = known.amount().add(charge.amount());
        charges.remove(i);
        if (sum.signum() != 0) {
          charges.add(i, known.withAmount(sum));
        }
        return;
      }
    }
    charges.add(charge);
  }

  private void pay(String credit, BigDecimal amount) {
    BigDecimal after = paid.getOrDefault(credit, BigDecimal.ZERO).add(amount);
    if (after.signum() == 0) {
      paid.remove(credit);
    } else {
      paid.put(credit, after);
    }
  }

  /**
   * A credit gets back what it paid for the month.
   *
   * @return how much, at most all that it paid
   */
  BigDecimal takeBack(String credit, BigDecimal most) {
    BigDecimal back = paid.getOrDefault(credit, BigDecimal.ZERO).min(most).max(BigDecimal.ZERO);
    pay(credit, back.negate());
    return back;
  }

  /** The month has no final bill any more, and gets one only when a person says so. */
  public void open() {
    bill = 0;
    manual = true;
    lateFrom = null;
    lateTo = null;
  }
}
