package dev.taximeter.contract.catalog.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.taximeter.contract.catalog.Account;
import dev.taximeter.contract.catalog.ApiKey;
import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.catalog.Credit;
import dev.taximeter.contract.catalog.Plan;
import dev.taximeter.contract.catalog.PriceBook;
import dev.taximeter.contract.catalog.PriceEntry;
import dev.taximeter.contract.catalog.PriceSchedule;
import dev.taximeter.contract.catalog.Quota;
import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.security.Fingerprinter;
import dev.taximeter.contract.security.RootSecret;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CatalogFileTest {
  private static final Fingerprinter FINGERPRINTER = new Fingerprinter(RootSecret.of(new byte[32]));

  @Test
  void readsEveryResource() throws IOException {
    Catalog catalog = CatalogFile.read(example(), "catalog.yaml", FINGERPRINTER);

    assertThat(catalog.accounts())
        .containsExactly(
            new Account(
                "harbour", "Harbour Books Ltd", "EUR", ZoneId.of("Europe/Lisbon"), "metered"),
            new Account("mill.2", "mill.2", "EUR", ZoneId.of("Asia/Kolkata"), "volume"));
    assertThat(catalog.keys())
        .containsExactly(
            new ApiKey(
                "harbour", "shop", FINGERPRINTER.fingerprint("test-key-harbour-shop"), "shop"),
            new ApiKey(
                "harbour",
                "search",
                "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
                "ab12"));
    assertThat(catalog.priceBooks())
        .containsExactly(
            new PriceBook(
                "standard",
                "EUR",
                List.of(
                    new PriceEntry(
                        "standard",
                        "small-*",
                        Instant.parse("2026-02-28T23:00:00Z"),
                        0,
                        Map.of(
                            TokenClass.INPUT, flat("0.25"),
                            TokenClass.CACHED_INPUT, flat("0.05"),
                            TokenClass.OUTPUT, flat("1"))),
                    new PriceEntry(
                        "standard",
                        "*",
                        Instant.parse("2026-01-01T00:00:00Z"),
                        0,
                        Map.of(
                            TokenClass.INPUT, flat("3"),
                            TokenClass.OUTPUT, flat("9.5"),
                            TokenClass.REASONING,
                                new PriceSchedule.Graduated(
                                    List.of(
                                        new PriceSchedule.Tier(500L, new BigDecimal("12")),
                                        new PriceSchedule.Tier(null, new BigDecimal("10")))))))));
    assertThat(catalog.plans())
        .containsExactly(
            new Plan("metered", "standard", BigDecimal.ZERO, 0),
            new Plan("volume", "standard", new BigDecimal("0.000000000001"), 0));
    assertThat(catalog.quotas())
        .containsExactly(
            new Quota(
                "shop-month",
                "harbour",
                "shop",
                null,
                Quota.Metric.COST,
                Quota.Window.MONTH,
                new BigDecimal("99.5"),
                List.of(50, 100, 1000)),
            new Quota(
                "mill-small",
                "mill.2",
                null,
                "small-*",
                Quota.Metric.TOTAL_TOKENS,
                Quota.Window.WEEK,
                new BigDecimal("250000"),
                List.of(100)));
    assertThat(catalog.credits())
        .containsExactly(
            new Credit(
                "start", "harbour", new BigDecimal("20"), Instant.parse("2027-06-30T22:00:00Z")),
            new Credit("gift", "mill.2", new BigDecimal("5"), null));
  }

  @Test
  void quotasMayBeHardOfATeamSlidingOrAnchored() throws IOException {
    String yaml =
        example()
            .replace(
                "account: harbour, key: shop, metric: cost",
                "account: harbour, team: crew, enforcement: hard, anchor: { day: 15, hour: 6 }, metric: cost")
            .replace("window: week", "window: week, kind: sliding")
            .replace("quotas:", "teams:\n  - { id: crew, account: harbour }\nquotas:");
    List<Quota> quotas = CatalogFile.read(yaml, "catalog.yaml", FINGERPRINTER).quotas();
    Quota hard = quotas.get(0);
    assertThat(hard.team()).isEqualTo("crew");
    assertThat(hard.stopsRequests()).isTrue();
    assertThat(hard.anchor()).isEqualTo(new Quota.Anchor(15, 6));
    assertThat(quotas.get(1).kind()).isEqualTo(Quota.Kind.SLIDING);
    assertThat(quotas.get(1).stopsRequests()).isFalse();
  }

  @Test
  void namesPlaceAndNearestFieldForATypo() throws IOException {
    String yaml = example().replace("    plan: metered", "    pln: metered");

    assertThat(problems(yaml))
        .containsExactly(
            "catalog.yaml:6:5: accounts[0].pln is not a field of an account; did you mean plan?");
  }

  @Test
  void aPriceThatAPlanWouldMakeInexactIsNamedWithItsPlace() throws IOException {
    String yaml =
        example()
            .replace("\"0.250000\"", "\"0.250001\"")
            .replace("priceBook: standard }", "priceBook: standard, markupPercent: 2.5 }");
    assertThat(problems(yaml))
        .singleElement()
        .satisfies(
            problem ->
                assertThat(problem)
                    .startsWith("catalog.yaml:")
                    .contains(
                        "priceBooks[0].prices[0] for input would be 0.256251025 under plan metered,"
                            + " more than the 6 digits that are kept exactly"));
  }

  /** Each row is one mistake in the example and the one sentence about it. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "id: harbour|id: Harbour Books|accounts[0].id must be 1 to 64 of a-z 0-9 - _ . and begin with a letter or digit, not Harbour Books",
        "id: mill.2|id: harbour|accounts[1].id is the same as accounts[0].id; each id is used once",
        "currency: EUR|currency: EURO|accounts[0].currency is not an ISO 4217 currency code: EURO; did you mean EUR?",
        "Europe/Lisbon|Europe/Lisboa|accounts[0].timezone is not an IANA time zone: Europe/Lisboa; did you mean Europe/Lisbon?",
        "Europe/Lisbon|+01:00|accounts[0].timezone is not an IANA time zone: +01:00",
        "plan: metered|plan: metred|accounts[0].plan names no such plan: metred; did you mean metered?",
        "priceBook: standard }|priceBook: stanard }|plans[0].priceBook names no such price book: stanard; did you mean standard?",
        "account: harbour, key|account: harbor, key|quotas[0].account names no such account: harbor; did you mean harbour?",
        "key: shop|key: shopp|quotas[0].key names no key of the account harbour; did you mean shop?",
        "key: shop|team: shop|quotas[0].team names no such team: shop",
        "window: month|window: month, kind: slide|quotas[0].kind is not one of its values: slide",
        "window: month|window: month, enforcement: hart|quotas[0].enforcement is not one of its values: hart; did you mean hard?",
        "window: month|window: month, anchor: { day: 32 }|quotas[0].anchor.day must be a whole number from 1 to 31, not 32",
        "window: week|window: week, anchor: { day: 8 }|quotas[1].anchor.day must be a whole number from 1 to 7, not 8",
        "window: week|window: day, anchor: { hour: 24 }|quotas[1].anchor.hour must be a whole number from 0 to 23, not 24",
        "window: week|window: hour, anchor: { hour: 3 }|quotas[1].anchor is only for calendar windows of a day, a week or a month",
        "window: week|window: week, kind: sliding, anchor: { day: 1 }|quotas[1].anchor is only for calendar windows",
        "metric: cost|metric: costs|quotas[0].metric is not one of its values: costs; did you mean cost?",
        "window: month|window: months|quotas[0].window is not one of its values: months; did you mean month?",
        "[50, 100, 1000]|[50, 100, 1001]|quotas[0].thresholds[2] must be a whole number from 1 to 1000, not 1001",
        "[50, 100, 1000]|[50, 50, 100]|quotas[0].thresholds[1] must be above the threshold before, 50",
        "limit: 250000|limit: 2.5|quotas[1].limit has 1 digits after the point where 0 can be kept exactly: 2.5",
        "amount: \"5\"|amount: 0|credits[1].amount must be above 0, not 0",
        "amount: \"5\"|amount: 5e3|credits[1].amount must be a decimal such as \"0.40\", without exponent or separators, not 5e3",
        "account: mill.2, amount|account: mil.2, amount|credits[1].account names no such account: mil.2; did you mean mill.2?",
        "2027-06-30T22|2027-06-31T22|credits[0].expiresAt must be an RFC 3339 instant from 1970 to 2199 with at most milliseconds, such as 2026-01-01T00:00:00Z, not 2027-06-31T22:00:00Z",
        "2026-01-01T00:00:00Z|yesterday|priceBooks[0].prices[1].effectiveFrom must be an RFC 3339 instant from 1970 to 2199 with at most milliseconds, such as 2026-01-01T00:00:00Z, not yesterday",
        "\"0.250000\"|\"0.2500001\"|priceBooks[0].prices[0].perMillion.input has 7 digits after the point where 6 can be kept exactly: 0.2500001",
        "\"0.000000000001\"|\"0.0000000000001\"|plans[1].perRequest has 13 digits after the point where 12 can be kept exactly: 0.0000000000001",
        "input: \"3\"|input: \"-3\"|priceBooks[0].prices[1].perMillion.input must be 0 or more, not -3",
        "input: \"3\"|inptu: \"3\"|priceBooks[0].prices[1].perMillion.inptu is not a field of prices by token class; did you mean input?",
        "reasoning: [|input: [|priceBooks[0].prices[1].graduated.input is priced by perMillion too; a class has one of both",
        "{ upTo: 500, per|{ per|priceBooks[0].prices[1].graduated.reasoning[0] must have upTo: only the last tier is open",
        "{ perMillion: \"10\" }|{ upTo: 900, perMillion: \"10\" }|priceBooks[0].prices[1].graduated.reasoning[1].upTo must be left out: the last tier is open",
        "{ perMillion: \"10\" }|{ upTo: 500, perMillion: \"10\" }, { perMillion: 1 }|priceBooks[0].prices[1].graduated.reasoning[1].upTo must be above the tier before, which ends at 500",
        "id: mill-small|id: shop-month|quotas[1].id is the same as quotas[0].id; each id is used once",
        "id: gift|<<: gift|credits[1].<< is not a field of a credit; valid are account, amount, expiresAt, id",
        "name: Harbour Books Ltd|name: [Harbour]|accounts[0].name must be a single value",
        "lastFour: ab12|lastFour: ab123|accounts[0].keys[1].lastFour must be the raw key's last 4 characters",
      })
  void saysWhatIsWrongAndWhere(String from, String to, String expected) throws IOException {
    int place = example().indexOf(from);
    assertThat(place).isPositive();
    String yaml = example().substring(0, place) + to + example().substring(place + from.length());
    long line = yaml.substring(0, place).lines().count();

    assertThat(problems(yaml))
        .anySatisfy(
            p -> assertThat(p).matches("catalog\\.yaml:" + line + ":\\d+: .*").contains(expected));
  }

  @Test
  void namesWhatIsMissing() throws IOException {
    String yaml = example().replace("    timezone: Europe/Lisbon\n    plan: metered\n", "");

    assertThat(problems(yaml))
        .containsExactly(
            "catalog.yaml:2:5: accounts[0].timezone is missing",
            "catalog.yaml:2:5: accounts[0].plan is missing");
  }

  @Test
  void refusesAnAccountThatPaysInAnotherCurrencyThanItsPrices() throws IOException {
    String yaml = example().replaceFirst("currency: EUR", "currency: USD");

    assertThat(problems(yaml))
        .containsExactly(
            "catalog.yaml:2:5: accounts[0] makes the account harbour pay in USD what the price book"
                + " standard charges in EUR");
  }

  @Test
  void refusesOneKeyTwiceWithoutShowingIt() throws IOException {
    String yaml =
        example()
            .replace(
                "    plan: volume",
                "    plan: volume\n    keys: [ { name: copy, secret: test-key-harbour-shop } ]");

    assertThat(problems(yaml))
        .containsExactly(
            "catalog.yaml:16:13: accounts[1].keys[0] is the same key as accounts[0].keys[0]; a key"
                + " has one account and one name");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "secret: test-key-harbour-shop|test-key-harbour-shop",
        "secret: test-key-harbour-shop|test-key-harbour-shop: 1",
        "secret: test-key-harbour-shop|fingerprint: test-key-harbour-shop",
        "secret: test-key-harbour-shop|secret: 'test-key-harbour-shop ' ",
        "secret: test-key-harbour-shop|secret: *test-key-harbour-shop",
        "secret: test-key-harbour-shop|secret: !test-key-harbour-shop x",
        "secret: test-key-harbour-shop|secret: [test-key-harbour-shop]",
        "secret: test-key-harbour-shop|secret: \"test-key-harbour-shop",
        "secret: test-key-harbour-shop|secrt: test-key-harbour-shop",
        "key: shop|key: test-key-harbour-shop",
        "id: mill.2|id: test-key-harbour-shop//",
        "{ name: shop, secret: test-key-harbour-shop }|test-key-harbour-shop",
        "name: shop, secret: test-key-harbour-shop|test-key-harbour-shop, test-key-harbour-shop",
      })
  void neverShowsAKey(String from, String to) throws IOException {
    assertThat(example()).contains(from);

    assertThat(problems(example().replace(from, to)))
        .isNotEmpty()
        .allSatisfy(p -> assertThat(p).doesNotContain("test-key"));
  }

  @Test
  void refusesAKeyThatCouldBeGuessed() throws IOException {
    assertThat(problems(example().replace("secret: test-key-harbour-shop", "secret: '1234567'")))
        .containsExactly(
            "catalog.yaml:8:31: accounts[0].keys[0].secret must be 8 to 4096 characters on one line"
                + " without surrounding spaces");
  }

  @Test
  void acceptsReferencesToWhatExistsAlready() throws IOException {
    Catalog existing = CatalogFile.read(example(), "first.yaml", FINGERPRINTER);
    String yaml =
        """
        accounts:
          - { id: late, currency: EUR, timezone: UTC, plan: metered }
        plans:
          - { id: flat, priceBook: standard }
        quotas:
          - { id: q, account: harbour, key: shop, metric: requests, window: day, limit: 10, thresholds: [100] }
        credits:
          - { id: c, account: mill.2, amount: 1 }
        """;

    Catalog catalog = CatalogFile.read(yaml, "second.yaml", FINGERPRINTER, existing);

    assertThat(catalog.accounts()).extracting(Account::id).containsExactly("late");
    assertThat(problems(yaml)).hasSize(4);
  }

  @Test
  void findsWhatAChangeWouldBreakInTheInstallation() throws IOException {
    Catalog existing = CatalogFile.read(example(), "first.yaml", FINGERPRINTER);
    String yaml =
        """
        accounts:
          - id: thief
            currency: EUR
            timezone: UTC
            plan: metered
            keys: [ { name: mine, secret: test-key-harbour-shop } ]
        priceBooks:
          - { id: standard, currency: USD, prices: [] }
        """;

    assertThat(problemsWith(existing, yaml))
        .containsExactly(
            "catalog.yaml:2:5: accounts[0] makes the account thief pay in EUR what the price book"
                + " standard charges in USD",
            "catalog.yaml:6:13: accounts[0].keys[0] is already a key of the account harbour",
            "catalog.yaml:8:5: priceBooks[0] makes the account harbour pay in EUR what the price"
                + " book standard charges in USD",
            "catalog.yaml:8:5: priceBooks[0] makes the account mill.2 pay in EUR what the price"
                + " book standard charges in USD");
  }

  @Test
  void reportsTwentyProblemsAndCountsTheRest() {
    String yaml = "plans:\n" + "  - { id: p, priceBook: missing }\n".repeat(30);

    assertThat(problems(yaml)).hasSize(21).last().isEqualTo("catalog.yaml: 39 more problems");
  }

  @Test
  void refusesWhatWouldCostTooMuchToRead() {
    assertThat(problems("a".repeat(1024 * 1024 + 1)))
        .containsExactly("catalog.yaml:1:1: the file is larger than 1048576 bytes");
    assertThat(problems("[".repeat(100_000)))
        .containsExactly("catalog.yaml:1:17: nested more than 16 deep");
    assertThat(problems("accounts: &a [1]\nplans: *a\n"))
        .containsExactly(
            "catalog.yaml:1:11: anchors and aliases are not allowed; quote a leading & or *");
  }

  @Test
  void refusesWhatIsNoCatalogue() {
    assertThat(problems("# nothing\n"))
        .containsExactly(
            "catalog.yaml:1:1: the file is empty; a catalogue has accounts or other lists");
    assertThat(problems("accounts: [\n"))
        .singleElement()
        .asString()
        .startsWith("catalog.yaml:2:1: not valid YAML: ");
    assertThat(problems("- 1\n"))
        .singleElement()
        .asString()
        .contains("must be a catalogue with the fields");
    assertThat(problems("accounts: []\naccounts: []\n"))
        .containsExactly("catalog.yaml:2:1: accounts is given twice");
    assertThat(problems("plans: 7\n")).containsExactly("catalog.yaml:1:8: plans must be a list");
  }

  private static PriceSchedule flat(String perMillion) {
    return new PriceSchedule.Flat(new BigDecimal(perMillion));
  }

  private static List<String> problems(String yaml) {
    return problemsWith(Catalog.EMPTY, yaml);
  }

  private static List<String> problemsWith(Catalog existing, String yaml) {
    CatalogFileException thrown =
        catchThrowableOfType(
            CatalogFileException.class,
            () -> CatalogFile.read(yaml, "catalog.yaml", FINGERPRINTER, existing));
    assertThat(thrown).as("a problem in %s", yaml.length() > 4000 ? "it" : yaml).isNotNull();
    return thrown.problems();
  }

  private static String example() throws IOException {
    try (InputStream stream = CatalogFileTest.class.getResourceAsStream("catalog.yaml")) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
