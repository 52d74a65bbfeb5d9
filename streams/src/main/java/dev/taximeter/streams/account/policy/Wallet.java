package dev.taximeter.streams.account.policy;

import dev.taximeter.contract.event.AccountState.Books;
import dev.taximeter.contract.event.AccountState.Charge;
import dev.taximeter.contract.event.AccountState.CreditState;
import dev.taximeter.contract.event.AccountState.CreditUse;
import dev.taximeter.contract.event.AccountState.PeriodBilling;
import dev.taximeter.contract.event.AccountState.ReRated;
import dev.taximeter.contract.event.FinalBill;
import dev.taximeter.contract.event.LedgerPosting;
import dev.taximeter.contract.event.LedgerPosting.Entry;
import dev.taximeter.contract.event.LedgerPosting.LedgerAccount;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What an account has, owes and was billed. Usage changes it in place; whoever decides about a
 * command works on a copy, so that a decision that cannot be written leaves nothing behind. Not
 * thread-safe.
 */
public final class Wallet {
  /**
   * Credits of an account that are not over: each is in every published state of it, some 150
   * bytes.
   */
  public static final int MOST_CREDITS = 2_000;

  /** Debits and adjustments that wait for a bill, for the same reason. */
  public static final int MOST_CHARGES = 2_000;

  /** Differences of re-ratings that wait for a bill. */
  static final int MOST_RE_RATINGS = 200;

  /**
   * Billing start: the month of this instant is the first that gets a bill by itself. Null before.
   */
  public @Nullable Instant opened;

  /** Number of the last posting. */
  public long postings;

  /** Number of the last final bill. */
  public long bills;

  /** Number of the last credit note. */
  public long notes;

  /** The account's sequence number at the last final bill that is not void. */
  public long billedSequence;

  /** Commands decided so far. */
  public long commands;

  public BigDecimal charged = BigDecimal.ZERO;
  public BigDecimal noted = BigDecimal.ZERO;

  /** What credits gave that lie beside the wallet, because they are over. */
  public BigDecimal over = BigDecimal.ZERO;

  /** When the last of those that were not used up expired; null if there is none. */
  public @Nullable Instant overUntil;

  private final TreeMap<String, Credit> credits = new TreeMap<>();
  private final TreeMap<YearMonth, PeriodBook> periods = new TreeMap<>();

  /** How far months were re-rated. */
  public final TreeMap<YearMonth, ReRated> reRated = new TreeMap<>();

  /** When some credit begins or ends: cost between two of them is covered by the same credits. */
  private TreeSet<Instant> cuts = new TreeSet<>();

  /** Usage by finer instants than those of {@link #cuts}. */
  public interface Spending {
    /** Stands for cost at flat prices, and charges. */
    String FLAT = "";

    /**
     * @param period month of the usage
     * @param revision {@link PeriodBook#revision}
     * @param line {@link #FLAT}, or the line of a tiered price
     * @param from inclusive
     * @param until exclusive
     * @return cost, or at tiered prices quantity, of what completed in the range
     */
    BigDecimal between(YearMonth period, long revision, String line, Instant from, Instant until);

    /**
     * Usage that final bills have counts, too: a bill may be voided.
     *
     * @return whether there is usage of which is not known on which side of the instant it lies
     */
    boolean isBlurred(YearMonth period, Instant at);
  }

  public Wallet copy() {
    Wallet copy = new Wallet();
    copy.opened = opened;
    copy.postings = postings;
    copy.bills = bills;
    copy.notes = notes;
    copy.billedSequence = billedSequence;
    copy.commands = commands;
    copy.charged = charged;
    copy.noted = noted;
    copy.over = over;
    copy.overUntil = overUntil;
    copy.credits.putAll(credits);
    periods.forEach((period, book) -> copy.periods.put(period, book.copy()));
    copy.reRated.putAll(reRated);
    copy.cuts = new TreeSet<>(cuts);
    return copy;
  }

  public Collection<Credit> credits() {
    return credits.values();
  }

  public @Nullable Credit credit(String id) {
    return credits.get(id);
  }

  /** Months with cost, charges or bills, oldest first. */
  public TreeMap<YearMonth, PeriodBook> periods() {
    return periods;
  }

  public PeriodBook period(YearMonth period) {
    PeriodBook book = periods.get(period);
    if (book == null) {
      book = new PeriodBook();
      periods.put(period, book);
    }
    return book;
  }

