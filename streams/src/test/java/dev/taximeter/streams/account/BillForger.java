package dev.taximeter.streams.account;

import dev.taximeter.api.audit.MoneyHistory;
import dev.taximeter.api.audit.MoneyHistory.Document;
import dev.taximeter.contract.event.FinalBill;
import dev.taximeter.contract.json.Json;
import java.math.BigDecimal;
import java.time.Instant;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Makes one thing of a final bill wrong, and hashes it again. */
final class BillForger {
  private final MoneyHistory clean;
  private final Forgeries forgeries;

  /** Takes forged bills. */
  interface Forgeries {
    /**
     * @param place of the bill among all
     * @param moreDue by how much more is due
     */
    void add(String name, int place, Document forged, BigDecimal moreDue);
  }

  private interface Edit {
    /** Returns whether something was changed. */
    boolean of(ObjectNode content);
  }

  BillForger(MoneyHistory clean, Forgeries forgeries) {
    this.clean = clean;
    this.forgeries = forgeries;
  }

  void forge() {
    forge("amount due", content -> add(content, "amountDue", BigDecimal.ONE));
    forge("rounded total", content -> add(content, "total", BigDecimal.ONE));
    for (String field : new String[] {"requests", "unpriced"}) {
      forge(field, content -> add(content, field));
    }
    for (String field : new String[] {"lines", "requests", "sequenceFrom", "merged"}) {
      forge("covered " + field, content -> add((ObjectNode) content.path("covers"), field));
    }
    forge("zone", content -> put(content, "zone", "UTC"));
    forge("currency", content -> put(content, "currency", "EUR"));
    forge("begin", content -> put(content, "from", "2020-01-01T00:00:00Z"));
    forge("end", content -> put(content, "to", "2020-02-01T00:00:00Z"));
    forgeEach("late begin", "lateLines", late -> put(late, "from", "2020-01-01T00:00:00Z"));
    forgeEach("late end", "lateLines", late -> put(late, "to", "2030-01-01T00:00:00Z"));
    forgeEach("reason of a charge", "charges", charge -> put(charge, "reason", "something else"));
    forgeEach(
        "instant of a charge",
        "charges",
        charge ->
            put(
                charge,
                "at",
                Instant.parse(charge.path("at").asString()).plusSeconds(60).toString()));
    forgeEach(
        "kind of a credit",
        "creditsApplied",
        use -> put(use, "kind", use.path("kind").asString().equals("grant") ? "top-up" : "grant"));
    forgeEach("reason of a credit", "creditsApplied", use -> put(use, "reason", "paid for"));
  }

  private static boolean put(ObjectNode node, String field, String value) {
    node.put(field, value);
    return true;
  }

  private static boolean add(ObjectNode node, String field) {
    node.put(field, node.path(field).asLong() + 1);
    return true;
  }

  private static boolean add(ObjectNode node, String field, BigDecimal more) {
    node.put(field, new BigDecimal(node.path(field).asString()).add(more).toPlainString());
    return true;
  }

  private void forgeEach(String name, String list, Edit edit) {
    forge(
        name,
        content -> {
          boolean changed = false;
          for (JsonNode each : content.path(list)) {
            changed |= edit.of((ObjectNode) each);
          }
          return changed;
        });
  }

  private void forge(String name, Edit edit) {
    for (int i = 0; i < clean.documents().size(); i++) {
      Document document = clean.documents().get(i);
      ObjectNode json = (ObjectNode) document.json().deepCopy();
      ObjectNode content = (ObjectNode) json.path("content");
      BigDecimal due = new BigDecimal(content.path("amountDue").asString());
      if (edit.of(content)) {
        BigDecimal after = new BigDecimal(content.path("amountDue").asString());
        String hash = Json.MAPPER.treeToValue(content, FinalBill.Content.class).hash();
        json.put("contentHash", hash);
        forgeries.add(
            name,
            i,
            new Document(
                document.number(),
                document.period(),
                document.sequenceTo(),
                document.posting(),
                document.before(),
                json,
                hash),
            after.subtract(due));
      }
    }
  }
}
