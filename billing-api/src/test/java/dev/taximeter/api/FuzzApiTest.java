package dev.taximeter.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.api.fuzz.Fuzzer;
import dev.taximeter.api.usage.LandedEvent;
import dev.taximeter.api.webhooks.Messages;
import dev.taximeter.api.webhooks.Secrets;
import dev.taximeter.contract.catalog.AccessToken;
import dev.taximeter.contract.catalog.Account;
import dev.taximeter.contract.catalog.AlertKind;
import dev.taximeter.contract.catalog.ApiKey;
import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.catalog.Recipient.Channel;
import dev.taximeter.contract.catalog.Team;
import dev.taximeter.contract.event.AccountState;
import dev.taximeter.contract.event.AlertMark;
import dev.taximeter.contract.event.Command;
import dev.taximeter.contract.event.CommandResult;
import dev.taximeter.contract.event.Delivery;
import dev.taximeter.contract.event.FinalBill;
import dev.taximeter.contract.event.Incident;
import dev.taximeter.contract.event.LedgerPosting;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.Order;
import dev.taximeter.contract.event.SourceState;
import dev.taximeter.contract.event.SuspenseItem;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.event.UnattributedKey;
import dev.taximeter.contract.security.Fingerprinter;
import dev.taximeter.contract.security.RootSecret;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Made-up calls to all operations get answers that the OpenAPI document describes. */
class FuzzApiTest extends ApiTest {
  private static final int CALLS = Integer.getInteger("taximeter.fuzz.calls", 2_500);

  /** The same every time, so that a build does not fail for another reason than the change. */
  private static final long SEED = Long.getLong("taximeter.fuzz.seed", 20_261_126);

  private static final int MOST_UNLUCKY = 12;

  private static final String LINE = "a".repeat(32);
  private static final String OTHER_LINE = "c".repeat(32);
  private static final String LETTER = "%032x".formatted(1);
  private static final String FINGERPRINT = "1".repeat(64);

  private static final String RECIPIENT = "rcp_0123456789abcdef";
  private static final String SPARE_RECIPIENT = "rcp_fedcba9876543210";
  private static final String INCIDENT = "0f8fad5b-d9cb-469f-a165-000000000001";
  private static final String MUTE = "0f8fad5b-d9cb-469f-a165-000000000002";
  private static final String DELIVERY = Delivery.idOf(RECIPIENT, Messages.quota("a1", "acme"));

  static final String CATALOG =
      """
      priceBooks:
        - id: list
          currency: USD
          prices:
            - { model: "*", effectiveFrom: 2026-01-01T00:00:00Z, perMillion: { input: "0.40" } }
      """;

  /** A key of the gateway: nothing else may ask where keys ask about themselves. */
  private static final String KEY = "sk-fuzzed-own-key";

  private static final String SPARE_TOKEN = "tok_0123456789abcdef";