  /** The latest instant, not after the completion, at which some credit begins or ends. */
  public Instant cutBefore(Instant completion) {
    Instant cut = cuts.isEmpty() ? null : cuts.floor(completion);
    return cut == null ? Instant.EPOCH : cut;
  }

  /** The next instant at which some credit begins or ends. */
  public Instant cutAfter(Instant instant) {
    Instant cut = cuts.higher(instant);
    return cut == null ? Instant.MAX : cut;
  }

  /** Takes usage in. What cost nothing is only noted if it came after the month's bill. */
  public void add(Rating rating, Instant completion) {
    YearMonth period = rating.period();
    PeriodBook book = periods.get(period);
    if (book == null) {
      if (rating.cost().signum() == 0 && rating.tiered().isEmpty()) {
        return;
      }
      book = period(period);
    }
    if (book.isFinal()) {
      book.late(completion);
    }
    Instant cut = cutBefore(completion);
    book.cost = book.cost.add(rating.cost());
    BigDecimal flat = rating.flatCost();
    if (flat.signum() != 0) {
      book.unbilled.merge(cut, flat, BigDecimal::add);
    }
    for (Rating.Tiered tiered : rating.tiered()) {
      TieredUsage usage = book.tiered.get(tiered.line());
      if (usage == null) {
        // What stood on the line before is billed: what is not stands here.
        usage = new TieredUsage(tiered.schedule(), tiered.before());
        book.tiered.put(tiered.line(), usage);
      }
      usage.unbilled.merge(cut, tiered.charge().quantity(), Long::sum);
    }
  }

  /**
   * Takes a charge in.
   *
   * @param countsAt credits that cover this instant pay for it
   */
  public void charge(YearMonth period, Charge charge, Instant countsAt) {
    PeriodBook book = period(period);
    book.charges.add(charge);
    BigDecimal known = book.charged;
    book.charged = known == null ? null : known.add(charge.amount());
    book.unbilled.merge(cutBefore(countsAt), charge.amount(), BigDecimal::add);
    charged = charged.add(charge.amount());
  }

  /**
   * What was charged because credit notes had given it back already.
   *
   * @param at credits that cover this instant pay for it
   * @param amount below 0 if less is charged than before
   */
  public record Kept(Instant at, BigDecimal amount) {}

  /**
   * Charges what a month gives back that credit notes gave back before: what was billed once is
   * given back once. A function of totals, so that the order of arrival does not matter.
   *
   * @return null if nothing changes
   */
  public @Nullable Kept keep(YearMonth period) {
    PeriodBook book = periods.get(period);
    Instant end = book == null ? null : book.end;
    if (book == null || end == null || book.missingKept().signum() == 0) {
      return null;
    }
    BigDecimal more = book.missingKept();
    book.kept = book.kept.add(more);
    book.addCharge(
        new Charge(
            "credit-notes:" + period,
            LedgerPosting.Kind.ADJUSTMENT,
            end,
            more,
            "credit notes on bills of %s gave this back before".formatted(period)));
    Instant cut = cutBefore(end);
    put(book.unbilled, cut, book.unbilled.getOrDefault(cut, BigDecimal.ZERO).add(more));
    charged = charged.add(more);
    return new Kept(end, more);
  }

  /** Whether a further charge has room. Re-ratings are few, and have room of their own. */
  public boolean hasRoomForCharge(Charge charge) {
    boolean reRating = charge.kind() == LedgerPosting.Kind.RE_RATING;
    long waiting =
        periods.values().stream()
            .flatMap(book -> book.charges.stream())
            .filter(each -> (each.kind() == LedgerPosting.Kind.RE_RATING) == reRating)
            .count();
    return waiting < (reRating ? MOST_RE_RATINGS : MOST_CHARGES);
  }

  /** Whether something lies beside the wallet: a credit, or what one that is back paid for. */
  public boolean hasFolded() {
    return over.signum() != 0
        || overUntil != null
        || periods.values().stream().anyMatch(book -> book.folded);
  }

  public long creditsOfPeople() {
    return credits.values().stream().filter(Credit::isOfPeople).count();
  }

  /** Instants at which some credit begins or ends, of those that are over, too. */
  public TreeSet<Instant> cuts() {
    return cuts;
  }

