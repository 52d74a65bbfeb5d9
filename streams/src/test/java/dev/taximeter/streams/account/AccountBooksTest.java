package dev.taximeter.streams.account;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.event.AccountRecord;
import dev.taximeter.contract.event.AccountRecord.MonthTotals;
import dev.taximeter.contract.event.AccountState.BillLine;
import dev.taximeter.contract.event.BillLines;
import dev.taximeter.contract.event.UsageEvent.Charge;
import dev.taximeter.contract.json.Json;
import dev.taximeter.streams.account.policy.AccountHead;
import dev.taximeter.streams.account.policy.LineKey;
import dev.taximeter.streams.account.policy.Rater;
import dev.taximeter.streams.account.policy.Rating;
import dev.taximeter.streams.topology.parts.InMemory;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.YearMonth;
import java.util.List;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.junit.jupiter.api.Test;

class AccountBooksTest {
  private static final String ENTRY = "b:model-*:2026-01-01T00:00:00Z:v1";
  private static final YearMonth OCTOBER = YearMonth.of(2026, 10);
  private static final YearMonth NOVEMBER = YearMonth.of(2026, 11);
  private static final Instant COMPLETION = Instant.parse("2026-11-20T10:00:00.000000001Z");

  private final MockProcessorContext<Void, Void> context = new MockProcessorContext<>();
  private final KeyValueStore<String, byte[]> heads = store("heads");
  private final KeyValueStore<String, byte[]> lines = store("lines");
  private final KeyValueStore<String, byte[]> spending = store("spending");
  private final KeyValueStore<String, AccountBooks.BilledLines> billed =
      InMemory.store(
          context, "billed", Serdes.String(), Json.serde(AccountBooks.BilledLines.class));
  private final KeyValueStore<String, FoldedCredits.Folded> folded =
      InMemory.store(context, "folded", Serdes.String(), Json.serde(FoldedCredits.Folded.class));
  private AccountBooks books = books();

  private KeyValueStore<String, byte[]> store(String name) {
    return InMemory.store(context, name, Serdes.String(), Serdes.ByteArray());
  }

  private AccountBooks books() {
    return new AccountBooks(heads, lines, spending, billed, new FoldedCredits(folded));
  }

  private static Charge charge(String model, TokenClass tokenClass, String version, long quantity) {
    return new Charge(tokenClass, model, version, quantity, BigDecimal.valueOf(quantity, 6));
  }

  private void add(String account, YearMonth period, Charge... charges) {
    AccountHead before = books.head(account);
    BigDecimal cost =
        List.of(charges).stream().map(Charge::amount).reduce(BigDecimal.ZERO, BigDecimal::add);
    books.add(
        account,
        new AccountHead(before.sequence() + 1, before.spent().add(cost), COMPLETION),
        new Rating(period, List.of(charges), cost, charges.length == 0, false),
        COMPLETION);
  }

  @Test
  void whatWasWrittenBackIsReadAgain() {
    add(
        "acme",
        NOVEMBER,
        charge("m", TokenClass.INPUT, "v1", 5),
        charge("*", TokenClass.REQUEST, "p", 1));
    add("acme", OCTOBER, charge("m", TokenClass.OUTPUT, "v1", 7));
    add("acme", NOVEMBER);
    add(
        "acme",
        NOVEMBER,
        charge("m", TokenClass.INPUT, "v1", 6),
        charge("m", TokenClass.INPUT, "v2", 8));
    add("acme\0", NOVEMBER, charge("m", TokenClass.INPUT, "v1", 1_000));
    AccountHead head = books.head("acme");
    books.writeBack();
    books = books();
    assertThat(books.head("acme")).isEqualTo(head);
    assertThat(books.monthsOf("acme", books.wallet("acme").draws()))
        .containsExactly(
            new MonthTotals(OCTOBER, 1, 0, 0, 2), new MonthTotals(NOVEMBER, 3, 1, 0, 4));
    assertThat(books.monthOf("acme", NOVEMBER))
        .isEqualTo(
            new AccountRecord.Month(
                "acme",
                NOVEMBER,
                4,
                List.of(
                    line("*", TokenClass.REQUEST, "p", 1, "0.000001"),
                    line("m", TokenClass.INPUT, "v1", 11, "0.000011"),
                    line("m", TokenClass.INPUT, "v2", 8, "0.000008"))));
    assertThat(books.linesOf("acme").quantity(new LineKey(NOVEMBER, "m", TokenClass.INPUT, "v2")))
        .isEqualTo(8);
    assertThat(books.linesOf("acme").quantity(new LineKey(NOVEMBER, "m", TokenClass.OUTPUT, "v2")))
        .isZero();
  }

