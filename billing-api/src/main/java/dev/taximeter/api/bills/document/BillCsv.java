package dev.taximeter.api.bills.document;

import dev.taximeter.api.web.Csv;
import dev.taximeter.contract.money.Decimals;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A bill as RFC 4180 has tables: one row for each line, for each part of a tiered price, and for
 * each step from the exact total to what is due. {@code record} says which it is; amounts of {@code
 * line}, {@code late} and {@code charge} add up to that of {@code exactSum}, and with those of
 * {@code credit} to {@code exactDue}; {@code amountDue} and what each {@code creditNote} makes less
 * due add up to {@code leftDue}. Of a credit, {@code class} is its kind.
 *
 * <p>Spreadsheets run cells that look like formulas, and names and reasons are other people's
 * words: an apostrophe in front keeps such text from being one. Numbers stay numbers.
 */
final class BillCsv {
  private static final List<String> COLUMNS =
      List.of(
          "account",
          "accountName",
          "period",
          "zone",
          "number",
          "status",
          "record",
          "subject",
          "class",
          "usagePeriod",
          "quantity",
          "unitPrice",
          "unitPricePer",
          "priceVersion",
          "amount",
          "currency",
          "sequence",
          "asOf",
          "formula",
          "reason");

  private static final String END_OF_ROW = "\r\n";

  private final BillDocument bill;
  private final StringBuilder text = new StringBuilder();

  private BillCsv(BillDocument bill) {
    this.bill = bill;
  }

  static String of(BillDocument bill) {
    return new BillCsv(bill).write();
  }

  private String write() {
    text.append(String.join(",", COLUMNS)).append(END_OF_ROW);
    for (BillDocument.Line line : bill.lines()) {
      writeLine(line);
    }
    BillDocument.Totals totals = bill.totals();
    writeStep("exactSum", "", Decimals.plain(totals.exact()));
    writeStep("sumRounding", "", Decimals.plain(totals.rounding()));
    writeStep("sum", "", totals.rounded().toPlainString());
    BillDocument.Settlement settlement = bill.settlement();
    if (settlement != null) {
      for (BillDocument.Credit credit : settlement.credits()) {
        writeCredit("credit", credit, credit.amount().negate());
      }
      writeStep("exactDue", "", Decimals.plain(settlement.exactDue()));
      writeStep("dueRounding", "", Decimals.plain(settlement.rounding()));
      writeStep("amountDue", "", settlement.due().toPlainString());
    }
    for (BillDocument.Note note : bill.notes()) {
      writeStep(
          "creditNote",
          note.number() + " " + note.reason(),
          Decimals.plain(note.lessDue().negate()));
      note.returned().forEach(credit -> writeCredit("creditReturned", credit, credit.amount()));
    }
    BigDecimal left = bill.leftDue();
    if (left != null) {
      writeStep("leftDue", "", left.toPlainString());
    }
    return text.toString();
  }

  private void writeCredit(String record, BillDocument.Credit credit, BigDecimal amount) {
    writeRow(
        record,
        credit.id(),
        credit.kind() == null ? "" : credit.kind().code(),
        "",
        null,
        null,
        null,
        Decimals.plain(amount),
        null,
        credit.reason());
  }

  private void writeLine(BillDocument.Line line) {
    String tokenClass = line.tokenClass() == null ? "" : line.tokenClass().code();
    String usagePeriod = line.period() == null ? "" : line.period().toString();
    String record =
        switch (line.kind()) {
          case USAGE -> "line";
          case LATE -> "late";
          case CHARGE -> "charge";
        };
    writeRow(
        record,
        line.subject(),
        tokenClass,
        usagePeriod,
        line.quantity(),
        line.unitPrice(),
        line.priceVersion(),
        Decimals.plain(line.amount()),
        line.formula(),
        null);
    for (BillDocument.Tier tier : line.tiers()) {
      writeRow(
          "tier",
          line.subject(),
          tokenClass,
          usagePeriod,
          tier.quantity(),
          tier.unitPrice(),
          line.priceVersion(),
          Decimals.plain(tier.amount()),
          null,
          null);
    }
  }

  private void writeStep(String record, String subject, String amount) {
    writeRow(record, subject, "", "", null, null, null, amount, null, null);
  }

  private void writeRow(
      String record,
      String subject,
      String tokenClass,
      String usagePeriod,
      @Nullable Long quantity,
      BillDocument.@Nullable UnitPrice unitPrice,
      @Nullable String priceVersion,
      String amount,
      @Nullable String formula,
      @Nullable String reason) {
    List<String> cells = new ArrayList<>(COLUMNS.size());
    cells.add(Csv.words(bill.account()));
    cells.add(Csv.words(bill.accountName()));
    cells.add(bill.period().toString());
    cells.add(Csv.words(bill.zone().getId()));
    cells.add(bill.number() == null ? "" : Csv.words(bill.number()));
    cells.add(bill.status().name().toLowerCase(Locale.ROOT));
    cells.add(record);
    cells.add(Csv.words(subject));
    cells.add(tokenClass);
    cells.add(usagePeriod);
    cells.add(quantity == null ? "" : quantity.toString());
    cells.add(unitPrice == null ? "" : number(unitPrice.amount()));
    cells.add(unitPrice == null ? "" : Long.toString(unitPrice.per()));
    cells.add(priceVersion == null ? "" : Csv.words(priceVersion));
    cells.add(amount);
    cells.add(bill.currency());
    cells.add(Long.toString(bill.coverage().sequence()));
    cells.add(bill.coverage().asOf().toString());
    cells.add(formula == null ? "" : Csv.words(formula));
    cells.add(reason == null ? "" : Csv.words(reason));
    text.append(cells.stream().map(Csv::quoted).collect(Collectors.joining(",")))
        .append(END_OF_ROW);
  }

  private static String number(BigDecimal number) {
    return Decimals.plain(number);
  }
}
