package dev.taximeter.contract.event;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.taximeter.contract.event.AccountState.BillLine;
import dev.taximeter.contract.event.AccountState.Charge;
import dev.taximeter.contract.event.AccountState.CreditUse;
import dev.taximeter.contract.money.Decimals;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A bill that will not change. What comes after it (credit notes, that it was voided) stands beside
 * the content that the hash covers. Key: {@link #recordKey}.
 *
 * @param status final, or void
 * @param content what was billed
 * @param finalizedAt when it became final
 * @param finalizedBy who asked for it; empty if it became final by itself
 * @param contentHash {@link Content#hash}
 * @param notes credit notes on it, in order
 * @param voided null unless it is void
 */
public record FinalBill(
    Status status,
    Content content,
    Instant finalizedAt,
    String finalizedBy,
    String contentHash,
    List<CreditNote> notes,
    @Nullable Voided voided) {
  public FinalBill {
    notes = List.copyOf(notes);
  }

  /** Where a final bill stands. */
  public enum Status {
    FINAL,
    VOID;

    @JsonValue
    public String code() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Something of the bill is given back: first less is due, then credits that paid for it have more
   * left.
   *
   * @param number 1, 2, 3 … of the account, without gaps
   * @param amount all that is given back
   * @param returned what of it goes back to credits, each above 0; empty on notes from before notes
   *     could do that
   */
  public record CreditNote(
      long number,
      BigDecimal amount,
      Instant at,
      String author,
      String reason,
      List<CreditUse> returned) {
    public CreditNote {
      amount = Decimals.canonical(amount);
      returned = returned == null ? List.of() : List.copyOf(returned);
    }

    /** A note that only makes less due. */
    public CreditNote(long number, BigDecimal amount, Instant at, String author, String reason) {
      this(number, amount, at, author, reason, List.of());
    }

    /**
     * @return by how much less is due for the bill
     */
    public BigDecimal lessDue() {
      return returned.stream().map(CreditUse::amount).reduce(amount, BigDecimal::subtract);
    }
  }

  /** Why the bill does not count any more. Its number stays taken. */
  public record Voided(Instant at, String author, String reason) {}

  /**
   * Usage that completed in a month whose bill was already final.
   *
   * @param period the month it completed in
   * @param from earliest completion of the month's late usage
   * @param to latest completion of the month's late usage
   * @param line quantity and amount at that month's prices, tiers included
   */
  public record LateLine(YearMonth period, Instant from, Instant to, BillLine line) {}

  /**
   * What a bill stands on: all usage of its month up to {@code sequenceTo}, and late usage of
   * earlier months up to it that no bill before had.
   *
   * @param sequenceFrom first of the account's sequence numbers since the bill before, or {@code
   *     sequenceTo} if there are none. Usage of the month that came before that bill lies below it
   * @param sequenceTo the account's sequence number when the bill became final
   * @param lines usage lines and late lines
   * @param requests requests in them
   * @param merged the period's requests if the month is full, and {@link BillLines} shows its
   *     models by price entry; else 0
   */
  public record Covers(
      long sequenceFrom, long sequenceTo, long lines, long requests, @Nullable Long merged) {
    public Covers {
      merged = merged == null ? Long.valueOf(0) : merged;
    }

    /** Of a month that is not full. */
    public Covers(long sequenceFrom, long sequenceTo, long lines, long requests) {
      this(sequenceFrom, sequenceTo, lines, requests, 0L);
    }
  }

  /**
   * What was billed. Amounts are exact unless said otherwise.
   *
   * @param number 1, 2, 3 … of the account, without gaps
   * @param period calendar month in the account's zone
   * @param from first instant of the period
   * @param to first instant after the period
   * @param requests billed requests that completed in the period
   * @param unpriced how many of them had no price
   * @param lines usage of the period, by model, class and price version
   * @param exactTotal sum of the lines
   * @param total exactTotal, rounded half-even to the currency's minor unit
   * @param lateLines usage that came after the bills of its own months
   * @param lateTotal sum of the late lines
   * @param charges debits, adjustments to the account's disadvantage, differences of re-ratings
   * @param chargesTotal sum of the charges
   * @param creditsApplied credits that pay for it, in the order of their use
   * @param creditsTotal sum of the credits applied
   * @param exactDue exactTotal + lateTotal + chargesTotal - creditsTotal
   * @param amountDue exactDue, rounded half-even to the currency's minor unit
   * @param covers is not hashed: sequence numbers tell in which order usage came
   * @param form of the text that is hashed: {@link #FORM}, or 1 on bills from before there were
   *     several
   */
  public record Content(
      String account,
      long number,
      YearMonth period,
      String currency,
      String zone,
      Instant from,
      Instant to,
      long requests,
      long unpriced,
      List<BillLine> lines,
      BigDecimal exactTotal,
      BigDecimal total,
      List<LateLine> lateLines,
      BigDecimal lateTotal,
      List<Charge> charges,
      BigDecimal chargesTotal,
      List<CreditUse> creditsApplied,
      BigDecimal creditsTotal,
      BigDecimal exactDue,
      BigDecimal amountDue,
      Covers covers,
      Integer form) {
    /** The form of new bills: 2 has kinds and reasons of charges and credits. */
    public static final int FORM = 2;

    /** A new bill. */
    public Content(
        String account,
        long number,
        YearMonth period,
        String currency,
        String zone,
        Instant from,
        Instant to,
        long requests,
        long unpriced,
        List<BillLine> lines,
        BigDecimal exactTotal,
        BigDecimal total,
        List<LateLine> lateLines,
        BigDecimal lateTotal,
        List<Charge> charges,
        BigDecimal chargesTotal,
        List<CreditUse> creditsApplied,
        BigDecimal creditsTotal,
        BigDecimal exactDue,
        BigDecimal amountDue,
        Covers covers) {
      this(
          account,
          number,
          period,
          currency,
          zone,
          from,
          to,
          requests,
          unpriced,
          lines,
          exactTotal,
          total,
          lateLines,
          lateTotal,
          charges,
          chargesTotal,
          creditsApplied,
          creditsTotal,
          exactDue,
          amountDue,
          covers,
          FORM);
    }

    public Content {
      form = form == null ? 1 : form;
      lines = List.copyOf(lines);
      lateLines = List.copyOf(lateLines);
      charges = List.copyOf(charges);
      creditsApplied = List.copyOf(creditsApplied);
      exactTotal = Decimals.canonical(exactTotal);
      lateTotal = Decimals.canonical(lateTotal);
      chargesTotal = Decimals.canonical(chargesTotal);
      creditsTotal = Decimals.canonical(creditsTotal);
      exactDue = Decimals.canonical(exactDue);
      total = Decimals.canonical(total);
      amountDue = Decimals.canonical(amountDue);
    }

    /**
     * What anybody can compute again from the bill: one line of text for each fact, sorted, fields
     * separated by tabs, and SHA-256 over it. No instant of its making is in it. Words of people
     * have their tabs and ends of lines escaped with a backslash, so that they cannot look like
     * facts.
     *
     * @return 64 hex digits
     */
    public String hash() {
      try {
        byte[] digest =
            MessageDigest.getInstance("SHA-256")
                .digest(canonicalForm().getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(digest);
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every Java platform has SHA-256", e);
      }
    }

    /**
     * @return the text that is hashed
     */
    public String canonicalForm() {
      List<String> facts = new ArrayList<>();
      for (BillLine line : lines) {
        facts.add(join("usage", period, from, to, line));
      }
      for (LateLine late : lateLines) {
        facts.add(join("late", late.period(), late.from(), late.to(), late.line()));
      }
      charges.forEach(charge -> facts.add(fact(charge)));
      creditsApplied.forEach(use -> facts.add(fact(use)));
      facts.sort(null);
      facts.add(
          0,
          String.join(
              "\t",
              form == 1 ? "bill" : "bill-" + form,
              account,
              Long.toString(number),
              period.toString(),
              currency,
              zone,
              Long.toString(requests),
              Long.toString(unpriced)));
      facts.add(
          String.join(
              "\t",
              "total",
              plain(exactTotal),
              plain(lateTotal),
              plain(chargesTotal),
              plain(creditsTotal),
              plain(exactDue),
              plain(amountDue)));
      return String.join("\n", facts);
    }

    private String fact(Charge charge) {
      String fact =
          String.join("\t", "charge", charge.id(), charge.at().toString(), plain(charge.amount()));
      if (form == 1) {
        return charge.period() == null ? fact : fact + '\t' + charge.period();
      }
      return String.join(
          "\t",
          fact,
          charge.period() == null ? "" : charge.period().toString(),
          charge.kind().code(),
          escaped(charge.reason()));
    }

    private String fact(CreditUse use) {
      String fact = String.join("\t", "credit", use.credit(), plain(use.amount()));
      return form == 1
          ? fact
          : String.join(
              "\t",
              fact,
              use.kind() == null ? "" : use.kind().code(),
              escaped(use.reason() == null ? "" : use.reason()));
    }

    private static String escaped(String words) {
      return words
          .replace("\\", "\\\\")
          .replace("\t", "\\t")
          .replace("\n", "\\n")
          .replace("\r", "\\r");
    }

    private static String join(
        String kind, YearMonth period, Instant from, Instant to, BillLine line) {
      return String.join(
          "\t",
          kind,
          period.toString(),
          from.toString(),
          to.toString(),
          line.model(),
          line.tokenClass().code(),
          line.priceVersion(),
          Long.toString(line.quantity()),
          plain(line.amount()));
    }

    private static String plain(BigDecimal amount) {
      return Decimals.plain(amount);
    }
  }

  public String account() {
    return content.account();
  }

  public long number() {
    return content.number();
  }

  public YearMonth period() {
    return content.period();
  }

  /**
   * @return one for each bill, so that a compacted topic keeps them all
   */
  public String recordKey() {
    return account() + '\t' + number();
  }

  public FinalBill withNote(CreditNote note) {
    List<CreditNote> more = new ArrayList<>(notes);
    more.add(note);
    return new FinalBill(status, content, finalizedAt, finalizedBy, contentHash, more, voided);
  }

  public FinalBill voided(Voided why) {
    return new FinalBill(Status.VOID, content, finalizedAt, finalizedBy, contentHash, notes, why);
  }

  /**
   * @return sum of the credit notes
   */
  public BigDecimal notedTotal() {
    return notes.stream().map(CreditNote::amount).reduce(BigDecimal.ZERO, BigDecimal::add);
  }

  /**
   * @return what is due for the bill after its credit notes
   */
  public BigDecimal leftDue() {
    return notes.stream()
        .map(CreditNote::lessDue)
        .reduce(content.amountDue(), BigDecimal::subtract);
  }

  /**
   * @return what credit notes gave back to a credit that had paid for the bill
   */
  public BigDecimal returnedTo(String credit) {
    return notes.stream()
        .flatMap(note -> note.returned().stream())
        .filter(use -> use.credit().equals(credit))
        .map(CreditUse::amount)
        .reduce(BigDecimal.ZERO, BigDecimal::add);
  }
}