  static final Map<String, List<String>> KNOWN =
      Map.ofEntries(
          Map.entry("account", List.of("acme", "globex", "acme", "nobody")),
          Map.entry("id", List.of("acme", "new-account", "list", "standard")),
          Map.entry("/v1/explain month", List.of("2026-10", "2026-11")),
          Map.entry("/v1/suspense/{id} id", List.of(LINE, "b".repeat(32))),
          Map.entry("/v1/suspense/{id}/assign id", List.of(LINE, "b".repeat(32))),
          Map.entry("/v1/suspense/{id}/write-off id", List.of(LINE, OTHER_LINE)),
          Map.entry("/v1/dead-letters/{id} id", List.of(LETTER)),
          Map.entry("/v1/catalog/history id", List.of("account/acme", "team/search")),
          Map.entry("ids", List.of(LETTER)),
          Map.entry("name", List.of("main", "Acme GmbH", "spare")),
          Map.entry("billing", List.of("prepaid", "postpaid")),
          Map.entry("secret", List.of("sk-existing-key", "sk-another-key")),
          Map.entry("key", List.of("main", "batch")),
          Map.entry("keyName", List.of("main", "claimed")),
          Map.entry("team", List.of("search", "other")),
          Map.entry("model", List.of("qwen-max", "gpt-4o")),
          Map.entry(
              "month", List.of("2026-10", "2026-11", "2026-11", "2026-10.csv", "2026-11.html")),
          Map.entry("number", List.of("1", "2")),
          Map.entry("fingerprint", List.of(FINGERPRINT, "2".repeat(64), "none")),
          Map.entry("lastFour", List.of("9f3A")),
          Map.entry("start_time", List.of("1793491200", "1763942400")),
          Map.entry("end_time", List.of("1795600000")),
          Map.entry("group_by", List.of("project_id", "model")),
          Map.entry("project_ids", List.of("acme")),
          Map.entry("minAsOf", List.of("0")),
          Map.entry("credit", List.of("ledger:1", "ledger:2")),
          Map.entry(
              "PUT /v1/price-books/{book} body",
              List.of(
                  "{\"currency\":\"USD\",\"prices\":[{\"model\":\"*\",\"effectiveFrom\":"
                      + "\"2026-01-01T00:00:00Z\",\"perMillion\":{\"input\":\"0.40\"}}]}")),
          Map.entry(
              "PUT /v1/cost-books/{book} body",
              List.of("{\"currency\":\"USD\",\"everyone\":true,\"prices\":[]}")),
          Map.entry("/v1/cost-books/{book} book", List.of("costs", "provider")),
          Map.entry(
              "PUT /v1/plans/{plan} body",
              List.of("{\"priceBook\":\"list\",\"discountPercent\":\"10\"}")),
          Map.entry("limit", List.of("1", "2", "1000")),
          Map.entry("from", List.of("2026-11-01T00:00:00Z", "2026-10-01T00:00:00+02:00")),
          Map.entry("to", List.of("2026-11-24T00:00:00Z", "2026-12-01T00:00:00Z")),
          Map.entry("groupBy", List.of("key", "model", "key,model")),
          Map.entry("granularity", List.of("day", "hour", "month")),
          Map.entry("amount", List.of("5", "0.25", "12.50")),
          Map.entry("currency", List.of("USD", "EUR")),
          Map.entry("timezone", List.of("UTC", "Asia/Shanghai")),
          Map.entry("plan", List.of("standard")),
          Map.entry("kind", List.of("top-up", "grant", "price")),
          Map.entry("reason", List.of("because", "foreign-line")),
          Map.entry("book", List.of("list")),
          Map.entry("host", List.of("gateway-1")),
          Map.entry("path", List.of("/a.log")),
          Map.entry("token", List.of(SPARE_TOKEN)),
          Map.entry("recipient", List.of(RECIPIENT)),
          Map.entry("DELETE /v1/recipients/{recipient} recipient", List.of(SPARE_RECIPIENT)),
          Map.entry("delivery", List.of(DELIVERY)),
          Map.entry("incident", List.of(INCIDENT)),
          Map.entry("alert", List.of(INCIDENT)),
          Map.entry("mute", List.of(MUTE)),
          Map.entry("until", List.of("2026-11-25T00:00:00Z")),
          Map.entry(
              "POST /v1/recipients body",
              List.of(
                  "{\"name\":\"on-call\",\"channel\":\"webhook\","
                      + "\"address\":\"https://hooks.example.com/x\"}")),
          Map.entry("PATCH /v1/recipients/{recipient} body", List.of("{\"name\":\"night\"}")),
          Map.entry("POST /v1/mutes body", List.of("{\"until\":\"2026-11-25T00:00:00Z\"}")),
          Map.entry("GET /v1/key authorization", List.of("Bearer " + KEY)),
          Map.entry(
              "GET /v1/dashboard/billing/subscription authorization", List.of("Bearer " + KEY)),
          Map.entry("GET /v1/dashboard/billing/usage authorization", List.of("Bearer " + KEY)),
          // What these take fits together, which is rare among things made up.
          Map.entry("/v1/accounts/{account}/keys/{key}/rotation account", List.of("acme")),
          Map.entry("POST /v1/accounts/{account}/keys/{key}/rotation body", List.of("{}")),
          Map.entry(
              "POST /v1/suspense/{id}/assign body",
              List.of("{\"account\":\"acme\",\"keyName\":\"main\"}")),
          Map.entry(
              "POST /v1/unattributed/{fingerprint}/claim body",
              List.of("{\"account\":\"acme\",\"keyName\":\"claimed\"}")),
          Map.entry(
              "POST /v1/dead-letters/replay body",
              List.of("{\"ids\":[\"%s\"]}".formatted(LETTER), "{\"reason\":\"foreign-line\"}")),
          Map.entry("PUT /v1/catalog body", List.of(CATALOG)),
          Map.entry(
              "POST /v1/price-books/{book}/imports body",
              List.of(
                  "{\"qwen-max\":{\"litellm_provider\":\"x\",\"mode\":\"chat\","
                      + "\"input_cost_per_token\":4e-07,\"output_cost_per_token\":1.2e-06}}")));

