package dev.taximeter.contract.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taximeter.contract.catalog.Account;
import dev.taximeter.contract.catalog.AccountTerms;
import dev.taximeter.contract.catalog.CatalogRecord;
import dev.taximeter.contract.catalog.Credit;
import dev.taximeter.contract.catalog.Plan;
import dev.taximeter.contract.catalog.PriceBook;
import dev.taximeter.contract.catalog.PriceEntry;
import dev.taximeter.contract.catalog.PriceSchedule;
import dev.taximeter.contract.catalog.Quota;
import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.event.AccountInput;
import dev.taximeter.contract.event.AccountState;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.LineCount;
import dev.taximeter.contract.event.LineFate;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.Reason;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.event.UsageEvent;
import dev.taximeter.contract.event.UsageWindow;
import dev.taximeter.contract.event.UsageWindows;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class JsonTest {
  private static final Instant NOON = Instant.parse("2026-11-03T12:00:00.123Z");
  private static final LineSource SOURCE = new LineSource("gateway-1", "/var/log/access.log");
  private static final PriceEntry ENTRY =
      new PriceEntry(
          "list",
          "gpt-4o*",
          NOON,
          3,
          Map.of(
              TokenClass.INPUT,
              new PriceSchedule.Flat(new BigDecimal("2.50")),
              TokenClass.OUTPUT,
              new PriceSchedule.Graduated(
                  List.of(
                      new PriceSchedule.Tier(1_000_000L, new BigDecimal("3")),
                      new PriceSchedule.Tier(null, new BigDecimal("2"))))));

  static List<Object> records() {
    Account account = new Account("acme", "Acme", "EUR", ZoneId.of("Europe/Berlin"), "scale");
    Plan plan = new Plan("scale", "list", new BigDecimal("0.0001"), 2);
    Credit credit = new Credit("welcome", "acme", new BigDecimal("50"), null);
    Quota quota =
        new Quota(
            "daily",
            "acme",
            null,
            null,
            Quota.Metric.TOTAL_TOKENS,
            Quota.Window.DAY,
            new BigDecimal("1000000"),
            List.of(50, 100));
    Usage usage =
        new Usage(
            "00112233445566778899aabbccddeeff",
            Fate.BILLED,
            "acme-prod",
            "ab".repeat(32),
            "0001",
            "gpt-4o",
            new TokenCounts(1, 2, 3, 4, 5),
            NOON,
            NOON,
            NOON,
            SOURCE,
            17,
            "0123456789abcdef",
            List.of("tampered"),
            null);
    return List.of(
        new AccountInput.UsageInput(usage),
        new AccountInput.TermsInput(
            new AccountTerms(account, 4, plan, List.of(ENTRY), List.of(credit), List.of(quota))),
        new UsageEvent(
            "acme",
            9,
            usage,
            "EUR",
            new BigDecimal("0.000000000001"),
            false,
            List.of(
                new UsageEvent.Charge(
                    TokenClass.INPUT, "gpt-4o", ENTRY.version(), 6, new BigDecimal("0.1")))),
        new UsageWindows(
            "acme",
            "acme-prod",
            "gpt-4o",
            "EUR",
            List.of(
                new UsageWindows.Part(
                    UsageWindow.Granularity.DAY,
                    UsageWindow.Granularity.DAY.startOf(NOON, ZoneId.of("Europe/Berlin")),
                    1,
                    9,
                    2,
                    usage.tokens(),
                    new BigDecimal("0.25"))),
            List.of(
                new UsageWindows.Part(
                    UsageWindow.Granularity.MONTH,
                    UsageWindow.Granularity.MONTH.startOf(NOON, ZoneId.of("Europe/Berlin")),
                    1,
                    9,
                    3,
                    usage.tokens(),
                    new BigDecimal("0.5")))),
        new AccountState(
            "acme",
            9,
            4,
            "EUR",
            "Europe/Berlin",
            new BigDecimal("0.25"),
            9,
            List.of(new AccountState.CreditState("w", new BigDecimal("50"), NOON, BigDecimal.ZERO)),
            List.of(
                new AccountState.Period(
                    YearMonth.of(2026, 11),
                    9,
                    1,
                    List.of(
                        new AccountState.BillLine(
                            "*", TokenClass.REQUEST, "plan:scale:v2", 9, new BigDecimal("1"))))),
            null),
        new LineFate(
            usage.id(),
            Fate.UNBILLABLE,
            Reason.CLIENT_LEFT,
            true,
            null,
            null,
            null,
            NOON,
            SOURCE,
            -1,
            "",
            null),
        new LineCount(
            "intake-0", "s", SOURCE, NOON, 0, 0, Map.of(Fate.BILLED, 3L, Fate.DUPLICATE, 1L)),
        new CatalogRecord(
            "priceBook/list",
            1,
            "c-1",
            "admin",
            "",
            NOON,
            true,
            new CatalogRecord.Resource.OfPriceBook(new PriceBook("list", "EUR", List.of(ENTRY)))));
  }

  @ParameterizedTest
  @MethodSource("records")
  void everyRecordSurvivesTheRoundTrip(Object written) {
    byte[] bytes = Json.MAPPER.writeValueAsBytes(written);

    Object read = Json.MAPPER.readValue(bytes, written.getClass());

    assertThat(read).isEqualTo(written);
  }

  @Test
  void inputsAreReadByTheirSealedType() {
    Serde<AccountInput> serde = Json.serde(AccountInput.class);
    AccountInput written = (AccountInput) records().get(0);

    AccountInput read =
        serde.deserializer().deserialize("t", serde.serializer().serialize("t", written));

    assertThat(read).isEqualTo(written);
  }

  @Test
  void decimalsAreStringsWithEveryDigitAndNoExponent() {
    assertThat(Json.MAPPER.writeValueAsString(new BigDecimal("1E+3"))).isEqualTo("\"1000\"");
    assertThat(Json.MAPPER.writeValueAsString(new BigDecimal("0.000000000001")))
        .isEqualTo("\"0.000000000001\"");
    assertThat(Json.MAPPER.writeValueAsString(new BigDecimal("0.00"))).isEqualTo("\"0\"");
  }

  @Test
  void instantsAreTextInUtc() {
    assertThat(Json.MAPPER.writeValueAsString(NOON)).isEqualTo("\"2026-11-03T12:00:00.123Z\"");
  }

  @Test
  void anUnreadableRecordIsNotQuotedInTheError() {
    var deserializer = Json.deserializer(LineCount.class);

    assertThatThrownBy(() -> deserializer.deserialize("t", "{\"sk-secret".getBytes()))
        .isInstanceOf(SerializationException.class)
        .hasMessage("a record of t is no LineCount")
        .hasNoCause();
  }
}
