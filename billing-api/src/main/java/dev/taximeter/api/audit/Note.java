package dev.taximeter.api.audit;

import static dev.taximeter.api.audit.BillDocument.decimal;
import static dev.taximeter.api.audit.BillDocument.plain;
import static dev.taximeter.api.audit.BillDocument.text;

import dev.taximeter.api.audit.MoneyHistory.Entry;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * A credit note.
 *
 * @param lessDue by how much it makes less due
 * @param returned what it gives back to credits, in order; none of 0
 */
record Note(BigDecimal lessDue, Map<String, BigDecimal> returned) {
  /** As it was posted. */
  static Note of(List<Entry> entries) {
    BigDecimal lessDue = BigDecimal.ZERO;
    Map<String, BigDecimal> returned = new LinkedHashMap<>();
    for (Entry entry : entries) {
      if (entry.ledger().equals("receivable")) {
        lessDue = lessDue.subtract(entry.amount());
      } else if (entry.ledger().equals("credits")) {
        returned.merge(entry.credit(), entry.amount().negate(), BigDecimal::add);
      }
    }
    return new Note(lessDue, returned);
  }

  /** As its bill has it. */
  static Note of(JsonNode note) {
    Map<String, BigDecimal> returned = new LinkedHashMap<>();
    BigDecimal lessDue = decimal(note, "amount");
    for (JsonNode use : note.path("returned")) {
      returned.merge(text(use, "credit"), decimal(use, "amount"), BigDecimal::add);
      lessDue = lessDue.subtract(decimal(use, "amount"));
    }
    return new Note(lessDue, returned);
  }

  BigDecimal amount() {
    return returned.values().stream().reduce(lessDue, BigDecimal::add);
  }

  @Override
  public String toString() {
    String back =
        returned.entrySet().stream()
            .map(use -> "%s to %s".formatted(plain(use.getValue()), use.getKey()))
            .collect(Collectors.joining(", "));
    return back.isEmpty()
        ? "%s less due".formatted(plain(lessDue))
        : "%s less due, %s".formatted(plain(lessDue), back);
  }
}
