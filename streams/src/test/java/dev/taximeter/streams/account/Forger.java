package dev.taximeter.streams.account;

import dev.taximeter.api.audit.MoneyHistory;
import dev.taximeter.api.audit.MoneyHistory.Document;
import dev.taximeter.api.audit.MoneyHistory.Entry;
import dev.taximeter.api.audit.MoneyHistory.Followed;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Makes one thing of a history wrong that adds up nonetheless. */
final class Forger {
  private final MoneyHistory clean;
  private final Random random;
  private final Map<String, MoneyHistory> forgeries = new LinkedHashMap<>();

  Forger(MoneyHistory clean, Random random) {
    this.clean = clean;
    this.random = random;
  }

  /** By what was done. */
  Map<String, MoneyHistory> forgeries() {
    Set<Long> kept = new TreeSet<>();
    Set<Long> notes = new TreeSet<>();
    for (Entry entry : clean.entries()) {
      if (entry.kind().equals("adjustment") && entry.commandId().isEmpty()) {
        kept.add(entry.posting());
      } else if (entry.kind().equals("credit-note")) {
        notes.add(entry.posting());
      }
    }
    kept.forEach(this::forgeKept);
    notes.forEach(this::forgeNote);
    forgeUnbilled();
    new BillForger(clean, this::addBill).forge();
    forgeWords();
    forgeAccounts();
    forgeFollowed();
    forgeState();
    return forgeries;
  }

  private void add(String name, List<Entry> entries, List<Document> documents, JsonNode state) {
    add(name, entries, clean.followed(), documents, state);
  }

  private void add(
      String name,
      List<Entry> entries,
      List<Followed> followed,
      List<Document> documents,
      JsonNode state) {
    MoneyHistory forged =
        new MoneyHistory(
            clean.account(),
            clean.currency(),
            clean.zone(),
            clean.sequence(),
            clean.posting(),
            clean.postedTo(),
            clean.postedAt(),
            state,
            documents,
            entries,
            followed,
            clean.terms(),
            clean.prices(),
            clean.usage());
    if (forged.equals(clean)) {
      throw new IllegalStateException("not forged: " + name);
    }
    forgeries.put(name + " " + forgeries.size(), forged);
  }

  private void addEntries(String name, List<Entry> entries) {
    add(name, entries, clean.documents(), clean.state());
  }

  /** Of a wrong amount, missing, and once too often. */
  private void forgeKept(long posting) {
    List<Entry> wrong = new ArrayList<>();
    List<Entry> missing = new ArrayList<>();
    List<Entry> twice = new ArrayList<>();
    for (Entry entry : clean.entries()) {
      boolean concerned = entry.posting() == posting;
      wrong.add(concerned ? with(entry, entry.ledger(), entry.credit(), doubled(entry)) : entry);
      twice.add(entry);
      if (concerned) {
        twice.add(entry);
      } else {
        missing.add(entry);
      }
    }
    addEntries("kept of a wrong amount", wrong);
    addEntries("not kept", missing);
    addEntries("kept twice", twice);
  }

  private static BigDecimal doubled(Entry entry) {
    return entry.amount().add(entry.amount());
  }

  private static Entry with(Entry entry, String ledger, String credit, BigDecimal amount) {
    return new Entry(
        entry.posting(),
        entry.kind(),
        entry.at(),
        entry.sequence(),
        entry.commandId(),
        entry.author(),
        entry.reason(),
        entry.bill(),
        ledger,
        entry.period(),
        credit,
        amount);
  }

  private interface Change {
    /** Returns null to leave the entry out. */
    Entry of(Entry entry);
  }