  /**
   * Credits of people that nothing draws on and that have nothing to give: used up by final bills,
   * or expired and posted as that. All months that they paid for, and all that began before they
   * expired, are billed to the end.
   */
  public List<Credit> over(Draws draws, Instant now) {
    TreeSet<String> needed = new TreeSet<>();
    TreeSet<YearMonth> open = new TreeSet<>();
    periods.forEach(
        (period, book) -> {
          if (!book.isFinal() || book.isLate()) {
            needed.addAll(book.paid.keySet());
            open.add(period);
          }
        });
    return credits.values().stream()
        .filter(credit -> credit.isOfPeople() && !needed.contains(credit.id()))
        .filter(credit -> draws.of(credit.id()).signum() == 0)
        .filter(credit -> credit.postedDrawn().compareTo(credit.applied()) == 0)
        .filter(
            credit ->
                !credit.hasLeft()
                    || (isPostedAsExpired(credit, now) && expiredBefore(credit, open)))
        .toList();
  }

  /** Whether no zone has the month of its end, or an earlier one, among the open ones. */
  private static boolean expiredBefore(Credit credit, TreeSet<YearMonth> open) {
    Instant end = credit.expiresAt();
    return end != null
        && (open.isEmpty()
            || open.first().isAfter(YearMonth.from(end.atOffset(ZoneOffset.UTC)).plusMonths(1)));
  }

  private static boolean isPostedAsExpired(Credit credit, Instant now) {
    BigDecimal left = credit.amount().subtract(credit.applied());
    return credit.expired(now) && credit.postedExpired().compareTo(left) == 0;
  }

  /** A credit that is over leaves; where it began and ended stays known. */
  public void putAway(Credit credit) {
    credits.remove(credit.id());
    over = over.add(credit.applied());
    Instant end = credit.expiresAt();
    if (credit.hasLeft() && end != null && (overUntil == null || overUntil.isBefore(end))) {
      overUntil = end;
    }
  }

  /** A credit that had left is here again. */
  public void bringBack(Credit credit) {
    credits.put(credit.id(), credit);
    over = over.subtract(credit.applied());
  }

  /** Adds a credit whose boundaries lie where they may. For what was stored. */
  public void restore(Credit credit) {
    credits.put(credit.id(), credit);
    boundaries(credit).forEach(cuts::add);
  }

  /**
   * Adds a credit. What was spent before is split at its boundaries, as finely as is known: cost
   * that is not known to lie on one side counts as earlier.
   */
  public void add(Credit credit, Spending spending) {
    for (Instant boundary : boundaries(credit)) {
      if (!cuts.contains(boundary)) {
        split(boundary, spending);
        cuts.add(boundary);
      }
    }
    credits.put(credit.id(), credit);
  }

  private void split(Instant boundary, Spending spending) {
    Instant before = cutBefore(boundary);
    Instant after = cutAfter(boundary);
    periods.forEach(
        (period, book) -> {
          // What cancels out has no entry, and two parts that differ from 0 nonetheless.
          if (!book.isFinal() || book.isLate()) {
            BigDecimal together = book.unbilled.getOrDefault(before, BigDecimal.ZERO);
            BigDecimal later =
                spending.between(period, book.revision, Spending.FLAT, boundary, after);
            put(book.unbilled, before, together.subtract(later));
            put(book.unbilled, boundary, later);
          }
          book.tiered.forEach(
              (line, usage) -> {
                Long quantity = usage.unbilled.get(before);
                if (quantity != null) {
                  long later =
                      spending
                          .between(period, book.revision, line, boundary, after)
                          .longValueExact();
                  put(usage.unbilled, before, quantity - later);
                  put(usage.unbilled, boundary, later);
                }
              });
        });
  }

  private static void put(Map<Instant, Long> quantities, Instant from, long quantity) {
    if (quantity == 0) {
      quantities.remove(from);
    } else {
      quantities.put(from, quantity);
    }
  }

  private static void put(Map<Instant, BigDecimal> costs, Instant from, BigDecimal cost) {
    if (cost.signum() == 0) {
      costs.remove(from);
    } else {
      costs.put(from, cost);
    }
  }