  @BeforeEach
  void fill() throws Exception {
    catalog.onTerms((account, version) -> states.put(state(account, version)));
    load(Catalog.of(new Team("search", "acme", "Search team")));
    load(Catalog.of(new ApiKey("acme", "main", FINGERPRINT, "9f3A")));
    String own = new Fingerprinter(RootSecret.of(new byte[32])).fingerprint(KEY);
    load(Catalog.of(new ApiKey("acme", "own", own, "-key")));
    load(
        Catalog.of(
            new AccessToken(
                SPARE_TOKEN,
                "fuzzed",
                "0".repeat(64),
                AccessToken.Role.VIEWER,
                null,
                clock.instant(),
                "admin",
                null,
                null)));
    fillAlerts();
    finals.put(LedgerApiTest.bill(FinalBill.Status.FINAL));
    ledger.postings.add(LedgerApiTest.posting(1, LedgerPosting.Kind.TOP_UP, "paid"));
    ledger.postings.add(LedgerApiTest.posting(2, LedgerPosting.Kind.TOP_UP, "=paid"));
    suspense.put(SuspenseApiTest.open(LINE, clock.instant()));
    suspense.put(SuspenseApiTest.open(OTHER_LINE, clock.instant()));
    unattributed.put(UnattributedApiTest.held("2".repeat(64)));
    deadLetters.items.add(DeadLettersApiTest.quarantined(1));
    for (int i = 1; i <= 5; i++) {
      history.add(
          new LandedEvent(
              "acme",
              i,
              "main",
              "qwen-max",
              Instant.parse("2026-11-20T08:00:00Z").plusSeconds(i),
              new TokenCounts(100, 20, 3, 50, 7),
              "USD",
              new BigDecimal("0.25")));
    }
    finals.put(voidBill());
    sources.put(source(SourceState.Status.LIVE));
    catalog.onMoney(this::decideMoney);
    catalog.onOrders(this::carryOut);
  }

  private void fillAlerts() throws Exception {
    Secrets secrets = new Secrets(RootSecret.of(new byte[32]));
    for (String id : List.of(RECIPIENT, SPARE_RECIPIENT)) {
      load(
          Catalog.of(
              Messages.recipient(
                  secrets, id, "acme", Channel.WEBHOOK, "https://hooks.example.com/x")));
    }
    deliveries.put(
        Delivery.fresh(
            RECIPIENT, Messages.quota("a1", "acme"), Delivery.Status.PENDING, Messages.NOW));
    incidents.put(
        new Incident(
            INCIDENT, 1, AlertKind.GAP, null, "h:/a", "text", Map.of(), Messages.NOW, null));
    marks.write(
        new AlertMark(
            AlertMark.Type.MUTE,
            MUTE,
            null,
            null,
            null,
            Messages.NOW,
            Messages.NOW.plusSeconds(60),
            "admin",
            ""));
  }

  private static FinalBill voidBill() {
    FinalBill.Content content = LedgerApiTest.bill(FinalBill.Status.FINAL).content();
    FinalBill.Content second =
        new FinalBill.Content(
            content.account(),
            2,
            content.period(),
            content.currency(),
            content.zone(),
            content.from(),
            content.to(),
            content.requests(),
            content.unpriced(),
            content.lines(),
            content.exactTotal(),
            content.total(),
            content.lateLines(),
            content.lateTotal(),
            content.charges(),
            content.chargesTotal(),
            content.creditsApplied(),
            content.creditsTotal(),
            content.exactDue(),
            content.amountDue(),
            content.covers());
    Instant at = Instant.parse("2026-11-20T00:00:00Z");
    return new FinalBill(
        FinalBill.Status.VOID,
        second,
        at,
        "admin",
        second.hash(),
        List.of(),
        new FinalBill.Voided(at, "admin", "wrong"));
  }

  /** Nothing has to land before it is asked for. */
  private static AccountState state(Account account, long version) {
    AccountState like = LedgerApiTest.state(9, 2);
    return account.id().equals("acme")
        ? new AccountState(
            account.id(),
            0,
            version,
            like.currency(),
            like.zone(),
            like.spent(),
            like.requests(),
            like.credits(),
            like.periods(),
            like.lastCompletion(),
            like.books())
        : open(account, version);
  }