  /** What goes back to a credit becomes money, or another credit's; and a note is doubled. */
  private void forgeNote(long posting) {
    List<String> credits = new ArrayList<>();
    clean.state().path("credits").forEach(node -> credits.add(node.path("id").asString()));
    List<String> paid =
        clean.entries().stream()
            .filter(entry -> entry.posting() == posting && entry.ledger().equals("credits"))
            .map(Entry::credit)
            .toList();
    if (!paid.isEmpty()) {
      forge(
          "a promotion given as money",
          posting,
          e -> e.ledger().equals("credits") ? with(e, "receivable", "", e.amount()) : e);
      // Of one credit only: two that change places might get the same.
      String first = paid.get(0);
      credits.remove(first);
      if (!credits.isEmpty()) {
        String other = credits.get(random.nextInt(credits.size()));
        forge(
            "another credit",
            posting,
            e -> e.credit().equals(first) ? with(e, e.ledger(), other, e.amount()) : e);
      }
    }
    forge(
        "more than is left",
        posting,
        e -> with(e, e.ledger(), e.credit(), e.amount().scaleByPowerOfTen(7)));
  }

  /** The bill is hashed again, and the ledger moves what it says. */
  private void addBill(String name, int place, Document forged, BigDecimal moreDue) {
    List<Document> documents = new ArrayList<>(clean.documents());
    documents.set(place, forged);
    List<Entry> entries = new ArrayList<>();
    for (Entry entry : clean.entries()) {
      boolean concerned = entry.kind().equals("bill") && entry.bill() == forged.number();
      BigDecimal more =
          switch (entry.ledger()) {
            case "receivable" -> moreDue;
            case "rounding" -> moreDue.negate();
            default -> BigDecimal.ZERO;
          };
      entries.add(
          concerned
              ? with(entry, entry.ledger(), entry.credit(), entry.amount().add(more))
              : entry);
    }
    add(name, entries, documents, clean.state());
  }

  /** No hash covers when, by whom and why a bill was made, noted or voided. */
  private void forgeWords() {
    for (String field : List.of("finalizedAt", "finalizedBy")) {
      forgeDocuments(field, bill -> putOther(bill, field));
    }
    for (String field : List.of("at", "author", "reason")) {
      forgeDocuments(
          "a void's " + field,
          bill ->
              bill.path("voided").isObject() && putOther((ObjectNode) bill.path("voided"), field));
    }
    for (String field : List.of("at", "author", "reason", "number")) {
      forgeDocuments(
          "a note's " + field,
          bill -> {
            boolean changed = false;
            for (JsonNode note : bill.path("notes")) {
              changed |= putOther((ObjectNode) note, field);
            }
            return changed;
          });
    }
    for (String field : List.of("kind", "reason")) {
      forgeDocuments(
          "another %s of what a note gives back to".formatted(field),
          bill -> {
            boolean changed = false;
            for (JsonNode note : bill.path("notes")) {
              for (JsonNode use : note.path("returned")) {
                changed |= putOther((ObjectNode) use, field);
              }
            }
            return changed;
          });
    }
  }

  private static boolean putOther(ObjectNode node, String field) {
    JsonNode value = node.path(field);
    if (value.isNumber()) {
      node.put(field, value.asLong() + 1);
    } else if (field.equals("at") || field.equals("finalizedAt")) {
      node.put(field, another(value));
    } else {
      node.put(field, value.asString("") + "!");
    }
    return true;
  }

  /** Each bill of its own. */
  private void forgeDocuments(String name, Edit edit) {
    for (int i = 0; i < clean.documents().size(); i++) {
      Document document = clean.documents().get(i);
      ObjectNode json = (ObjectNode) document.json().deepCopy();
      if (edit.of(json)) {
        List<Document> documents = new ArrayList<>(clean.documents());
        documents.set(i, with(document, json));
        add(name, clean.entries(), documents, clean.state());
      }
    }
  }

  private static Document with(Document document, JsonNode json) {
    return new Document(
        document.number(),
        document.period(),
        document.sequenceTo(),
        document.posting(),
        document.before(),
        json,
        document.contentHash());
  }

