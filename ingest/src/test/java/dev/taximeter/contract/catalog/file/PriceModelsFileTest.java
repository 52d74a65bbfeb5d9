package dev.taximeter.contract.catalog.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.taximeter.contract.catalog.Account;
import dev.taximeter.contract.catalog.AccountDetails;
import dev.taximeter.contract.catalog.ApiKey;
import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.catalog.Plan;
import dev.taximeter.contract.catalog.PlanChange;
import dev.taximeter.contract.catalog.PriceBook;
import dev.taximeter.contract.catalog.PriceEntry;
import dev.taximeter.contract.catalog.PriceSchedule;
import dev.taximeter.contract.catalog.Team;
import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.security.Fingerprinter;
import dev.taximeter.contract.security.RootSecret;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Price models, plan changes, teams and cost books in the file. */
class PriceModelsFileTest {
  private static final String YAML =
      """
      accounts:
        - id: acme
          name: Acme
          currency: USD
          timezone: UTC
          plan: basic
          planChanges: [ { from: 2026-12-01T00:00:00Z, plan: cheap } ]
          status: suspended
          contacts: [ "ann@example.com" ]
          tags: { tier: gold, region: eu }
          billingStart: 2026-11-01T00:00:00Z
          costBook: provider
          keys:
            - { name: main, secret: sk-acme-00001, team: core, expiresAt: 2027-01-01T00:00:00Z }
      teams:
        - { id: core, account: acme, name: Core }
      priceBooks:
        - id: models
          currency: USD
          prices:
            - model: "*"
              effectiveFrom: 2026-01-01T00:00:00Z
              perMillion: { reasoning: "7" }
              volume: { input: [ { upTo: 1000, perMillion: "3" }, { perMillion: "2" } ] }
              package: { output: { tokens: 1000, price: "0.02" } }
              free: { input: 100 }
              perRequest: "0.001"
              contextTiers:
                - above: 200000
                  perMillion: { input: "6", output: "12", reasoning: "12" }
                  perRequest: "0.002"
      costBooks:
        - id: provider
          currency: EUR
          everyone: true
          prices:
            - { model: "*", effectiveFrom: 2026-01-01T00:00:00Z, perMillion: { input: "1" } }
      plans:
        - { id: basic, priceBook: models, markupPercent: "7.5", effectiveFrom: 2026-12-01T00:00:00Z }
        - { id: cheap, priceBook: models, discountPercent: "12.5", costBook: provider }
      """;

  private static Catalog read(String yaml, Catalog existing) {
    return CatalogFile.read(
        yaml, "catalog.yaml", new Fingerprinter(RootSecret.of(new byte[32])), existing);
  }

  @Test
  void readsEveryPriceModel() {
    Catalog catalog = read(YAML, Catalog.EMPTY);
    PriceEntry entry = catalog.priceBooks().get(0).prices().get(0);
    assertThat(entry.prices())
        .containsEntry(
            TokenClass.INPUT,
            new PriceSchedule.Allowance(
                100,
                new PriceSchedule.Volume(
                    List.of(
                        new PriceSchedule.Tier(1000L, new BigDecimal("3")),
                        new PriceSchedule.Tier(null, new BigDecimal("2"))))))
        .containsEntry(TokenClass.OUTPUT, new PriceSchedule.Package(1000, new BigDecimal("0.02")))
        .containsEntry(TokenClass.REASONING, new PriceSchedule.Flat(new BigDecimal("7")))
        .containsEntry(TokenClass.REQUEST, new PriceSchedule.Flat(new BigDecimal("1000")))
        .hasSize(4);
    assertThat(entry.contextTiers()).hasSize(1);
    assertThat(entry.contextTiers().get(0).above()).isEqualTo(200_000);
    assertThat(catalog.priceBooks().get(1).purpose()).isEqualTo(PriceBook.Purpose.COMMON_COST);
    assertThat(catalog.plans())
        .containsExactly(
            new Plan("basic", "models", BigDecimal.ZERO, 0, new BigDecimal("7.5"), null)
                .withEffectiveFrom(Instant.parse("2026-12-01T00:00:00Z")),
            new Plan("cheap", "models", BigDecimal.ZERO, 0, new BigDecimal("-12.5"), "provider"));
  }