  /** As metering does: some orders about money are refused, the others have been carried out. */
  private CommandResult decideMoney(Command command) {
    if (command.orders().isEmpty() || !(command.orders().get(0) instanceof Order.OfAccount order)) {
      return null;
    }
    List<CommandResult.Refusal> refusals = refusals(order);
    int number = Math.floorMod(command.id().hashCode(), 2 * refusals.size());
    if (number < refusals.size() || !order.account().equals("acme")) {
      return new CommandResult(
          command.id(),
          false,
          1,
          List.of(),
          List.of("no"),
          refusals.get(number % refusals.size()),
          null,
          null);
    }
    long bill = order instanceof Order.VoidBill ? 2 : 1;
    if (order instanceof Order.NoteCredit note) {
      finals.put(
          LedgerApiTest.bill(FinalBill.Status.FINAL)
              .withNote(
                  new FinalBill.CreditNote(1, note.amount(), clock.instant(), "admin", "why")));
    }
    return new CommandResult(
        command.id(),
        true,
        1,
        List.of(),
        List.of(),
        null,
        LedgerApiTest.posting(2, LedgerPosting.Kind.TOP_UP, "paid"),
        bill);
  }

  /** What the writer of an account's money may say to an order. */
  private static List<CommandResult.Refusal> refusals(Order.OfAccount order) {
    List<CommandResult.Refusal> refusals = new ArrayList<>();
    refusals.add(CommandResult.Refusal.REUSED_KEY);
    refusals.add(CommandResult.Refusal.NOT_POSSIBLE);
    if (order instanceof Order.FinalizeBill) {
      refusals.add(CommandResult.Refusal.PERIOD_NOT_ENDED);
      refusals.add(CommandResult.Refusal.EARLIER_PERIOD_OPEN);
      refusals.add(CommandResult.Refusal.NO_SUCH_BILL);
    } else if (order instanceof Order.Debit) {
      refusals.add(CommandResult.Refusal.INSUFFICIENT_BALANCE);
    }
    return refusals;
  }

  private List<String> carryOut(Command command) {
    Order order = command.orders().get(0);
    if (order instanceof Order.Resolve resolve) {
      SuspenseItem item = suspense.find(resolve.lineId());
      suspense.put(
          new SuspenseItem(
              item.suspended(),
              new SuspenseItem.Decision(
                  resolve.account(),
                  resolve.keyName(),
                  command.id(),
                  command.author(),
                  command.reason(),
                  command.at())));
    } else if (order instanceof Order.Claim claim) {
      unattributed.put(
          unattributed
              .find(claim.fingerprint())
              .withClaim(
                  new UnattributedKey.Claim(
                      claim.account(),
                      claim.keyName(),
                      claim.from(),
                      false,
                      command.id(),
                      command.author(),
                      command.reason(),
                      command.at())));
    } else if (order instanceof Order.RetireSource) {
      sources.put(source(SourceState.Status.RETIRED));
    }
    return List.of();
  }

  private static SourceState source(SourceState.Status status) {
    Instant at = Instant.parse("2026-11-24T09:29:00Z");
    return new SourceState(
        new LineSource("gateway-1", "/a.log"),
        SourceState.Kind.SHIPPER,
        status,
        at,
        at,
        at,
        7,
        700,
        at,
        List.of(),
        0,
        0,
        0,
        true);
  }

  @Test
  @Timeout(value = 4, unit = TimeUnit.MINUTES)
  void everyAnswerIsAsTheDocumentSays() throws Exception {
    Fuzzer.Report report = new Fuzzer(root, TOKEN, SEED, KNOWN).run(CALLS);

    System.out.printf(
        "fuzzed with seed %d: %s, never succeeded: %s%n",
        SEED, report.statuses(), report.neverSucceeded());
    assertThat(report.complaints())
        .as("with -Dtaximeter.fuzz.seed=%d -Dtaximeter.fuzz.calls=%d", SEED, CALLS)
        .isEmpty();
    // A fuzzer that meets nothing but refusals finds nothing. Some orders need luck.
    assertThat(report.neverSucceeded()).noneMatch(name -> name.startsWith("GET "));
    assertThat(report.neverSucceeded()).hasSizeLessThan(MOST_UNLUCKY);
  }
}