  private static BillLine line(
      String model, TokenClass tokenClass, String version, long quantity, String amount) {
    return new BillLine(model, tokenClass, version, quantity, new BigDecimal(amount));
  }

  @Test
  void nothingReachesTheStoresBeforeItIsWrittenBack() {
    add("acme", NOVEMBER, charge("m", TokenClass.INPUT, "v1", 5));
    assertThat(heads.approximateNumEntries()).isZero();
    assertThat(lines.approximateNumEntries()).isZero();
    books.writeBack();
    assertThat(lines.approximateNumEntries()).isEqualTo(1);
    books.writeBack();
    assertThat(books().head("acme").sequence()).isEqualTo(1);
  }

  @Test
  void onlyWhatChangedIsWrittenAgain() {
    add("acme", NOVEMBER, charge("a", TokenClass.INPUT, "v1", 5));
    add("acme", OCTOBER, charge("b", TokenClass.INPUT, "v1", 5));
    books.writeBack();
    lines.all().forEachRemaining(entry -> lines.delete(entry.key));
    add("acme", NOVEMBER, charge("a", TokenClass.INPUT, "v1", 5));
    books.writeBack();
    assertThat(lines.approximateNumEntries()).isEqualTo(1);
  }

  /** More accounts and lines than are kept in memory. */
  @Test
  void whatWasForgottenIsReadAgain() {
    int accounts = 30_000;
    for (int round = 0; round < 2; round++) {
      for (int i = 0; i < accounts; i++) {
        add(
            "account-" + i,
            NOVEMBER,
            charge("m", TokenClass.INPUT, "v1", i + 1),
            charge("m", TokenClass.OUTPUT, "v1", 1));
      }
    }
    for (int i = 0; i < accounts; i += 1_000) {
      String account = "account-" + i;
      assertThat(books.head(account).sequence()).isEqualTo(2);
      assertThat(
              books.linesOf(account).quantity(new LineKey(NOVEMBER, "m", TokenClass.INPUT, "v1")))
          .isEqualTo(2L * (i + 1));
    }
  }

  @Test
  void aMonthHasRoomForSoManyLinesOfModelsOnly() {
    int models = BillLines.MOST_OF_MODELS;
    for (int i = 0; i < models + 5; i++) {
      LineKey line = new LineKey(NOVEMBER, "model-" + i, TokenClass.INPUT, ENTRY);
      assertThat(books.linesOf("acme").hasRoomFor(line, 0)).isEqualTo(i < models);
      assertThat(books.linesOf("acme").hasRoomFor(line, 2)).isEqualTo(i < models - 2);
      if (i < models) {
        add("acme", NOVEMBER, charge(line.model(), TokenClass.INPUT, ENTRY, 1));
      }
      // Lines of entries take no room.
      add("acme", NOVEMBER, charge("model-*", TokenClass.INPUT, ENTRY + i, 1));
    }
    books.writeBack();
    books = books();
    Rater.Lines lines = books.linesOf("acme");
    assertThat(lines.hasRoomFor(new LineKey(NOVEMBER, "model-7", TokenClass.INPUT, ENTRY), 0))
        .isTrue();
    assertThat(lines.hasRoomFor(new LineKey(NOVEMBER, "model-7", TokenClass.OUTPUT, ENTRY), 0))
        .isFalse();
    assertThat(lines.hasRoomFor(new LineKey(OCTOBER, "other", TokenClass.INPUT, ENTRY), 0))
        .isTrue();
  }
}