  /** Money comes from somewhere else. */
  private void forgeAccounts() {
    Map<String, String> others =
        Map.of(
            "promotion", "cash",
            "cash", "promotion",
            "debits", "adjustments",
            "usage", "debits",
            "rounding", "unbilled");
    others.forEach(
        (ledger, other) -> {
          List<Entry> entries = new ArrayList<>();
          for (Entry entry : clean.entries()) {
            entries.add(
                entry.ledger().equals(ledger)
                    ? with(entry, other, entry.credit(), entry.amount())
                    : entry);
          }
          if (!entries.equals(clean.entries())) {
            addEntries(ledger + " booked as " + other, entries);
          }
        });
  }

  /** What one credit paid for, another one did; and expiry is none. */
  private void forgeFollowed() {
    List<String> drawn =
        clean.followed().stream()
            .filter(sum -> sum.kind().equals("usage") && sum.ledger().equals("credits"))
            .filter(sum -> sum.amount().signum() != 0)
            .map(Followed::credit)
            .toList();
    List<Followed> other = new ArrayList<>();
    List<Followed> kept = new ArrayList<>();
    boolean expired = false;
    for (Followed sum : clean.followed()) {
      boolean first = !drawn.isEmpty() && sum.credit().equals(drawn.get(0));
      other.add(
          first && sum.kind().equals("usage")
              ? new Followed(sum.kind(), sum.ledger(), sum.period(), "ledger:other", sum.amount())
              : sum);
      boolean expiry = sum.kind().equals("expiry") && sum.amount().signum() != 0;
      expired |= expiry;
      if (!expiry) {
        kept.add(sum);
      }
    }
    if (!drawn.isEmpty()) {
      add("drawn of another credit", clean.entries(), other, clean.documents(), clean.state());
    }
    if (expired) {
      add("never expired", clean.entries(), kept, clean.documents(), clean.state());
    }
  }

  private interface Edit {
    /** Returns whether something was changed. */
    boolean of(ObjectNode part);
  }

  private void forgeState() {
    forgeMonths(
        "a month's credits",
        billing -> {
          for (JsonNode use : billing.path("creditsApplied")) {
            ((ObjectNode) use)
                .put(
                    "amount",
                    new BigDecimal(use.path("amount").asString())
                        .add(BigDecimal.ONE)
                        .toPlainString());
          }
          return billing.path("creditsApplied").size() > 0;
        });
    forgeMonths(
        "a billed month that is open",
        billing -> {
          boolean billed = billing.path("bill").asLong() != 0;
          billing.put("bill", 0);
          return billed;
        });
    forgeMonths(
        "late usage of another time",
        billing -> {
          boolean late = billing.path("lateFrom").isString();
          billing.put("lateFrom", "2020-01-01T00:00:00Z").put("lateTo", "2020-01-01T00:00:00Z");
          return late;
        });
    for (String field : List.of("reason", "at")) {
      forgeMonths(
          "another " + field + " of a waiting charge",
          billing -> {
            for (JsonNode charge : billing.path("charges")) {
              ((ObjectNode) charge).put(field, "2020-01-01T00:00:00Z");
            }
            return billing.path("charges").size() > 0;
          });
    }
    forgeMissingMonths();
    for (String field : List.of("charged", "noted")) {
      JsonNode state = clean.state().deepCopy();
      ObjectNode books = (ObjectNode) state.path("books");
      books.put(
          field, new BigDecimal(books.path(field).asString()).add(BigDecimal.ONE).toPlainString());
      add("books: " + field, clean.entries(), clean.documents(), state);
    }
    forgeCredits();
  }

  /** Of those that have requests it is the number of these that tells, and no money. */
  private void forgeMissingMonths() {
    for (int i = 0; i < clean.state().path("periods").size(); i++) {
      JsonNode month = clean.state().path("periods").path(i);
      JsonNode billing = month.path("billing");
      boolean tells =
          billing.path("bill").asLong() != 0
              || billing.path("charges").size() > 0
              || billing.path("creditsApplied").size() > 0;
      if (tells) {
        JsonNode state = clean.state().deepCopy();
        ((ArrayNode) state.path("periods")).remove(i);
        add(
            "without " + month.path("period").asString(),
            clean.entries(),
            clean.documents(),
            state);
      }
    }
  }