  /**
   * @return a boundary of the credit that lies within cost whose instants are not known finely
   *     enough; null if there is none
   */
  public @Nullable Instant blurredBoundary(Credit credit, Spending spending) {
    for (Instant boundary : boundaries(credit)) {
      if (!cuts.contains(boundary)) {
        for (YearMonth period : periods.keySet()) {
          if (spending.isBlurred(period, boundary)) {
            return boundary;
          }
        }
      }
    }
    return null;
  }

  private static List<Instant> boundaries(Credit credit) {
    List<Instant> boundaries = new ArrayList<>();
    if (credit.effectiveFrom() != null && credit.effectiveFrom().isAfter(Instant.EPOCH)) {
      boundaries.add(credit.effectiveFrom());
    }
    if (credit.expiresAt() != null && credit.expiresAt().isAfter(Instant.EPOCH)) {
      boundaries.add(credit.expiresAt());
    }
    return boundaries;
  }

  public void setAmount(Credit credit, BigDecimal amount) {
    credits.put(credit.id(), credit.withAmount(amount));
  }

  /** Which credits pay for what is not billed, as of now. */
  public Draws draws() {
    return Draws.of(credits.values(), periods);
  }

  /**
   * @return all credits, in the order they are drawn down
   */
  public List<CreditState> creditStates(Draws draws) {
    return credits.values().stream()
        .sorted(Credit.DRAW_DOWN_ORDER)
        .map(
            credit ->
                new CreditState(
                    credit.id(),
                    credit.kind(),
                    credit.priority(),
                    credit.given(drawn(credit, draws)),
                    credit.effectiveFrom(),
                    credit.expiresAt(),
                    credit.applied(),
                    drawn(credit, draws),
                    credit.reason()))
        .toList();
  }

  private static BigDecimal drawn(Credit credit, Draws draws) {
    return credit.applied().add(draws.of(credit.id()));
  }

  public PeriodBilling billing(YearMonth period, Draws draws) {
    PeriodBook book = periods.get(period);
    return book == null
        ? PeriodBilling.OPEN
        : new PeriodBilling(
            book.bill,
            book.revision,
            draws.of(period),
            book.charges,
            book.lateFrom,
            book.lateTo,
            reRated.get(period),
            book.charged == null ? null : book.noted);
  }

  public Books books() {
    return new Books(opened, postings, bills, charged, noted, over);
  }

  /**
   * What the account can spend: credits that have begun and have not expired unused, less debits,
   * plus notes, less usage.
   */
  public BigDecimal balance(BigDecimal spent, Instant now) {
    Draws draws = draws();
    BigDecimal granted = noted.subtract(charged).add(over);
    for (Credit credit : credits.values()) {
      BigDecimal drawn = drawn(credit, draws);
      granted = granted.add(credit.isInForce(now) ? credit.given(drawn) : drawn);
    }
    return granted.subtract(spent);
  }

  /**
   * Brings the ledger up to date with usage and the credits that pay for it.
   *
   * @return the entries that are missing; empty if there are none. They count as posted from now on
   */
  public List<Entry> postUsage(Draws draws) {
    List<Entry> entries = new ArrayList<>();
    periods.forEach(
        (period, book) -> {
          BigDecimal missing = book.cost.subtract(book.postedCost);
          if (missing.signum() != 0) {
            entries.add(new Entry(LedgerAccount.UNBILLED, period, null, missing));
            entries.add(new Entry(LedgerAccount.USAGE, period, null, missing.negate()));
            book.postedCost = book.cost;
          }
        });
    for (Credit credit : List.copyOf(credits.values())) {
      BigDecimal drawn = drawn(credit, draws);
      BigDecimal missing = drawn.subtract(credit.postedDrawn());
      if (missing.signum() != 0) {
        entries.add(new Entry(LedgerAccount.CREDITS, null, credit.id(), missing));
        entries.add(new Entry(LedgerAccount.UNBILLED, null, credit.id(), missing.negate()));
        credits.put(credit.id(), credit.withPosted(drawn, credit.postedExpired()));
      }
    }
    postBeyond(draws, entries);
    return entries;
  }

  /** What was drawn of a credit of the catalogue before it was lowered was given nonetheless. */
  private void postBeyond(Draws draws, List<Entry> entries) {
    for (Credit credit : List.copyOf(credits.values())) {
      BigDecimal beyond = credit.beyond(drawn(credit, draws));
      BigDecimal missing = beyond.subtract(credit.postedBeyond());
      if (missing.signum() != 0) {
        entries.add(new Entry(LedgerAccount.PROMOTION, null, credit.id(), missing));
        entries.add(new Entry(LedgerAccount.CREDITS, null, credit.id(), missing.negate()));
        credits.put(credit.id(), credit.withPostedBeyond(beyond));
      }
    }
  }

