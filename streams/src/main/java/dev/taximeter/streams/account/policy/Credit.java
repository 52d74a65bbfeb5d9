package dev.taximeter.streams.account.policy;

import dev.taximeter.contract.event.AccountState.CreditKind;
import dev.taximeter.contract.event.LedgerPosting.CreditTerms;
import dev.taximeter.contract.money.Decimals;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * A credit in an account's wallet.
 *
 * @param id the catalogue's, or {@code ledger:} and the id of its command
 * @param priority lower ones are drawn down first
 * @param amount what can be drawn of it; one of the catalogue may have been lowered below what was
 *     drawn already, which stays given: {@link #given}
 * @param effectiveFrom pays only for usage completed then or later; null for all usage
 * @param expiresAt pays only for usage completed before; null if it never expires
 * @param applied what final bills took of it
 * @param postedDrawn what the ledger says was drawn of it
 * @param postedExpired what the ledger says expired of it
 * @param postedBeyond what the ledger says was given beyond the amount
 * @param reason why it was given, for people; empty if nobody said
 */
public record Credit(
    String id,
    CreditKind kind,
    int priority,
    BigDecimal amount,
    @Nullable Instant effectiveFrom,
    @Nullable Instant expiresAt,
    BigDecimal applied,
    BigDecimal postedDrawn,
    BigDecimal postedExpired,
    BigDecimal postedBeyond,
    String reason) {
  /** What the ids of credits begin with that people gave; others are the catalogue's. */
  static final String OF_PEOPLE = "ledger:";

  /** Characters of a reason: it is in every published state; the ledger has all of it. */
  private static final int LONGEST_REASON = 200;

  /** The order of draw-down: by priority, and of equals what expires first, and what was free. */
  static final Comparator<Credit> DRAW_DOWN_ORDER =
      Comparator.comparingInt(Credit::priority)
          .thenComparing(
              Credit::expiresAt, Comparator.nullsLast(Comparator.<Instant>naturalOrder()))
          .thenComparing(Credit::kind)
          .thenComparing(Credit::id);

  public Credit {
    amount = Decimals.canonical(amount);
    applied = Decimals.canonical(applied);
    postedDrawn = Decimals.canonical(postedDrawn);
    postedExpired = Decimals.canonical(postedExpired);
    postedBeyond = Decimals.canonical(postedBeyond);
  }

  /** As much of a reason as states and bills show. */
  public static String shown(String words) {
    if (words.length() <= LONGEST_REASON) {
      return words;
    }
    // Not in the middle of a character of two units.
    boolean splits = Character.isLowSurrogate(words.charAt(LONGEST_REASON));
    return words.substring(0, splits ? LONGEST_REASON - 1 : LONGEST_REASON) + "…";
  }

  /** With what it was given for. */
  public Credit withReason(String words) {
    return new Credit(
        id,
        kind,
        priority,
        amount,
        effectiveFrom,
        expiresAt,
        applied,
        postedDrawn,
        postedExpired,
        postedBeyond,
        shown(words));
  }

  /** A credit of which nothing is taken yet. */
  public static Credit of(
      String id,
      CreditKind kind,
      int priority,
      BigDecimal amount,
      @Nullable Instant effectiveFrom,
      @Nullable Instant expiresAt) {
    return new Credit(
        id,
        kind,
        priority,
        amount,
        effectiveFrom,
        expiresAt,
        BigDecimal.ZERO,
        BigDecimal.ZERO,
        BigDecimal.ZERO,
        BigDecimal.ZERO,
        "");
  }

  boolean isOfPeople() {
    return id.startsWith(OF_PEOPLE);
  }

  /** Whether bills took less of it than it is worth. */
  public boolean hasLeft() {
    return applied.compareTo(amount) < 0;
  }

  /** When it pays, for the ledger. */
  public CreditTerms terms() {
    return new CreditTerms(priority, effectiveFrom, expiresAt);
  }

  /** The same, but that it ends at another instant. */
  public Credit endingAt(Instant end) {
    return new Credit(
        id,
        kind,
        priority,
        amount,
        effectiveFrom,
        end,
        applied,
        postedDrawn,
        postedExpired,
        postedBeyond,
        reason);
  }

  /** Whether it pays for usage that completed at an instant. */
  boolean covers(Instant completion) {
    return (effectiveFrom == null || !completion.isBefore(effectiveFrom))
        && (expiresAt == null || completion.isBefore(expiresAt));
  }

  boolean isInForce(Instant now) {
    return !expired(now) && (effectiveFrom == null || !effectiveFrom.isAfter(now));
  }

  boolean expired(Instant now) {
    return expiresAt != null && !expiresAt.isAfter(now);
  }

  Credit withAmount(BigDecimal changed) {
    return new Credit(
        id,
        kind,
        priority,
        changed,
        effectiveFrom,
        expiresAt,
        applied,
        postedDrawn,
        postedExpired,
        postedBeyond,
        reason);
  }

  Credit withApplied(BigDecimal changed) {
    return new Credit(
        id,
        kind,
        priority,
        amount,
        effectiveFrom,
        expiresAt,
        changed,
        postedDrawn,
        postedExpired,
        postedBeyond,
        reason);
  }

  Credit withPosted(BigDecimal drawn, BigDecimal expired) {
    return new Credit(
        id,
        kind,
        priority,
        amount,
        effectiveFrom,
        expiresAt,
        applied,
        drawn,
        expired,
        postedBeyond,
        reason);
  }

  public Credit withPostedBeyond(BigDecimal beyond) {
    return new Credit(
        id,
        kind,
        priority,
        amount,
        effectiveFrom,
        expiresAt,
        applied,
        postedDrawn,
        postedExpired,
        beyond,
        reason);
  }

  /**
   * @param drawn what usage takes of it, final bills included
   * @return what it is worth to the account: what was drawn was given, whatever the catalogue says
   *     now
   */
  BigDecimal given(BigDecimal drawn) {
    return amount.max(drawn);
  }

  BigDecimal beyond(BigDecimal drawn) {
    return given(drawn).subtract(amount);
  }
}