  private void forgeMonths(String name, Edit edit) {
    JsonNode state = clean.state().deepCopy();
    boolean changed = false;
    for (JsonNode month : state.path("periods")) {
      changed |= edit.of((ObjectNode) month.path("billing"));
    }
    if (changed) {
      add(name, clean.entries(), clean.documents(), state);
    }
  }

  private void forgeCredits() {
    for (int i = 0; i < clean.state().path("credits").size(); i++) {
      JsonNode credit = clean.state().path("credits").path(i);
      for (String field : List.of("kind", "priority", "expiresAt", "effectiveFrom", "reason")) {
        JsonNode state = clean.state().deepCopy();
        ObjectNode forged = (ObjectNode) state.path("credits").path(i);
        switch (field) {
          case "kind" -> forged.put(field, other(credit.path(field).asString()));
          case "priority" -> forged.put(field, credit.path(field).asInt() + 1);
          case "reason" -> forged.put(field, credit.path(field).asString() + "!");
          default -> forged.put(field, another(credit.path(field)));
        }
        add("a credit's " + field, clean.entries(), clean.documents(), state);
      }
    }
  }

  /** Never the one that it is, even of credits that begin or end at an instant of our choice. */
  private static String another(JsonNode instant) {
    return instant.isString()
        ? Instant.parse(instant.asString()).plusSeconds(1).toString()
        : "2026-09-30T12:00:00Z";
  }

  private static String other(String kind) {
    return kind.equals("grant") ? "top-up" : "grant";
  }

  /** The bill says the same as the ledger. */
  private void forge(String name, long posting, Change change) {
    List<Entry> entries = new ArrayList<>();
    List<Entry> note = new ArrayList<>();
    long bill = 0;
    int number = 0;
    for (Entry entry : clean.entries()) {
      if (entry.posting() == posting) {
        Entry changed = change.of(entry);
        note.add(changed);
        entries.add(changed);
        bill = entry.bill();
      } else {
        entries.add(entry);
      }
    }
    Set<Long> before = new TreeSet<>();
    for (Entry entry : clean.entries()) {
      if (entry.kind().equals("credit-note") && entry.bill() == bill && entry.posting() < posting) {
        before.add(entry.posting());
      }
    }
    number = before.size();
    List<Document> documents = new ArrayList<>();
    for (Document document : clean.documents()) {
      documents.add(document.number() == bill ? told(document, number, note) : document);
    }
    add(name, entries, documents, clean.state());
  }

  private static Document told(Document document, int number, List<Entry> entries) {
    ObjectNode json = (ObjectNode) document.json().deepCopy();
    ObjectNode note = (ObjectNode) json.path("notes").path(number);
    ArrayNode returned = note.putArray("returned");
    BigDecimal amount = BigDecimal.ZERO;
    for (Entry entry : entries) {
      if (entry.ledger().equals("credits")) {
        returned
            .addObject()
            .put("credit", entry.credit())
            .put("amount", entry.amount().negate().toPlainString());
      }
      amount = entry.ledger().equals("adjustments") ? entry.amount() : amount;
    }
    note.put("amount", amount.toPlainString());
    return with(document, json);
  }

  /** A charge that waits for a bill has another amount. */
  private void forgeUnbilled() {
    int months = clean.state().path("periods").size();
    for (int i = 0; i < months; i++) {
      JsonNode charges = clean.state().path("periods").path(i).path("billing").path("charges");
      if (charges.size() > 0) {
        JsonNode state = clean.state().deepCopy();
        ObjectNode charge =
            (ObjectNode) state.path("periods").path(i).path("billing").path("charges").path(0);
        charge.put(
            "amount",
            new BigDecimal(charge.path("amount").asString()).add(BigDecimal.ONE).toPlainString());
        add("a charge of a wrong amount", clean.entries(), clean.documents(), state);
      }
    }
  }
}