  /**
   * @return as {@link #postUsage}: what {@link #keep} charged
   */
  public List<Entry> postKept() {
    List<Entry> entries = new ArrayList<>();
    periods.forEach(
        (period, book) -> {
          BigDecimal missing = book.kept.subtract(book.postedKept);
          if (missing.signum() != 0) {
            entries.add(new Entry(LedgerAccount.UNBILLED, period, null, missing));
            entries.add(new Entry(LedgerAccount.ADJUSTMENTS, period, null, missing.negate()));
            book.postedKept = book.kept;
          }
        });
    return entries;
  }

  /**
   * Posts what expired unused, or comes back because late usage draws on expired credit.
   *
   * @return as {@link #postUsage}
   */
  public List<Entry> postExpiry(Draws draws, Instant now) {
    List<Entry> entries = new ArrayList<>();
    for (Credit credit : List.copyOf(credits.values())) {
      BigDecimal drawn = drawn(credit, draws);
      BigDecimal expired =
          credit.expired(now) ? credit.given(drawn).subtract(drawn) : BigDecimal.ZERO;
      BigDecimal missing = expired.subtract(credit.postedExpired());
      if (missing.signum() != 0) {
        entries.add(new Entry(LedgerAccount.CREDITS, null, credit.id(), missing));
        entries.add(new Entry(LedgerAccount.BREAKAGE, null, credit.id(), missing.negate()));
        credits.put(credit.id(), credit.withPosted(credit.postedDrawn(), expired));
      }
    }
    return entries;
  }

  /** Whether the ledger lacks something. */
  public boolean isBehind(Draws draws, Instant now) {
    for (PeriodBook book : periods.values()) {
      if (book.cost.compareTo(book.postedCost) != 0 || book.kept.compareTo(book.postedKept) != 0) {
        return true;
      }
    }
    for (Credit credit : credits.values()) {
      BigDecimal drawn = drawn(credit, draws);
      BigDecimal expired =
          credit.expired(now) ? credit.given(drawn).subtract(drawn) : BigDecimal.ZERO;
      if (drawn.compareTo(credit.postedDrawn()) != 0
          || credit.beyond(drawn).compareTo(credit.postedBeyond()) != 0
          || expired.compareTo(credit.postedExpired()) != 0) {
        return true;
      }
    }
    return false;
  }

  /** A bill has become final: what it took of credits is taken for good. */
  public void settle(YearMonth period, FinalBill.Content content) {
    PeriodBook book = period(period);
    book.bill = content.number();
    book.manual = false;
    bills = content.number();
    change(content.creditsApplied(), true);
  }

  /** A bill is void: what it took of credits is free again. */
  public void reopen(FinalBill.Content content) {
    change(content.creditsApplied(), false);
  }

  /**
   * A credit note gives back to a credit what it paid; the ledger has it as not drawn.
   *
   * @param months of which the credit paid, the first ones first
   * @param taken told how much comes back of which month
   */
  void giveBack(
      CreditUse returned, List<YearMonth> months, BiConsumer<YearMonth, BigDecimal> taken) {
    Credit credit = credits.get(returned.credit());
    if (credit == null) {
      throw new IllegalArgumentException("no such credit");
    }
    BigDecimal less = returned.amount();
    credits.put(
        credit.id(),
        credit
            .withApplied(credit.applied().subtract(less))
            .withPosted(credit.postedDrawn().subtract(less), credit.postedExpired()));
    BigDecimal left = less;
    for (YearMonth month : months) {
      PeriodBook book = periods.get(month);
      if (book != null) {
        BigDecimal back = book.takeBack(credit.id(), left);
        taken.accept(month, back);
        left = left.subtract(back);
      }
    }
  }

  private void change(List<CreditUse> uses, boolean taken) {
    for (CreditUse use : uses) {
      Credit credit = credits.get(use.credit());
      if (credit != null) {
        BigDecimal amount = taken ? use.amount() : use.amount().negate();
        credits.put(credit.id(), credit.withApplied(credit.applied().add(amount)));
      }
    }
  }
}
