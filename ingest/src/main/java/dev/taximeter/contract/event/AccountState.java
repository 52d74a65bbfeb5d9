package dev.taximeter.contract.event;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.money.Decimals;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.YearMonth;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Everything about an account's money at one sequence number: balance, bill previews and totals are
 * pure functions of this record, so they cannot disagree.
 *
 * @param account id; {@code unattributed:…} for usage that nobody has claimed
 * @param sequence events rated so far; 0 before the first
 * @param termsVersion catalogue version of the terms in force; 0 if unattributed
 * @param currency ISO 4217 code; empty if unattributed
 * @param zone IANA zone that decides months and days
 * @param spent exact usage cost since the account began: the sum over all periods' lines
 * @param requests events since the account began
 * @param credits grants, in the order they are drawn down
 * @param periods usage by billing period, oldest first
 * @param lastCompletion latest completion instant seen; null before the first event
 * @param books where ledger and bills stand
 */
public record AccountState(
    String account,
    long sequence,
    long termsVersion,
    String currency,
    String zone,
    BigDecimal spent,
    long requests,
    List<CreditState> credits,
    List<Period> periods,
    @Nullable Instant lastCompletion,
    Books books) {
  public AccountState {
    spent = Decimals.canonical(spent);
    credits = List.copyOf(credits);
    periods = List.copyOf(periods);
    books = books == null ? Books.NONE : books;
  }

  /** An account without ledger and bills. */
  public AccountState(
      String account,
      long sequence,
      long termsVersion,
      String currency,
      String zone,
      BigDecimal spent,
      long requests,
      List<CreditState> credits,
      List<Period> periods,
      @Nullable Instant lastCompletion) {
    this(
        account,
        sequence,
        termsVersion,
        currency,
        zone,
        spent,
        requests,
        credits,
        periods,
        lastCompletion,
        Books.NONE);
  }

  /** Where a credit comes from. */
  public enum CreditKind {
    /** Given for nothing; those of the catalogue, too. */
    GRANT,
    /** Paid for. */
    TOP_UP,
    /** A correction by a person. */
    ADJUSTMENT;

    @JsonValue
    public String code() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /**
   * Money given to an account in advance.
   *
   * @param id the catalogue's, or {@code ledger:} and the id of its command
   * @param priority lower ones are drawn down first
   * @param effectiveFrom pays only for usage completed then or later; null for all usage
   * @param expiresAt pays only for usage completed before; null if it never expires
   * @param applied what final bills took of it: for good
   * @param drawn what usage takes of it, {@code applied} included: provisional beyond that
   * @param reason why it was given; empty if nobody said, cut if it is long
   */
  public record CreditState(
      String id,
      CreditKind kind,
      int priority,
      BigDecimal amount,
      @Nullable Instant effectiveFrom,
      @Nullable Instant expiresAt,
      BigDecimal applied,
      BigDecimal drawn,
      String reason) {
    public CreditState {
      amount = Decimals.canonical(amount);
      applied = Decimals.canonical(applied);
      drawn = Decimals.canonical(drawn);
      // Absent in records from before it was kept.
      reason = reason == null ? "" : reason;
    }

    /** A credit that nobody gave a reason for. */
    public CreditState(
        String id,
        CreditKind kind,
        int priority,
        BigDecimal amount,
        @Nullable Instant effectiveFrom,
        @Nullable Instant expiresAt,
        BigDecimal applied,
        BigDecimal drawn) {
      this(id, kind, priority, amount, effectiveFrom, expiresAt, applied, drawn, "");
    }

    /** A grant that no final bill has drawn on. */
    public CreditState(
        String id, BigDecimal amount, @Nullable Instant expiresAt, BigDecimal drawn) {
      this(
          id,
          CreditKind.GRANT,
          Order.GrantCredit.USUAL_PRIORITY,
          amount,
          null,
          expiresAt,
          BigDecimal.ZERO,
          drawn);
    }

    /** Whether it pays for nothing that completes from now on. */
    public boolean expired(Instant now) {
      return expiresAt != null && !expiresAt.isAfter(now);
    }

    /** Whether it pays for what completes now: it has begun, and has not expired. */
    public boolean isInForce(Instant now) {
      return !expired(now) && !isUpcoming(now);
    }

    /** Whether it will pay only for what completes later. */
    public boolean isUpcoming(Instant now) {
      return effectiveFrom != null && effectiveFrom.isAfter(now);
    }

    /**
     * @return what is left of it; nothing once it has expired
     */
    public BigDecimal remaining(Instant now) {
      return expired(now) ? BigDecimal.ZERO : Decimals.canonical(amount.subtract(drawn));
    }
  }

  /**
   * Where ledger and bills of an account stand.
   *
   * @param opened billing start: what the catalogue says, else when metering first heard of the
   *     account; null if it never did
   * @param postings number of the ledger's last posting
   * @param bills number of the last final bill
   * @param charged debits, adjustments to the account's disadvantage, and what re-ratings posted,
   *     since it began
   * @param noted credit notes on final bills, since it began
   * @param over what credits gave that are used up or have expired and are not listed any more: the
   *     ledger has them
   */
  public record Books(
      @Nullable Instant opened,
      long postings,
      long bills,
      BigDecimal charged,
      BigDecimal noted,
      BigDecimal over) {
    public static final Books NONE = new Books(null, 0, 0, BigDecimal.ZERO, BigDecimal.ZERO);

    public Books {
      charged = Decimals.canonical(charged);
      noted = Decimals.canonical(noted);
      // Absent in records from before it was kept.
      over = over == null ? BigDecimal.ZERO : Decimals.canonical(over);
    }

    /** Of an account whose credits are all listed. */
    public Books(
        @Nullable Instant opened, long postings, long bills, BigDecimal charged, BigDecimal noted) {
      this(opened, postings, bills, charged, noted, BigDecimal.ZERO);
    }
  }

  /**
   * What a bill takes of a credit.
   *
   * @param amount below 0 if the credit gets something back, because usage that it had paid for has
   *     become cheaper
   * @param kind null where the account's credits tell it, and on bills from before it was kept
   * @param reason why the credit was given; null as {@code kind}
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record CreditUse(
      String credit, BigDecimal amount, @Nullable CreditKind kind, @Nullable String reason) {
    public CreditUse {
      amount = Decimals.canonical(amount);
    }

    public CreditUse(String credit, BigDecimal amount) {
      this(credit, amount, null, null);
    }
  }

  /**
   * A debit, an adjustment to the account's disadvantage, or the difference that a re-rating
   * posted.
   *
   * @param id {@code ledger:} and the id of its command; {@code credit-notes:} and the month if
   *     nobody asked for it, because the month has become cheaper than its credit notes leave of it
   * @param kind {@code debit}, {@code adjustment} or {@code re-rating}
   * @param amount above 0, but for a re-rating that found the usage to be cheaper
   * @param period the month that was re-rated; null of others
   */
  public record Charge(
      String id,
      LedgerPosting.Kind kind,
      Instant at,
      BigDecimal amount,
      String reason,
      @Nullable YearMonth period) {
    public Charge {
      amount = Decimals.canonical(amount);
    }

    public Charge withAmount(BigDecimal changed) {
      return new Charge(id, kind, at, changed, reason, period);
    }

    /** A charge that is not about the usage of a month. */
    public Charge(
        String id, LedgerPosting.Kind kind, Instant at, BigDecimal amount, String reason) {
      this(id, kind, at, amount, reason, null);
    }
  }

  /**
   * How far a month was re-rated.
   *
   * @param posted sum of the differences that were posted, billed or not
   * @param basis sequence number up to which usage was priced again, last
   * @param termsVersion catalogue version of the terms that it was priced by
   */
  public record ReRated(BigDecimal posted, long basis, long termsVersion) {
    public ReRated {
      posted = Decimals.canonical(posted);
    }
  }

  /**
   * Where the bill of a month stands.
   *
   * @param bill number of the month's final bill; 0 while it is open
   * @param revision changes whenever something of the month is billed, or a bill of it is voided
   * @param creditsApplied credits that pay for what of the month is not billed yet; provisional
   * @param charges those that are not billed yet
   * @param lateFrom earliest completion of usage that came after the month's final bill and is not
   *     billed yet; null if there is none
   * @param lateTo latest completion of it
   * @param reRated null if the month never was re-rated
   * @param noted what credit notes gave back of what the month was billed; null if not all of it is
   *     known, because the month began before it was kept
   */
  public record PeriodBilling(
      long bill,
      long revision,
      List<CreditUse> creditsApplied,
      List<Charge> charges,
      @Nullable Instant lateFrom,
      @Nullable Instant lateTo,
      @Nullable ReRated reRated,
      @Nullable BigDecimal noted) {
    public static final PeriodBilling OPEN =
        new PeriodBilling(0, 0, List.of(), List.of(), null, null, null, BigDecimal.ZERO);

    /** A month without credit notes. */
    public PeriodBilling(
        long bill,
        long revision,
        List<CreditUse> creditsApplied,
        List<Charge> charges,
        @Nullable Instant lateFrom,
        @Nullable Instant lateTo,
        @Nullable ReRated reRated) {
      this(bill, revision, creditsApplied, charges, lateFrom, lateTo, reRated, BigDecimal.ZERO);
    }

    /** A month that never was re-rated. */
    public PeriodBilling(
        long bill,
        long revision,
        List<CreditUse> creditsApplied,
        List<Charge> charges,
        @Nullable Instant lateFrom,
        @Nullable Instant lateTo) {
      this(bill, revision, creditsApplied, charges, lateFrom, lateTo, null);
    }

    public PeriodBilling {
      creditsApplied = List.copyOf(creditsApplied);
      charges = List.copyOf(charges);
      noted = noted == null ? null : Decimals.canonical(noted);
    }
  }

  /**
   * A billing period.
   *
   * @param period calendar month in the account's zone
   * @param requests events that completed in it
   * @param unpriced how many of them had no price
   * @param lines all usage of the month, billed or not
   * @param billing where its bill stands
   * @param late what came after the month's final bill and is not billed yet
   * @param merged how many requests stand on the line of their price entry's pattern instead of one
   *     of their model, because the month is full; below 0 if that is not known
   */
  public record Period(
      YearMonth period,
      long requests,
      long unpriced,
      List<BillLine> lines,
      PeriodBilling billing,
      List<BillLine> late,
      long merged) {
    public Period {
      lines = List.copyOf(lines);
      billing = billing == null ? PeriodBilling.OPEN : billing;
      late = late == null ? List.of() : List.copyOf(late);
    }

    /** A month that is not full. */
    public Period(
        YearMonth period,
        long requests,
        long unpriced,
        List<BillLine> lines,
        PeriodBilling billing,
        List<BillLine> late) {
      this(period, requests, unpriced, lines, billing, late, 0);
    }

    /** A month that is not billed. */
    public Period(YearMonth period, long requests, long unpriced, List<BillLine> lines) {
      this(period, requests, unpriced, lines, PeriodBilling.OPEN, List.of());
    }
  }

  /**
   * Usage of one class at one price version.
   *
   * @param model the event's model, or the price entry's pattern if tiered; {@code *} for requests
   * @param priceVersion {@link dev.taximeter.contract.catalog.PriceEntry#version}, or the plan's
   * @param quantity tokens or requests
   * @param amount exact: a pure function of quantity and price version
   */
  public record BillLine(
      String model, TokenClass tokenClass, String priceVersion, long quantity, BigDecimal amount) {
    public BillLine {
      amount = Decimals.canonical(amount);
    }
  }

  /**
   * What the account was granted and can spend: all credits, less what expired unused, less what
   * has not begun, less debits, plus credit notes. With {@link #spent} it makes the balance.
   *
   * @param now decides which credits have begun and which have expired
   */
  public BigDecimal granted(Instant now) {
    BigDecimal granted = books.noted().subtract(books.charged()).add(books.over());
    for (CreditState credit : credits) {
      granted = granted.add(credit.isInForce(now) ? credit.amount() : credit.drawn());
    }
    return Decimals.canonical(granted);
  }

  /**
   * What can be spent later only: credits that have not begun.
   *
   * @param now decides which those are
   */
  public BigDecimal upcoming(Instant now) {
    BigDecimal upcoming = BigDecimal.ZERO;
    for (CreditState credit : credits) {
      if (credit.isUpcoming(now)) {
        upcoming = upcoming.add(credit.remaining(now));
      }
    }
    return Decimals.canonical(upcoming);
  }
}