  @Test
  void readsAccountsTeamsAndKeys() {
    Catalog catalog = read(YAML, Catalog.EMPTY);
    assertThat(catalog.accounts().get(0).details())
        .isEqualTo(
            new AccountDetails(
                List.of(new PlanChange(Instant.parse("2026-12-01T00:00:00Z"), "cheap")),
                "provider",
                AccountDetails.Status.SUSPENDED,
                List.of("ann@example.com"),
                Map.of("tier", "gold", "region", "eu"),
                Instant.parse("2026-11-01T00:00:00Z"),
                null));
    assertThat(catalog.teams()).containsExactly(new Team("core", "acme", "Core"));
    assertThat(catalog.keys().get(0).team()).isEqualTo("core");
    assertThat(catalog.keys().get(0).expiresAt()).isEqualTo(Instant.parse("2027-01-01T00:00:00Z"));
  }

  @Test
  void whatTheFileLeavesOutStays() {
    Catalog existing = read(YAML, Catalog.EMPTY);
    Catalog again =
        read(
            """
            accounts:
              - { id: acme, name: Acme, currency: USD, timezone: UTC, plan: basic, tags: {},
                  keys: [ { name: main, secret: sk-acme-00001 } ] }
            """,
            existing);
    Account before = existing.accounts().get(0);
    AccountDetails details = again.accounts().get(0).details();
    assertThat(details.planChanges()).isEqualTo(before.details().planChanges());
    assertThat(details.status()).isEqualTo(AccountDetails.Status.SUSPENDED);
    assertThat(details.tags()).isEmpty();
    ApiKey key = again.keys().get(0);
    assertThat(key).isEqualTo(existing.keys().get(0));
  }

  /** Each row is one mistake and what is said about it. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{ reasoning: \"7\" }|{ reasoning: \"7\", audioInput: \"9\" }|perMillion.audioInput cannot be charged: no usage record counts these tokens apart; they are part of input",
        "volume:|volum:|volum is not a field of a price entry; did you mean volume?",
        "tokens: 1000|tokens: 0|package.output.tokens must be a whole number from 1",
        "free: { input: 100 }|free: { cachedInput: 100 }|free.cachedInput is free of a price that is not there",
        "above: 200000|above: none|contextTiers[0].above must be a whole number",
        "input: \"6\", output|output|contextTiers[0] must have a price for the same classes as its entry, input, output, reasoning, request",
        "{ reasoning: \"7\" }|{ reasoning: \"7\", output: \"1\" }|package.output is priced by perMillion too; a class has one of both",
        "markupPercent: \"7.5\"|markupPercent: \"7.5\", discountPercent: \"1\"|plans[0].markupPercent must not stand beside discountPercent",
        "discountPercent: \"12.5\"|discountPercent: \"101\"|plans[1].discountPercent must be at most 100, not 101",
        "plan: cheap }|plan: chaep }|planChanges[0].plan names no such plan: chaep; did you mean cheap?",
        "status: suspended|status: suspendd|status is not one of its values: suspendd; did you mean suspended?",
        "team: core,|team: cor,|keys[0].team names no such team: cor; did you mean core?",
        "costBook: provider|costBook: models|accounts[0].costBook names no such cost book: models",
        "everyone: true|everyone: maybe|costBooks[0].everyone is not one of its values: maybe",
        "effectiveFrom: 2026-12-01T00:00:00Z }|effectiveFrom: soon }|plans[0].effectiveFrom",
        "tags: { tier: gold, region: eu }|tags: [gold]|tags must be at most 50 names with a text each",
      })
  void saysWhatIsWrongAndWhere(String from, String to, String expected) {
    assertThat(YAML).contains(from);
    String yaml =
        YAML.replaceFirst(
            java.util.regex.Pattern.quote(from), java.util.regex.Matcher.quoteReplacement(to));
    CatalogFileException wrong =
        catchThrowableOfType(CatalogFileException.class, () -> read(yaml, Catalog.EMPTY));
    assertThat(wrong.problems())
        .anySatisfy(problem -> assertThat(problem).startsWith("catalog.yaml:").contains(expected));
  }
}
