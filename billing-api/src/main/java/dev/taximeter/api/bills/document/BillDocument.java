package dev.taximeter.api.bills.document;

import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.event.AccountState.CreditKind;
import dev.taximeter.contract.money.Decimals;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything that the documents of a bill show. What is null or empty has no place on them.
 *
 * @param account id
 * @param accountName for people
 * @param period calendar month in the zone
 * @param from first instant of the period
 * @param to first instant after the period
 * @param currency ISO 4217 code
 * @param number of the bill; null until it is final
 * @param finalizedAt null until it is final
 * @param lines what is charged, in the order in which it is shown
 * @param settlement what pays for it; null if nothing is said about that
 * @param notes what was credited after the bill was final
 * @param contentHash SHA-256 of what was billed, 64 hex digits; null until it is final
 */
public record BillDocument(
    String account,
    String accountName,
    YearMonth period,
    ZoneId zone,
    Instant from,
    Instant to,
    String currency,
    Status status,
    @Nullable String number,
    @Nullable Instant finalizedAt,
    List<Line> lines,
    Totals totals,
    @Nullable Settlement settlement,
    List<Note> notes,
    Coverage coverage,
    @Nullable String contentHash) {

  public BillDocument {
    lines = List.copyOf(lines);
    notes = List.copyOf(notes);
  }

  /** Where the bill stands. */
  public enum Status {
    /** The period goes on. */
    PREVIEW,
    /** The period has ended; late usage may still change the bill. */
    OPEN,
    /** Nothing changes any more. */
    FINAL,
    /** It was final, and does not count any more. */
    VOID
  }

  /** What a line is about. */
  public enum Kind {
    /** Usage of the period. */
    USAGE,
    /** Usage of an earlier month whose bill was final already. */
    LATE,
    /** A debit, an adjustment, or the difference that a re-rating posted. */
    CHARGE
  }

  /**
   * One thing that is charged.
   *
   * @param subject model or price entry; of a charge, its reason
   * @param tokenClass null of a charge
   * @param period of late usage the month it completed in, of a re-rating the month that was
   *     re-rated; else null
   * @param quantity tokens or requests; null of a charge
   * @param unitPrice null if the price is tiered, or not known here
   * @param tiers how the quantity splits over a tiered price; empty if it is not tiered, or not
   *     known here
   * @param priceVersion which price it was; null of a charge
   * @param amount exact
   * @param formula how the amount comes about, as text; null if that is not known here
   */
  public record Line(
      Kind kind,
      String subject,
      @Nullable TokenClass tokenClass,
      @Nullable YearMonth period,
      @Nullable Long quantity,
      @Nullable UnitPrice unitPrice,
      List<Tier> tiers,
      @Nullable String priceVersion,
      BigDecimal amount,
      @Nullable String formula) {
    public Line {
      tiers = List.copyOf(tiers);
    }
  }

  /**
   * A price.
   *
   * @param amount exact
   * @param per tokens or requests that it is for, such as 1,000,000
   */
  public record UnitPrice(BigDecimal amount, long per) {}

  /**
   * Part of a quantity, at a tier's price.
   *
   * @param above the tier begins after so many
   * @param upTo and ends with so many; null if it has no end
   * @param quantity of the line's, that lies in it
   */
  public record Tier(
      long above, @Nullable Long upTo, long quantity, UnitPrice unitPrice, BigDecimal amount) {}

  /**
   * What all lines come to.
   *
   * @param exact sum of the lines
   * @param rounding rounded - exact
   * @param rounded to the currency's minor unit
   */
  public record Totals(BigDecimal exact, BigDecimal rounding, BigDecimal rounded) {}

  /**
   * What pays for the bill.
   *
   * @param credits in the order of their use
   * @param exactDue exact total less credits
   * @param rounding due - exactDue
   * @param due rounded to the currency's minor unit
   */
  public record Settlement(
      List<Credit> credits, BigDecimal exactDue, BigDecimal rounding, BigDecimal due) {
    public Settlement {
      credits = List.copyOf(credits);
    }
  }

  /** What is due after credit notes; null if nothing is said about that, or there are none. */
  @Nullable BigDecimal leftDue() {
    if (settlement == null || notes.isEmpty()) {
      return null;
    }
    BigDecimal left =
        notes.stream().map(Note::lessDue).reduce(settlement.due(), BigDecimal::subtract);
    // Notes of earlier versions may be finer than the minor unit.
    return Decimals.withMinorUnits(left, currency);
  }

  /**
   * What a bill takes of a credit.
   *
   * @param kind null if it is not known
   * @param reason why it was given; null if nobody said, or it is not known
   * @param amount exact; below 0 if the credit gets something back
   */
  public record Credit(
      String id, @Nullable CreditKind kind, @Nullable String reason, BigDecimal amount) {}

  /**
   * A credit note.
   *
   * @param amount all that it gives back, positive
   * @param lessDue what of it is due less
   * @param returned what of it goes back to credits, positive
   */
  public record Note(
      String number,
      Instant at,
      BigDecimal amount,
      BigDecimal lessDue,
      List<Credit> returned,
      String reason) {
    public Note {
      returned = List.copyOf(returned);
    }
  }

  /**
   * What the bill stands on.
   *
   * @param requests billed ones of the period
   * @param unpriced how many of them had no price and cost nothing
   * @param merged all of them if the month is full, and models share lines; else 0
   * @param sequence all of the month up to this one of the account's sequence numbers is in it
   * @param asOf when the document was made
   * @param completeThrough every logged request that completed before is in it; null if nobody
   *     vouches for that
   */
  public record Coverage(
      long requests,
      long unpriced,
      long merged,
      long sequence,
      Instant asOf,
      @Nullable Instant completeThrough) {}
}
