package dev.taximeter.streams.landing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.taximeter.contract.catalog.Account;
import dev.taximeter.contract.catalog.AccountTerms;
import dev.taximeter.contract.catalog.CatalogRecord;
import dev.taximeter.contract.catalog.CatalogRecord.Resource;
import dev.taximeter.contract.catalog.Credit;
import dev.taximeter.contract.catalog.Plan;
import dev.taximeter.contract.catalog.PriceBook;
import dev.taximeter.contract.catalog.PriceEntry;
import dev.taximeter.contract.catalog.PriceSchedule;
import dev.taximeter.contract.catalog.Quota;
import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.event.AccountInput;
import dev.taximeter.contract.event.AccountRecord;
import dev.taximeter.contract.event.AccountState;
import dev.taximeter.contract.event.Alert;
import dev.taximeter.contract.event.AuditRecord;
import dev.taximeter.contract.event.DeadLetter;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.LineCount;
import dev.taximeter.contract.event.LineFate;
import dev.taximeter.contract.event.LineReplay;
import dev.taximeter.contract.event.Reason;
import dev.taximeter.contract.event.SuspendedUsage;
import dev.taximeter.contract.event.SuspenseItem;
import dev.taximeter.contract.event.UnattributedKey;
import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.event.UsageEvent;
import dev.taximeter.contract.packed.PackedEvents;
import dev.taximeter.contract.topic.Topics;
import dev.taximeter.streams.topology.parts.AccountInputs;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class LandedTopicsTest {
  private static final int PARTITION = 3;
  private static final long OFFSET = 5_000_000_000L;

  private final Map<String, RecordMapper> mappers = LandedTopics.mappers(new LandingFigures());

  private List<Row> rows(Topics topic, Object record) {
    return mappers.get(topic.topicName()).rows(PARTITION, OFFSET, Samples.json(record));
  }

  private Map<String, Object> onlyRow(Topics topic, Object record) {
    List<Row> rows = rows(topic, record);
    assertThat(rows).hasSize(1);
    return RowReader.read(rows.get(0));
  }

  private List<Map<String, Object>> rowsOf(String table, List<Row> rows) {
    return rows.stream()
        .filter(row -> row.table().name().equals(table))
        .map(RowReader::read)
        .toList();
  }

  /** They share a record only because they came together. */
  @Test
  void anEventThatFitsNoColumnDoesNotCostOthersTheirRows() {
    List<UsageEvent> events =
        List.of(
            Samples.event(1),
            Samples.event(2, Instant.parse("2206-01-01T00:00:00Z")),
            Samples.event(3));
    List<Row> rows =
        mappers
            .get(Topics.USAGE_EVENTS.topicName())
            .rows(PARTITION, OFFSET, PackedEvents.encode(events));
    assertThat(rowsOf("usage_events", rows)).extracting("sequence").containsExactly(1L, 3L);
    assertThat(rowsOf("landing_rejects", rows))
        .singleElement()
        .satisfies(
            reject ->
                assertThat(reject.get("reason"))
                    .isEqualTo("of 3, one or more: an instant is outside of 1970 to 2105"));
  }

  @Test
  void usageThatFitsNoColumnDoesNotCostOthersTheirIdentities() {
    List<Usage> usages =
        List.of(
            Samples.event(1).usage(),
            arrived(Samples.event(2).usage(), Instant.parse("2206-01-01T00:00:00Z")),
            Samples.event(3).usage());
    List<Row> rows =
        mappers
            .get(Topics.ACCOUNT_INPUTS.topicName())
            .rows(PARTITION, OFFSET, AccountInputs.encode(new AccountInput.UsageInput(usages)));
    assertThat(rowsOf("usage_identities", rows)).hasSize(2);
    assertThat(rowsOf("landing_rejects", rows)).hasSize(1);
  }

  private static Usage arrived(Usage usage, Instant arrival) {
    return new Usage(
        usage.id(),
        usage.fate(),
        usage.key(),
        usage.keyFingerprint(),
        usage.keyLastFour(),
        usage.model(),
        usage.tokens(),
        usage.completion(),
        usage.start(),
        arrival,
        usage.source(),
        usage.offset(),
        usage.shipment(),
        usage.flags(),
        usage.requestId());
  }

  @Test
  void usageEventKeepsEveryValue() {
    assertThat(onlyRow(Topics.USAGE_EVENTS, Samples.event(7)))
        .containsExactlyInAnyOrderEntriesOf(
            Map.ofEntries(
                Map.entry("record_partition", (long) PARTITION),
                Map.entry("record_offset", OFFSET),
                Map.entry("id", "00000000000000000000000000000007"),
                Map.entry("account", "acme"),
                Map.entry("sequence", 7L),
                Map.entry("fate", "billed"),
                Map.entry("key", "acme-prod"),
                Map.entry("key_fingerprint", "ab".repeat(32)),
                Map.entry("key_last_four", ""),
                Map.entry("model", "qwen-plus"),
                Map.entry("input", 21L),
                Map.entry("cached_input", 3L),
                Map.entry("cache_write", 0L),
                Map.entry("output", 69L),
                Map.entry("reasoning", 5L),
                Map.entry("completion", Samples.COMPLETION),
                Map.entry("start", Samples.COMPLETION.minusMillis(1961)),
                Map.entry("arrival", Samples.COMPLETION.plusSeconds(1)),
                Map.entry("settled", Samples.COMPLETION.plusSeconds(2)),
                Map.entry("host", "gateway-1"),
                Map.entry("path", "/var/log/access.log"),
                Map.entry("offset", 4096L),
                Map.entry("shipment", "run-1"),
                Map.entry("flags", List.of("tampered")),
                Map.entry("request_id", "job-42"),
                Map.entry("currency", "USD"),
                Map.entry("cost", "0.0000084"),
                Map.entry("unpriced", false),
                Map.entry("charges.token_class", List.of("input")),
                Map.entry("charges.model", List.of("qwen-plus")),
                Map.entry("charges.price_version", List.of("list:qwen-*:2026-01-01T00:00:00Z:v1")),
                Map.entry("charges.quantity", List.of(21L)),
                Map.entry("charges.amount", List.of("0.0000084")),
                Map.entry("provider_cost", "0.000002"),
                Map.entry("provider_currency", "EUR"),
                Map.entry("provider_charges.token_class", List.of("input")),
                Map.entry("provider_charges.model", List.of("qwen-*")),
                Map.entry("provider_charges.price_version", List.of("cost:qwen-*:v1")),
                Map.entry("provider_charges.quantity", List.of(21L)),
                Map.entry("provider_charges.amount", List.of("0.000002"))));
  }

  @Test
  void monthComesFromTheSortKeyInUtc() {
    Instant lastMoment = Instant.parse("2026-10-31T23:59:59.999Z");
    assertThat(rows(Topics.USAGE_EVENTS, Samples.event(1, lastMoment)).get(0).month())
        .isEqualTo(202610);
    assertThat(rows(Topics.USAGE_EVENTS, Samples.event(1, lastMoment.plusMillis(1))).get(0).month())
        .isEqualTo(202611);
    assertThat(rows(Topics.ACCOUNT_STATES, Samples.state(1)).get(0).month()).isZero();
  }

  @Test
  void windowsOfOneMinuteShareTheirKeyWhateverTheyCount() {
    Row first = rows(Topics.USAGE_WINDOWS, Samples.window(5, 1)).get(0);
    Row second = rows(Topics.USAGE_WINDOWS, Samples.window(9, 2)).get(0);
    assertThat(first.key()).isEqualTo(second.key());
    assertThat(RowReader.read(second))
        .containsEntry("granularity", "minute")
        .containsEntry("start", Instant.parse("2026-11-03T08:14:00Z"))
        .containsEntry("segment", 1L)
        .containsEntry("sequence", 9L)
        .containsEntry("requests", 2L)
        .containsEntry("reasoning", 5L)
        .containsEntry("cost", "0.5");
  }

  @Test
  void accountStateLandsWithItsJson() {
    AccountRecord state = Samples.state(8);
    assertThat(rowsOf("account_states", rows(Topics.ACCOUNT_STATES, state)))
        .singleElement()
        .satisfies(
            row ->
                assertThat(row)
                    .containsEntry("account", "acme")
                    .containsEntry("sequence", 8L)
                    .containsEntry("terms_version", 4L)
                    .containsEntry("zone", "Europe/Berlin")
                    .containsEntry("spent", "1.25")
                    .containsEntry("requests", 8L)
                    .containsEntry("last_completion", Samples.COMPLETION)
                    .containsEntry(
                        "state", new String(Samples.json(state), StandardCharsets.UTF_8)));
  }

  @Test
  void aMonthLandsAsItsBillLines() {
    AccountRecord month = Samples.month(8, Samples.line("qwen-plus", 100));
    assertThat(rowsOf("bill_lines", rows(Topics.ACCOUNT_STATES, month)))
        .singleElement()
        .satisfies(
            row ->
                assertThat(row)
                    .containsEntry("account", "acme")
                    .containsEntry("period", "2026-11")
                    .containsEntry("model", "qwen-plus")
                    .containsEntry("token_class", "input")
                    .containsEntry("price_version", "list:*:v1")
                    .containsEntry("quantity", 100L)
                    .containsEntry("amount", "0.25")
                    .containsEntry("sequence", 8L));
  }

  @Test
  void billLinesThatDidNotChangeAreNotLandedAgainUntilLandingStartsOver() {
    rows(Topics.ACCOUNT_STATES, Samples.month(1, Samples.line("a", 1), Samples.line("b", 2)));
    AccountRecord next = Samples.month(2, Samples.line("a", 1), Samples.line("b", 3));
    assertThat(rowsOf("bill_lines", rows(Topics.ACCOUNT_STATES, next)))
        .extracting(row -> row.get("model"), row -> row.get("quantity"))
        .containsExactly(tuple("b", 3L));

    mappers.values().forEach(RecordMapper::reset);
    assertThat(rowsOf("bill_lines", rows(Topics.ACCOUNT_STATES, next))).hasSize(2);
  }

  @Test
  void lineFateWithoutModelAndCompletionLands() {
    LineFate fate =
        new LineFate(
            "f".repeat(32),
            Fate.UNBILLABLE,
            Reason.CLIENT_LEFT,
            true,
            null,
            null,
            null,
            Samples.COMPLETION,
            Samples.SOURCE,
            -1,
            "",
            null);
    assertThat(rowsOf("line_fates", rows(Topics.LINE_FATES, fate)))
        .singleElement(InstanceOfAssertFactories.map(String.class, Object.class))
        .containsEntry("request_id", "")
        .containsEntry("id", "f".repeat(32))
        .containsEntry("fate", "unbillable")
        .containsEntry("reason", "client-left")
        .containsEntry("leakage", true)
        .containsEntry("model", "")
        .containsEntry("completion", Instant.EPOCH)
        .containsEntry("arrival", Samples.COMPLETION)
        .containsEntry("offset", -1L);
  }

  @ParameterizedTest
  @EnumSource(
      value = Fate.class,
      names = {"UNBILLABLE", "DUPLICATE", "SUSPENSE", "QUARANTINED"})
  void everyFateButDuplicateIsAnIdentity(Fate fate) {
    List<Map<String, Object>> identities =
        rowsOf("fate_identities", rows(Topics.LINE_FATES, fate(fate)));
    if (fate == Fate.DUPLICATE) {
      assertThat(identities).isEmpty();
      return;
    }
    assertThat(identities)
        .singleElement(InstanceOfAssertFactories.map(String.class, Object.class))
        .containsEntry("id", "f".repeat(32))
        .containsEntry("fate", fate.code())
        .containsEntry("arrival", Samples.COMPLETION)
        .containsEntry("kept", fate == Fate.SUSPENSE);
  }

  @Test
  void usageIsAnIdentityOnceIntakeHasSentItToItsAccount() {
    Usage usage = Samples.event(7).usage();
    assertThat(onlyRow(Topics.ACCOUNT_INPUTS, new AccountInput.UsageInput(usage)))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "record_partition",
                (long) PARTITION,
                "record_offset",
                OFFSET,
                "id",
                usage.id(),
                "arrival",
                usage.arrival(),
                "kept",
                true));
    AccountTerms terms =
        new AccountTerms(
            new Account("acme", "Acme", "USD", ZoneId.of("UTC"), "pay"),
            1,
            new Plan("pay", "list", BigDecimal.ZERO, 0),
            List.of(),
            List.of(),
            List.of());
    assertThat(rows(Topics.ACCOUNT_INPUTS, new AccountInput.TermsInput(terms))).isEmpty();
  }

  @Test
  void aDeadLetterLandsWithoutItsContent() {
    assertThat(
            onlyRow(
                Topics.ACCESS_LOG_DEAD_LETTERS,
                new DeadLetter(fate(Fate.QUARANTINED), "xxx 00", "c2VhbGVk")))
        .containsEntry("id", "f".repeat(32))
        .containsEntry("fate", "quarantined")
        .containsEntry("reason", "foreign-line")
        .containsEntry("excerpt", "xxx 00")
        .containsEntry("host", "gateway-1")
        .containsEntry("record_offset", OFFSET)
        .doesNotContainValue("c2VhbGVk");
  }

  @Test
  void theStepsOfAReplayLand() {
    LineReplay replay =
        new LineReplay(
            "f".repeat(32),
            LineReplay.Outcome.RESOLVED,
            Fate.BILLED,
            null,
            "",
            "command-1",
            "anna",
            Samples.COMPLETION.plusSeconds(9),
            Samples.COMPLETION,
            Samples.SOURCE,
            "run-1");
    Row row = rows(Topics.LINE_REPLAYS, replay).get(0);
    assertThat(row.key()).isEqualTo(List.of("f".repeat(32), LineReplay.Outcome.RESOLVED));
    assertThat(RowReader.read(row))
        .containsEntry("outcome", "resolved")
        .containsEntry("fate", "billed")
        .containsEntry("reason", "")
        .containsEntry("author", "anna")
        .containsEntry("at", Samples.COMPLETION.plusSeconds(9))
        .containsEntry("arrival", Samples.COMPLETION);
  }

  private static LineFate fate(Fate fate) {
    return new LineFate(
        "f".repeat(32),
        fate,
        Reason.FOREIGN_LINE,
        false,
        null,
        null,
        null,
        Samples.COMPLETION,
        Samples.SOURCE,
        -1,
        "",
        null);
  }

  @ParameterizedTest
  @EnumSource(Fate.class)
  void lineCountsLandByFate(Fate fate) {
    LineCount count =
        new LineCount(
            "intake-1",
            "run-1",
            Samples.SOURCE,
            Instant.parse("2026-11-03T08:00:00Z"),
            0,
            0,
            Map.of(fate, 12L));
    Map<String, Object> row = onlyRow(Topics.LINE_ACCOUNTING, count);
    for (Fate each : Fate.values()) {
      assertThat(row).containsEntry(each.code(), each == fate ? 12L : 0L);
    }
  }

  @Test
  void countsOfOneWriterCanBeNegative() {
    LineCount count =
        new LineCount(
            "account-1",
            "run-1",
            Samples.SOURCE,
            Instant.parse("2026-11-03T08:00:00Z"),
            0,
            -3,
            Map.of(Fate.UNATTRIBUTED, -3L, Fate.BILLED, 3L));
    assertThat(onlyRow(Topics.LINE_ACCOUNTING, count))
        .containsEntry("settled", -3L)
        .containsEntry("unattributed", -3L)
        .containsEntry("billed", 3L);
  }

  @Test
  void anUnattributedKeyLandsWithItsClaim() {
    UnattributedKey unclaimed =
        UnattributedKey.empty("ab".repeat(32)).afterUsage(Samples.event(1).usage());
    assertThat(onlyRow(Topics.UNATTRIBUTED_KEYS, unclaimed))
        .containsEntry("key_fingerprint", "ab".repeat(32))
        .containsEntry("holder", "unattributed:abababababababab")
        .containsEntry("first_seen", Samples.COMPLETION)
        .containsEntry("received", 1L)
        .containsEntry("held", 0L)
        .containsEntry("claim_account", "")
        .containsEntry("claim_at", Instant.EPOCH);
    UnattributedKey.Claim claim =
        new UnattributedKey.Claim(
            "acme",
            "new",
            Samples.COMPLETION,
            true,
            "c-1",
            "ann",
            "they called",
            Samples.COMPLETION);
    assertThat(
            onlyRow(
                Topics.UNATTRIBUTED_KEYS,
                unclaimed.withClaimed(unclaimed.received()).withClaim(claim)))
        .containsEntry("claimed", 1L)
        .containsEntry("claim_account", "acme")
        .containsEntry("claim_key", "new")
        .containsEntry("claim_from", Samples.COMPLETION)
        .containsEntry("claim_command", "c-1")
        .containsEntry("claim_author", "ann")
        .containsEntry("claim_reason", "they called")
        .containsEntry("claim_at", Samples.COMPLETION);
    assertThat(onlyRow(Topics.UNATTRIBUTED_KEYS, UnattributedKey.empty(null)))
        .containsEntry("key_fingerprint", "none");
  }

  @Test
  void aLineInSuspenseLandsWithEvidenceAndDecision() {
    Usage billed = Samples.event(7).usage();
    Usage usage =
        new Usage(
            billed.id(),
            Fate.SUSPENSE,
            "",
            null,
            null,
            billed.model(),
            billed.tokens(),
            billed.completion(),
            billed.start(),
            billed.arrival(),
            billed.source(),
            billed.offset(),
            billed.shipment(),
            List.of("tampered"),
            "job-42");
    SuspendedUsage suspended =
        new SuspendedUsage(
            usage,
            Reason.PAYER_UNCERTAIN,
            new SuspendedUsage.Evidence(
                "{xx",
                List.of(
                    new SuspendedUsage.Candidate("cd".repeat(32), "0001", "acme", "prod"),
                    new SuspendedUsage.Candidate("ef".repeat(32), "", null, null))));
    assertThat(onlyRow(Topics.SUSPENSE_ITEMS, new SuspenseItem(suspended, null)))
        .containsEntry("id", billed.id())
        .containsEntry("state", "open")
        .containsEntry("reason", "payer-uncertain")
        .containsEntry("input", 21L)
        .containsEntry("completion", Samples.COMPLETION)
        .containsEntry("flags", List.of("tampered"))
        .containsEntry("request_id", "job-42")
        .containsEntry("excerpt", "{xx")
        .containsEntry("candidates.key_fingerprint", List.of("cd".repeat(32), "ef".repeat(32)))
        .containsEntry("candidates.account", List.of("acme", ""))
        .containsEntry("account", "")
        .containsEntry("decided_at", Instant.EPOCH);
    SuspenseItem.Decision decision =
        new SuspenseItem.Decision("acme", "prod", "c-2", "ann", "asked them", Samples.COMPLETION);
    assertThat(onlyRow(Topics.SUSPENSE_ITEMS, new SuspenseItem(suspended, decision)))
        .containsEntry("state", "assigned")
        .containsEntry("account", "acme")
        .containsEntry("key", "prod")
        .containsEntry("command_id", "c-2")
        .containsEntry("author", "ann")
        .containsEntry("decision_reason", "asked them")
        .containsEntry("decided_at", Samples.COMPLETION);
  }

  @Test
  void priceBookLandsEntryByEntryAndClassByClass() {
    PriceSchedule graduated =
        new PriceSchedule.Graduated(
            List.of(
                new PriceSchedule.Tier(1_000_000L, new BigDecimal("3")),
                new PriceSchedule.Tier(null, new BigDecimal("2"))));
    PriceEntry entry =
        new PriceEntry(
            "list",
            "gpt-4o*",
            Instant.parse("0001-01-01T00:00:00Z"),
            3,
            Map.of(
                TokenClass.INPUT,
                new PriceSchedule.Flat(new BigDecimal("2.50")),
                TokenClass.OUTPUT,
                graduated),
            List.of(
                new PriceEntry.ContextTier(
                    200_000,
                    Map.of(
                        TokenClass.INPUT,
                        new PriceSchedule.Allowance(
                            7, new PriceSchedule.Package(1_000, new BigDecimal("0.02"))),
                        TokenClass.OUTPUT,
                        new PriceSchedule.Volume(
                            List.of(new PriceSchedule.Tier(null, new BigDecimal("4"))))))));
    List<Row> rows =
        catalogRows(
            "priceBook/list",
            new Resource.OfPriceBook(new PriceBook("list", "USD", List.of(entry))));

    assertThat(rowsOf("price_entries", rows))
        .extracting(
            row -> row.get("token_class"),
            row -> row.get("graduated"),
            row -> row.get("tiers.up_to"),
            row -> row.get("tiers.per_million"),
            row -> row.get("price_model"),
            row -> row.get("free"),
            row -> row.get("context_above"))
        .containsExactlyInAnyOrder(
            tuple("input", false, List.of(-1L), List.of("2.5"), "flat", 0L, 0L),
            tuple("output", true, List.of(1_000_000L, -1L), List.of("3", "2"), "graduated", 0L, 0L),
            tuple("input", true, List.of(1_000L), List.of("0.02"), "package", 7L, 200_000L),
            tuple("output", true, List.of(-1L), List.of("4"), "volume", 0L, 200_000L));
    assertThat(rows.stream().map(Row::key).distinct()).hasSameSizeAs(rows);
    assertThat(rowsOf("price_entries", rows))
        .allSatisfy(
            row ->
                assertThat(row)
                    .containsEntry("version", 9L)
                    .containsEntry("known_since", 3L)
                    .containsEntry("effective_from", Instant.EPOCH)
                    .hasEntrySatisfying(
                        "price_version",
                        version ->
                            assertThat(version)
                                .isEqualTo(
                                    "list:gpt-4o*:0001-01-01T00:00:00Z:v3"
                                        + (row.get("context_above").equals(0L)
                                            ? ""
                                            : ":above-200000"))));
    assertThat(rowsOf("price_books", rows))
        .singleElement()
        .satisfies(
            row ->
                assertThat(row)
                    .containsEntry("currency", "USD")
                    .containsEntry("entries.model", List.of("gpt-4o*"))
                    .containsEntry("entries.known_since", List.of(3L)));
    assertThat(rowsOf("catalog", rows))
        .singleElement()
        .satisfies(
            row ->
                assertThat(row)
                    .containsEntry("id", "priceBook/list")
                    .containsEntry("kind", "priceBook")
                    .containsEntry("author", "ann")
                    .hasEntrySatisfying(
                        "resource",
                        json -> assertThat(json.toString()).startsWith("{\"kind\":\"priceBook\"")));
  }

  @Test
  void accountPlanAndCreditLandInTheirColumns() {
    Account account = new Account("acme", "Acme", "EUR", ZoneId.of("Europe/Berlin"), "scale");
    assertThat(rowsOf("accounts", catalogRows("account/acme", new Resource.OfAccount(account))))
        .singleElement()
        .satisfies(
            row ->
                assertThat(row)
                    .containsEntry("timezone", "Europe/Berlin")
                    .containsEntry("plan", "scale")
                    .containsEntry("version", 9L));
    Plan plan = new Plan("scale", "list", new BigDecimal("0.0001"), 2);
    assertThat(rowsOf("plans", catalogRows("plan/scale", new Resource.OfPlan(plan))))
        .singleElement()
        .satisfies(
            row ->
                assertThat(row)
                    .containsEntry("per_request", "0.0001")
                    .containsEntry("price_version", plan.version())
                    .containsEntry("versions.from", List.of(Instant.EPOCH)));
    Plan dearer =
        new Plan("scale", "other", BigDecimal.ONE, 5, new BigDecimal("-10"), null)
            .withEffectiveFrom(Instant.parse("2026-11-01T00:00:00Z"));
    Plan changing = plan.withLater(List.of(dearer));
    assertThat(rowsOf("plans", catalogRows("plan/scale", new Resource.OfPlan(changing))))
        .singleElement()
        .satisfies(
            row ->
                assertThat(row)
                    // What the version brought.
                    .containsEntry("price_version", "plan:scale:v5")
                    .containsEntry("price_suffix", ":-10%")
                    .containsEntry(
                        "versions.from",
                        List.of(Instant.EPOCH, Instant.parse("2026-11-01T00:00:00Z")))
                    .containsEntry("versions.price_book", List.of("list", "other"))
                    .containsEntry(
                        "versions.price_version", List.of("plan:scale:v2", "plan:scale:v5"))
                    .containsEntry("versions.price_suffix", List.of("", ":-10%")));
    Credit never = new Credit("welcome", "acme", new BigDecimal("50"), null);
    Credit longAgo = new Credit("old", "acme", new BigDecimal("5"), Instant.EPOCH);
    assertThat(rowsOf("credits", catalogRows("credit/welcome", new Resource.OfCredit(never))))
        .singleElement()
        .satisfies(row -> assertThat(row).containsEntry("expires_at", Instant.EPOCH));
    assertThat(rowsOf("credits", catalogRows("credit/old", new Resource.OfCredit(longAgo))))
        .singleElement()
        .satisfies(row -> assertThat(row).containsEntry("expires_at", Instant.ofEpochMilli(1)));
  }

  @Test
  void anAttemptAndItsOutcomeAreOneRow() {
    AuditRecord attempt =
        new AuditRecord(
            "0f8fad5b-d9cb-469f-a165-70867728950e",
            Samples.COMPLETION,
            "admin",
            "admin",
            "administrator",
            null,
            "127.0.0.1",
            "POST",
            "/v1/accounts/{account}/debits",
            "/v1/accounts/acme/debits",
            AuditRecord.Outcome.ATTEMPTED,
            0,
            null,
            null,
            List.of());
    AuditRecord ended =
        attempt.ended(
            AuditRecord.Outcome.DONE,
            201,
            null,
            null,
            List.of(new AuditRecord.Asked("c-1", null, null, "{}", "{}")));

    Row first = rows(Topics.AUDIT_LOG, attempt).get(0);
    Row second = rows(Topics.AUDIT_LOG, ended).get(0);
    assertThat(second.key()).isEqualTo(first.key());
    assertThat(rowsOf("audit_log", List.of(second)))
        .singleElement()
        .satisfies(
            row ->
                assertThat(row)
                    .containsEntry("outcome", "done")
                    .containsEntry("status", 201L)
                    .containsEntry("account", "")
                    .containsEntry(
                        "commands",
                        "[{\"commandId\":\"c-1\",\"before\":null,\"after\":null,"
                            + "\"order\":\"{}\",\"result\":\"{}\"}]"));
  }

  @Test
  void anAlertThatIsDecidedAgainIsTheSameRow() {
    Alert alert =
        new Alert(
            "acme",
            "month",
            Quota.Metric.COST,
            Quota.Window.MONTH,
            null,
            "qwen-*",
            "2026-11",
            Instant.parse("2026-11-01T00:00:00Z"),
            Instant.parse("2026-12-01T00:00:00Z"),
            80,
            new BigDecimal("100"),
            new BigDecimal("80.25"),
            "USD",
            Instant.parse("2026-11-20T10:00:00Z"),
            null,
            null,
            true,
            7,
            Instant.parse("2026-11-20T10:00:01Z"));

    Row row = rows(Topics.ALERTS, alert).get(0);
    assertThat(row.key()).isEqualTo(List.of("acme", alert.id()));
    assertThat(rowsOf("alerts", List.of(row)))
        .singleElement()
        .satisfies(
            it ->
                assertThat(it)
                    .containsEntry("window", "month")
                    .containsEntry("metric", "cost")
                    .containsEntry("key", "")
                    .containsEntry("threshold", 80L)
                    .containsEntry("late", true)
                    .containsEntry("line", ""));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "null", "{", "[]", "sk-secret", "{\"account\":7"})
  void whatIsNoRecordIsRefusedWithoutQuotingIt(String text) {
    for (RecordMapper mapper : mappers.values()) {
      assertThatThrownBy(() -> mapper.rows(0, 0, text.getBytes(StandardCharsets.UTF_8)))
          .isInstanceOf(UnlandableException.class)
          .hasMessageStartingWith("it is no ");
    }
  }

  @Test
  void whatNoColumnHoldsIsRefused() {
    assertThatThrownBy(
            () ->
                rows(
                    Topics.USAGE_EVENTS,
                    Samples.event(1, Instant.parse("1969-12-31T23:59:59.999Z"))))
        .isInstanceOf(UnlandableException.class)
        .hasMessage("an instant is outside of 1970 to 2105");
    AccountState.BillLine line =
        new AccountState.BillLine("m", TokenClass.INPUT, "v", 1, new BigDecimal("1E-13"));
    assertThatThrownBy(() -> rows(Topics.ACCOUNT_STATES, Samples.month(1, line)))
        .isInstanceOf(UnlandableException.class)
        .hasMessage("an amount does not fit 12 decimal places");
    assertThatThrownBy(() -> rows(Topics.USAGE_WINDOWS, Samples.window(1, -1)))
        .isInstanceOf(UnlandableException.class)
        .hasMessage("a count is negative");
  }

  private List<Row> catalogRows(String id, Resource resource) {
    CatalogRecord record =
        new CatalogRecord(id, 9, "command-1", "ann", "", Samples.COMPLETION, true, resource);
    return rows(Topics.CATALOG, record);
  }
}
