package dev.taximeter.api.audit;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Reads bills and states as they are written, and the canonical form of bills. */
final class BillDocument {
  private BillDocument() {}

  /** The canonical form of a bill, written down once more. */
  static String hash(JsonNode bill) {
    List<String> facts = new ArrayList<>();
    int form = bill.path("form").asInt(1);
    String head = text(bill, "period") + '\t' + text(bill, "from") + '\t' + text(bill, "to");
    bill.path("lines").forEach(line -> facts.add("usage\t" + head + '\t' + fact(line)));
    bill.path("lateLines")
        .forEach(
            late ->
                facts.add(
                    "late\t%s\t%s\t%s\t%s"
                        .formatted(
                            text(late, "period"),
                            text(late, "from"),
                            text(late, "to"),
                            fact(late.path("line")))));
    bill.path("charges").forEach(charge -> facts.add(chargeFact(charge, form)));
    bill.path("creditsApplied").forEach(use -> facts.add(creditFact(use, form)));
    facts.sort(null);
    facts.add(
        0,
        String.join(
            "\t",
            form == 1 ? "bill" : "bill-" + form,
            text(bill, "account"),
            text(bill, "number"),
            text(bill, "period"),
            text(bill, "currency"),
            text(bill, "zone"),
            text(bill, "requests"),
            text(bill, "unpriced")));
    facts.add(
        String.join(
            "\t",
            "total",
            amount(bill, "exactTotal"),
            amount(bill, "lateTotal"),
            amount(bill, "chargesTotal"),
            amount(bill, "creditsTotal"),
            amount(bill, "exactDue"),
            amount(bill, "amountDue")));
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256")
                  .digest(String.join("\n", facts).getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** From form 2 on with kind and reason. */
  private static String chargeFact(JsonNode charge, int form) {
    String fact =
        String.join(
            "\t", "charge", text(charge, "id"), text(charge, "at"), amount(charge, "amount"));
    String month = words(charge, "period");
    if (form == 1) {
      return month.isEmpty() ? fact : fact + '\t' + month;
    }
    return String.join("\t", fact, month, words(charge, "kind"), words(charge, "reason"));
  }

  private static String creditFact(JsonNode use, int form) {
    String fact = String.join("\t", "credit", text(use, "credit"), amount(use, "amount"));
    return form == 1 ? fact : String.join("\t", fact, words(use, "kind"), words(use, "reason"));
  }

  /** What people wrote stays on its line and in its field; empty if it is absent. */
  private static String words(JsonNode node, String field) {
    StringBuilder words = new StringBuilder();
    node.path(field)
        .asString("")
        .chars()
        .forEach(
            c -> {
              switch (c) {
                case '\\' -> words.append("\\\\");
                case '\t' -> words.append("\\t");
                case '\n' -> words.append("\\n");
                case '\r' -> words.append("\\r");
                default -> words.append((char) c);
              }
            });
    return words.toString();
  }

  private static String fact(JsonNode line) {
    return String.join(
        "\t",
        text(line, "model"),
        text(line, "tokenClass"),
        text(line, "priceVersion"),
        text(line, "quantity"),
        amount(line, "amount"));
  }

  static String text(JsonNode node, String field) {
    return node.path(field).asString();
  }

  private static String amount(JsonNode node, String field) {
    return plain(decimal(node, field));
  }

  static BigDecimal decimal(JsonNode node, String field) {
    String text = node.path(field).asString("");
    return text.isEmpty() ? BigDecimal.ZERO : new BigDecimal(text);
  }

  static String plain(BigDecimal amount) {
    return amount.signum() == 0 ? "0" : amount.stripTrailingZeros().toPlainString();
  }
}
