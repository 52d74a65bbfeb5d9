package dev.taximeter.contract.event;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.taximeter.contract.money.Decimals;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.YearMonth;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One posting of an account's ledger: entries that add up to exactly 0. Postings are never changed
 * or taken back; what was wrong is corrected by another one. Key: {@link #recordKey}.
 *
 * @param account whose ledger it is; its entries are in the account's currency
 * @param number 1, 2, 3 … of the account, without gaps
 * @param kind why it was made
 * @param at when it was decided
 * @param sequence the account's sequence number then: usage up to it has been posted
 * @param currency ISO 4217 code
 * @param commandId the command that asked for it; null if nobody did
 * @param author who asked; empty if nobody did
 * @param reason why; may be empty
 * @param bill number of the bill concerned; 0 if none
 * @param entries one or more; of 0 only for a bill of which nothing is due, and its void: the
 *     posting tells when that was
 * @param recorded when the account's writer recorded it: by the same clock that tells when usage
 *     was rated, and later than {@code at} if the command had to wait; null on postings from before
 *     it was kept
 * @param terms of the credit that the posting gives, as they are in force; null of postings that
 *     give none, and on those from before it was kept
 */
public record LedgerPosting(
    String account,
    long number,
    Kind kind,
    Instant at,
    long sequence,
    String currency,
    @Nullable String commandId,
    String author,
    String reason,
    long bill,
    List<Entry> entries,
    @Nullable Instant recorded,
    @Nullable CreditTerms terms) {
  /** Why a posting was made. */
  public enum Kind {
    /** Credit given for nothing. */
    GRANT,
    /** Credit that was paid for. */
    TOP_UP,
    /** Usage since the last posting of this kind, and the credit that is drawn down by it. */
    USAGE,
    /** A correction by a person, in either direction. */
    ADJUSTMENT,
    /** A charge by a person or another system. */
    DEBIT,
    /** Credit that expired unused, or usage that came late for expired credit. */
    EXPIRY,
    /** A final bill: what no credit paid is due. */
    BILL,
    /** Less is due for a final bill, or credits that paid for it have more left. */
    CREDIT_NOTE,
    /** A final bill that does not count any more. */
    VOID,
    /**
     * What usage that was rated before costs at prices that were learned since, less what it did.
     */
    RE_RATING;

    @JsonValue
    public String code() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /**
   * What money moves between. The first four together are what the account owes (above 0) or has
   * left (below 0): the balance with the sign turned.
   */
  public enum LedgerAccount {
    /** Credits that the account has left. */
    CREDITS,
    /** Usage and debits that neither a credit nor a bill has taken up. */
    UNBILLED,
    /** Due by final bills. */
    RECEIVABLE,
    /** Differences between exact and rounded bills. */
    ROUNDING,
    /** What usage earned. */
    USAGE,
    /** What debits earned. */
    DEBITS,
    /** Credit given for nothing. */
    PROMOTION,
    /** Money that was paid for credit. */
    CASH,
    /** Corrections by people. */
    ADJUSTMENTS,
    /** Credit that expired unused. */
    BREAKAGE;

    @JsonValue
    public String code() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * @param period month of the usage; null if it concerns none
   * @param credit id of the credit; null if it concerns none
   * @param amount above 0 a debit, below 0 a credit of the ledger account
   */
  public record Entry(
      LedgerAccount ledger,
      @Nullable YearMonth period,
      @Nullable String credit,
      BigDecimal amount) {
    public Entry {
      amount = Decimals.canonical(amount);
    }
  }

  /**
   * When a credit pays. Its kind and reason are those of its posting.
   *
   * @param priority lower ones are drawn down first
   * @param effectiveFrom pays only for usage completed then or later; null for all usage
   * @param expiresAt pays only for usage completed before; null if it never expires
   */
  public record CreditTerms(
      int priority, @Nullable Instant effectiveFrom, @Nullable Instant expiresAt) {}

  /** A posting that gives no credit. */
  public LedgerPosting(
      String account,
      long number,
      Kind kind,
      Instant at,
      long sequence,
      String currency,
      @Nullable String commandId,
      String author,
      String reason,
      long bill,
      List<Entry> entries,
      @Nullable Instant recorded) {
    this(
        account, number, kind, at, sequence, currency, commandId, author, reason, bill, entries,
        recorded, null);
  }

  /** A posting of which is not known when it was recorded. */
  public LedgerPosting(
      String account,
      long number,
      Kind kind,
      Instant at,
      long sequence,
      String currency,
      @Nullable String commandId,
      String author,
      String reason,
      long bill,
      List<Entry> entries) {
    this(
        account, number, kind, at, sequence, currency, commandId, author, reason, bill, entries,
        null, null);
  }

  /**
   * @throws IllegalArgumentException if the entries do not add up to 0
   */
  public LedgerPosting {
    entries = List.copyOf(entries);
    BigDecimal sum = entries.stream().map(Entry::amount).reduce(BigDecimal.ZERO, BigDecimal::add);
    if (sum.signum() != 0) {
      throw new IllegalArgumentException(
          "the entries of posting %d of %s add up to %s"
              .formatted(number, account, sum.toPlainString()));
    }
  }

  /**
   * @return one for each posting, so that a compacted topic keeps them all
   */
  public String recordKey() {
    return account + '\t' + number;
  }
}
