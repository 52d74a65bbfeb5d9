package dev.taximeter.api.bills.document;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.catalog.TokenClass;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BillCsvTest {
  /** Reads RFC 4180 by its own rules, without help of what wrote it. */
  private static List<List<String>> rows(String csv) {
    List<List<String>> rows = new ArrayList<>();
    List<String> row = new ArrayList<>();
    StringBuilder cell = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < csv.length(); i++) {
      char c = csv.charAt(i);
      if (quoted) {
        if (c == '"' && i + 1 < csv.length() && csv.charAt(i + 1) == '"') {
          cell.append('"');
          i++;
        } else if (c == '"') {
          quoted = false;
        } else {
          cell.append(c);
        }
      } else if (c == '"') {
        quoted = true;
      } else if (c == ',' || c == '\r') {
        row.add(cell.toString());
        cell.setLength(0);
        if (c == '\r') {
          assertThat(csv.charAt(++i)).isEqualTo('\n');
          rows.add(row);
          row = new ArrayList<>();
        }
      } else {
        cell.append(c);
      }
    }
    assertThat(row).as("what follows the last end of a row").isEmpty();
    return rows;
  }

  private static List<List<String>> rows(BillDocument bill) {
    return rows(new String(BillDocuments.csv(bill), StandardCharsets.UTF_8));
  }

  private static String cell(List<List<String>> rows, int row, String column) {
    return rows.get(row).get(rows.get(0).indexOf(column));
  }

  @Test
  void everyLineIsARowAndTheTotalIsTheirSum() {
    List<List<String>> rows = rows(Samples.full());

    assertThat(rows).allSatisfy(row -> assertThat(row).hasSameSizeAs(rows.get(0)));
    BigDecimal sum = BigDecimal.ZERO;
    String exact = "";
    for (int i = 1; i < rows.size(); i++) {
      String record = cell(rows, i, "record");
      String amount = cell(rows, i, "amount");
      if (List.of("line", "late", "charge").contains(record)) {
        sum = sum.add(new BigDecimal(amount));
      } else if (record.equals("exactSum")) {
        exact = amount;
      }
    }
    assertThat(exact).isEqualTo("211.449600950001");
    assertThat(sum).isEqualByComparingTo(exact);
    assertThat(rows.subList(1, rows.size()).stream().map(row -> row.get(6)))
        .containsExactly(
            "line",
            "line",
            "line",
            "line",
            "line",
            "line",
            "line",
            "line",
            "line",
            "line",
            "line",
            "tier",
            "tier",
            "late",
            "charge",
            "exactSum",
            "sumRounding",
            "sum",
            "credit",
            "credit",
            "exactDue",
            "dueRounding",
            "amountDue",
            "creditNote",
            "creditReturned",
            "leftDue");
    int last = rows.size() - 1;
    assertThat(cell(rows, last, "amount")).isEqualTo("97.95");
    assertThat(cell(rows, last - 1, "amount")).isEqualTo("1.5");
    assertThat(cell(rows, last - 2, "amount")).isEqualTo("-3.5");
    assertThat(cell(rows, 2, "subject")).isEqualTo("claude-sonnet-*");
    assertThat(cell(rows, 2, "class")).isEqualTo("input");
    assertThat(cell(rows, 2, "quantity")).isEqualTo("18204113");
    assertThat(cell(rows, 2, "accountName")).isEqualTo(Samples.NAME);
    assertThat(cell(rows, 2, "number")).isEqualTo("17");
    assertThat(cell(rows, 2, "currency")).isEqualTo("USD");
    assertThat(cell(rows, 10, "unitPrice")).isEqualTo("0.05");
    assertThat(cell(rows, 10, "unitPricePer")).isEqualTo("1000000");
    assertThat(cell(rows, 10, "formula")).isEqualTo("3,000,000 × 0.05 / 1,000,000");
    assertThat(cell(rows, 12, "formula")).isEmpty();
    assertThat(cell(rows, 14, "usagePeriod")).isEqualTo("2026-10");
    // Numbers stay numbers, negative ones too.
    assertThat(cell(rows, 19, "amount")).isEqualTo("-10");
    assertThat(cell(rows, 19, "subject")).isEqualTo("welcome");
    assertThat(cell(rows, 19, "class")).isEqualTo("grant");
    assertThat(cell(rows, 19, "reason")).isEqualTo("'=start-up, 启动");
    assertThat(cell(rows, 20, "class")).isEqualTo("top-up");
    assertThat(cell(rows, 20, "reason")).isEmpty();
  }

  /** Notes of earlier versions were exact to the last digit. */
  @ParameterizedTest
  @CsvSource({"3.50, 97.95", "0.0025, 101.445", "0.001, 101.448", "1.45, 100.00", "101.4, 0.05"})
  void whatIsLeftDueHasNoZerosThatSayNothing(BigDecimal lessDue, String left) {
    BillDocument full = Samples.full();
    BillDocument.Note note = full.notes().get(0);
    // Two that together are as fine as neither is.
    BigDecimal half = lessDue.scale() < 3 ? BigDecimal.ZERO : lessDue;
    BillDocument noted = Samples.noted(full, List.of(with(note, lessDue), with(note, half)));
    List<List<String>> rows = rows(noted);
    assertThat(cell(rows, rows.size() - 1, "record")).isEqualTo("leftDue");
    assertThat(cell(rows, rows.size() - 1, "amount")).isEqualTo(left);
  }

  private static BillDocument.Note with(BillDocument.Note note, BigDecimal lessDue) {
    return new BillDocument.Note(
        note.number(), note.at(), note.amount(), lessDue, List.of(), note.reason());
  }

  @Test
  void aBillWithoutLinesHasItsTotals() {
    List<List<String>> rows = rows(Samples.preview("Acme", List.of()));

    assertThat(rows).hasSize(4);
    assertThat(cell(rows, 1, "record")).isEqualTo("exactSum");
    assertThat(cell(rows, 1, "amount")).isEqualTo("0");
    assertThat(cell(rows, 3, "amount")).isEqualTo("0.00");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "=cmd()",
        "+1+1",
        "-1+1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        " =1",
        "\u00a0=1",
        "＝cmd()",
        "＋1",
        "－1",
        "＠SUM(A1)"
      })
  void textIsNeverAFormula(String text) {
    List<List<String>> rows =
        rows(Samples.preview(text, List.of(Samples.line(text, TokenClass.INPUT, 1, "1"))));

    boolean looksLikeOne = "=+-@＝＋－＠\t\r\n ".indexOf(text.charAt(0)) >= 0;
    for (String column : List.of("accountName", "subject")) {
      String cell = cell(rows, 1, column);
      assertThat(cell).isEqualTo(looksLikeOne ? "'" + text : text);
    }
  }

  @Test
  void separatorsAndQuotesAreQuoted() {
    String name = "Acme, \"Inc\"\r\nBerlin";

    assertThat(cell(rows(Samples.preview(name, List.of())), 1, "accountName")).isEqualTo(name);
    assertThat(BillCsv.of(Samples.preview(name, List.of())))
        .contains(",\"Acme, \"\"Inc\"\"\r\nBerlin\",");
  }
}
