package dev.taximeter.streams.topology;

import static dev.taximeter.streams.topology.Meter.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.catalog.AccountTerms;
import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.catalog.CatalogRecord;
import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.event.AccountInput;
import dev.taximeter.contract.event.AccountRecord;
import dev.taximeter.contract.event.AccountRecord.MonthTotals;
import dev.taximeter.contract.event.AccountState;
import dev.taximeter.contract.event.CommandResult;
import dev.taximeter.contract.event.DeadLetter;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.LineCount;
import dev.taximeter.contract.event.LineFate;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.MeteringStatus;
import dev.taximeter.contract.event.RawLine;
import dev.taximeter.contract.event.Reason;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.event.UsageEvent;
import dev.taximeter.contract.event.UsageWindows;
import dev.taximeter.contract.security.Sealer;
import dev.taximeter.contract.topic.Topics;
import dev.taximeter.parse.AccessLogParser;
import dev.taximeter.parse.ParserSettings;
import dev.taximeter.streams.topology.parts.AccountInputs;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MeteringTopologyTest {
  private static final String GATEWAY_LINE =
      """
      {"ai_log":"{\\"api\\":\\"-\\",\\"chat_id\\":\\"c\\",\\"chat_round\\":2,\\"input_token\\":343,\\"input_token_details\\":{\\"cached_tokens\\":43},\\"llm_service_duration\\":1910,\\"model\\":\\"qwen-max\\",\\"output_token\\":153,\\"output_token_details\\":{},\\"response_type\\":\\"normal\\",\\"total_token\\":496}",\
      "authority":"llm.example.com","bytes_received":"1490","bytes_sent":"1021",\
      "downstream_local_address":"10.0.0.5:8080","downstream_remote_address":"203.0.113.8:40210",\
      "duration":"1914","istio_policy_status":"-","method":"POST","path":"/v1/chat/completions",\
      "protocol":"HTTP/2","request_id":"0d3b8f52-7a36-4f0a-8b7b-9a3a4b2a7a02",\
      "requested_server_name":"llm.example.com","response_code":"200","response_flags":"-",\
      "route_name":"ai-route-qwen.internal","start_time":"2026-11-03T08:14:06.002Z",\
      "trace_id":"-","upstream_cluster":"outbound|443||llm-qwen.internal.dns",\
      "upstream_host":"192.0.2.18:443","upstream_local_address":"10.0.0.5:32940",\
      "upstream_service_time":"1902","upstream_transport_failure_reason":"-",\
      "user_agent":"okhttp/4.12.0","x_forwarded_for":"203.0.113.8",\
      "response_code_details":"via_upstream","user_api_key":"sk-demo-00001",\
      "client_version":"3.2.0"}\
      """;

  private static final Instant COMPLETION = NOW.minusSeconds(5);

  @TempDir private Path stateDirectory;
  private Meter meter;

  @BeforeEach
  void start() {
    meter = new Meter(stateDirectory);
    meter.command("load", Meter.catalogue());
  }

  @AfterEach
  void stop() {
    meter.close();
  }

  private static String line(String key, String model, long input, long output, int number) {
    return PlainParser.line(
        key, model, new TokenCounts(input, 0, 0, output, 0), COMPLETION, number);
  }

  @Test
  void aLineBecomesUsageBalanceAndBill() {
    meter.ship(
        PlainParser.line(
            "sk-demo-00001", "qwen-max", new TokenCounts(100, 50, 25, 10, 5), COMPLETION, 1));
    meter.settle();

    UsageEvent event = meter.events().get(0);
    assertThat(event.account()).isEqualTo("acme");
    assertThat(event.sequence()).isEqualTo(1);
    assertThat(event.currency()).isEqualTo("USD");
    assertThat(event.unpriced()).isFalse();
    Usage usage = event.usage();
    assertThat(usage.fate()).isEqualTo(Fate.BILLED);
    assertThat(usage.key()).isEqualTo("acme-prod");
    assertThat(usage.keyLastFour()).isEqualTo("0001");
    assertThat(usage.shipment()).isEqualTo(Meter.SHIPMENT);
    assertThat(usage.arrival()).isEqualTo(NOW);
    // (100 + 25) * 0.40 + 50 * 0.10 + (10 + 5) * 1.20, per million
    assertThat(event.cost()).isEqualByComparingTo("0.000073");

    AccountState state = meter.latestStates().get("acme");
    assertThat(state.sequence()).isEqualTo(1);
    assertThat(state.spent()).isEqualByComparingTo("0.000073");
    assertThat(state.granted(NOW)).isEqualByComparingTo("50");
    assertThat(state.credits().get(0).drawn()).isEqualByComparingTo("0.000073");
    AccountState.Period period = state.periods().get(0);
    assertThat(period.period()).isEqualTo(YearMonth.of(2026, 11));
    assertThat(period.lines())
        .extracting(AccountState.BillLine::tokenClass, AccountState.BillLine::quantity)
        .containsExactlyInAnyOrder(
            org.assertj.core.groups.Tuple.tuple(TokenClass.INPUT, 125L),
            org.assertj.core.groups.Tuple.tuple(TokenClass.CACHED_INPUT, 50L),
            org.assertj.core.groups.Tuple.tuple(TokenClass.OUTPUT, 15L));
    assertThat(period.lines())
        .allMatch(l -> l.model().equals("qwen-max"))
        .allMatch(l -> l.priceVersion().equals("list:qwen-*:2026-01-01T00:00:00Z:v1"));
  }

  @Test
  void windowsAddUpAndALateOneOpensASegment() {
    meter.ship(line("sk-demo-00001", "qwen-max", 10, 1, 1));
    meter.ship(line("sk-demo-00001", "qwen-max", 20, 2, 2));
    meter.settle();
    // The driver commits after every line, and windows leave with the usage in them.
    List<UsageWindows> published = meter.windows();
    assertThat(published).hasSize(2);
    assertThat(published.get(1).each())
        .hasSize(8)
        .allMatch(window -> window.segment() == 1 && window.sequence() == 2)
        .allMatch(window -> window.requests() == 2 && window.tokens().input() == 30);

    for (int i = 0; i < 3; i++) {
      meter.pass(Duration.ofSeconds(40));
    }
    meter.ship(line("sk-demo-00001", "qwen-max", 5, 0, 3));
    meter.settle();
    assertThat(meter.windows())
        .flatMap(UsageWindows::each)
        .hasSize(8)
        .allMatch(window -> window.segment() == 3 && window.tokens().input() == 5);
  }

  @Test
  void theRequestIdTravelsWithWhateverBecomesOfTheLine() {
    meter.ship(line("sk-demo-00001", "qwen-max", 10, 1, 41));
    meter.ship("foreign");
    meter.settle();
    assertThat(meter.events())
        .singleElement()
        .matches(event -> "request-41".equals(event.usage().requestId()));
    assertThat(meter.read(Topics.LINE_FATES, LineFate.class))
        .singleElement()
        .matches(fate -> "request-of-foreign-line".equals(fate.requestId()));
  }

  @Test
  void aSecondCopyIsADuplicate() {
    meter.ship(line("sk-demo-00001", "qwen-max", 10, 1, 1));
    meter.ship(line("sk-demo-00001", "qwen-max", 10, 1, 1));
    meter.settle();
    assertThat(meter.events()).hasSize(1);
    assertThat(meter.read(Topics.LINE_FATES, LineFate.class))
        .singleElement()
        .matches(fate -> fate.fate() == Fate.DUPLICATE && fate.reason() == Reason.SEEN_BEFORE);
    assertThat(counts()).containsEntry("intake-0", Map.of(Fate.BILLED, 1L, Fate.DUPLICATE, 1L));
  }

  /** It is the line that counts, and not where it lies or who brings it. */
  @Test
  void aCopyFromAnotherFileIsADuplicateToo() {
    String line = line("sk-demo-00001", "qwen-max", 10, 1, 1);
    byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
    meter.ship(line);
    meter.shipRecord(RawLine.checksum(bytes), new RawLine("h", "/copy.log.1", 7, bytes).toBytes());
    meter.settle();
    assertThat(meter.events()).hasSize(1);
    assertThat(meter.read(Topics.LINE_FATES, LineFate.class))
        .singleElement()
        .matches(fate -> fate.fate() == Fate.DUPLICATE)
        .matches(fate -> fate.source().equals(new LineSource("h", "/copy.log.1")));
  }

  @Test
  void aRecordUnderAnotherKeyIsRekeyedAndCountedOnce() {
    byte[] line = line("sk-demo-00001", "qwen-max", 10, 1, 1).getBytes(StandardCharsets.UTF_8);
    byte[] frame = new RawLine("h", "/p", 7, line).toBytes();
    meter.shipRecord("wrong".getBytes(StandardCharsets.UTF_8), frame);
    meter.shipRecord(null, frame);
    meter.settle();

    List<TestRecord<byte[], byte[]>> again = meter.readRaw(Topics.ACCESS_LOG);
    assertThat(again).hasSize(2);
    assertThat(again)
        .allSatisfy(
            record -> {
              assertThat(record.key()).isEqualTo(RawLine.checksum(line));
              assertThat(record.value()).isEqualTo(frame);
              assertThat(record.timestamp()).isEqualTo(NOW.toEpochMilli());
              assertThat(record.headers().lastHeader(RawLine.SHIPMENT_HEADER)).isNotNull();
            });
    // The driver has brought them back to the source: one usage, one duplicate.
    assertThat(meter.events()).hasSize(1);
    assertThat(counts()).containsEntry("intake-0", Map.of(Fate.BILLED, 1L, Fate.DUPLICATE, 1L));
  }

  @Test
  void theBeginningOfALineThatIsTooLongIsQuarantined() {
    byte[] line = line("sk-demo-00001", "qwen-max", 10, 1, 1).getBytes(StandardCharsets.UTF_8);
    meter.shipRecord(
        RawLine.checksum(line),
        new RawLine("h", "/p", 7, line).toBytes(),
        RawLine.TRUNCATED_HEADER);
    assertThat(meter.events()).isEmpty();
    assertThat(meter.read(Topics.LINE_FATES, LineFate.class))
        .singleElement()
        .matches(fate -> fate.reason() == Reason.LINE_TOO_LONG)
        .matches(LineFate::leakage, "its usage is lost, if it has any");
    assertThat(meter.readRaw(Topics.ACCESS_LOG_DEAD_LETTERS)).hasSize(1);
  }

  @Test
  void aLineOfTheGatewayIsMetered() {
    useTheParserOfProduction();
    meter.ship(GATEWAY_LINE);
    assertThat(meter.events())
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.account()).isEqualTo("acme");
              assertThat(event.usage().tokens()).isEqualTo(new TokenCounts(300, 43, 0, 153, 0));
              assertThat(event.usage().completion())
                  .isEqualTo(Instant.parse("2026-11-03T08:14:07.916Z"));
              // 300 * 0.40 + 43 * 0.10 + 153 * 1.20, per million
              assertThat(event.cost()).isEqualByComparingTo("0.0003079");
            });
  }

  /** A client can send the same one with every request, and none of them is free. */
  @Test
  void linesOfOneRequestIdAreAllMetered() {
    useTheParserOfProduction();
    String other = GATEWAY_LINE.replace("203.0.113.8:40210", "203.0.113.8:40211");
    meter.ship(GATEWAY_LINE);
    meter.ship(other);
    meter.ship(other);
    assertThat(meter.events())
        .hasSize(2)
        .allMatch(
            event -> "0d3b8f52-7a36-4f0a-8b7b-9a3a4b2a7a02".equals(event.usage().requestId()));
  }

  private void useTheParserOfProduction() {
    meter.close();
    AccessLogParser parser = new AccessLogParser(ParserSettings.defaults());
    meter =
        new Meter(
            stateDirectory.resolve("fresh"),
            (line, source, at, doubtful) -> parser.parse(line, at, doubtful));
    meter.command("load", Meter.catalogue());
  }

  @Test
  void aBadFrameIsQuarantined() {
    meter.shipRecord(null, "no frame".getBytes(StandardCharsets.UTF_8));
    meter.shipRecord(null, null);
    assertThat(meter.read(Topics.LINE_FATES, LineFate.class))
        .hasSize(2)
        .allMatch(fate -> fate.fate() == Fate.QUARANTINED && fate.reason() == Reason.BAD_FRAME);
    assertThat(meter.readRaw(Topics.ACCESS_LOG_DEAD_LETTERS)).hasSize(2);
  }

  /** Names of hosts and files become parts of keys. */
  @Test
  void aFrameWithANameThatIsTooLongIsABadOne() {
    for (int length : new int[] {5_000, 5_001, 60_000}) {
      byte[] line = ("foreign " + length).getBytes(StandardCharsets.UTF_8);
      RawLine longPath = new RawLine("h", "p".repeat(length - 1), 0, line);
      meter.shipRecord(RawLine.checksum(line), longPath.toBytes());
      RawLine longHost = new RawLine("h".repeat(length - 1), "p", 1, line);
      meter.shipRecord(RawLine.checksum(line), longHost.toBytes());
    }
    List<LineFate> fates = meter.read(Topics.LINE_FATES, LineFate.class);
    assertThat(fates)
        .extracting(LineFate::reason)
        .containsExactly(
            Reason.FOREIGN_LINE,
            Reason.SEEN_BEFORE,
            Reason.BAD_FRAME,
            Reason.BAD_FRAME,
            Reason.BAD_FRAME,
            Reason.BAD_FRAME);
    assertThat(fates.subList(2, 6))
        .allMatch(fate -> fate.source().equals(new LineSource("unknown", "unknown")));
  }

  @Test
  void rejectedLinesGoToTheDeadLettersSealed() {
    meter.ship("foreign sk-secret-in-a-line 12");
    TestRecord<String, DeadLetter> letter =
        meter.output(Topics.ACCESS_LOG_DEAD_LETTERS, DeadLetter.class).readRecord();
    assertThat(letter.value().fate().reason()).isEqualTo(Reason.FOREIGN_LINE);
    assertThat(letter.value().excerpt()).isEqualTo("xxxxxxx xx-xxxxxx-xx-x-xxxx 00");
    assertThat(
            new String(
                new Sealer(Meter.SECRET).open(letter.value().sealedFrame()),
                StandardCharsets.UTF_8))
        .endsWith("\tforeign sk-secret-in-a-line 12");
    assertThat(header(letter, "__streams.errors.topic")).isEqualTo("gateway.access-log.v1");
    assertThat(header(letter, "__streams.errors.partition")).isEqualTo("0");
    assertThat(header(letter, "__streams.errors.offset")).isEqualTo("0");
    assertThat(header(letter, "reason")).isEqualTo("foreign-line");
  }

  @Test
  void aDefectQuarantinesTheLineAndTheNextOnesGoOn() {
    meter.ship("defect");
    meter.ship(line("sk-demo-00001", "qwen-max", 10, 1, 1));
    assertThat(meter.events()).hasSize(1);
    assertThat(meter.read(Topics.LINE_FATES, LineFate.class))
        .singleElement()
        .matches(fate -> fate.reason() == Reason.INTERNAL_ERROR);
    assertThat(meter.readRaw(Topics.ACCESS_LOG_DEAD_LETTERS)).hasSize(1);
  }

  /** When the defect is mended, the line is no better known to be whole. */
  @Test
  void aDefectDoesNotHideThatTheBeginningIsUncertain() {
    byte[] line = "defect".getBytes(StandardCharsets.UTF_8);
    meter.shipRecord(
        RawLine.checksum(line),
        new RawLine(Meter.HOST, Meter.PATH, 0, line).toBytes(),
        RawLine.UNCERTAIN_BEGINNING_HEADER);
    assertThat(meter.read(Topics.LINE_FATES, LineFate.class))
        .singleElement()
        .matches(fate -> fate.reason() == Reason.UNCERTAIN_BEGINNING);
  }

  @Test
  void aRejectedKeyNeverMakesAnAccount() {
    meter.ship("rejected garbage-key-00001");
    meter.settle();
    assertThat(meter.events()).isEmpty();
    assertThat(meter.read(Topics.LINE_FATES, LineFate.class))
        .singleElement()
        .matches(fate -> fate.fate() == Fate.UNBILLABLE && fate.keyFingerprint() != null);
    assertThat(meter.latestStates().keySet()).containsExactlyInAnyOrder("acme", "globex");
  }

  @Test
  void unknownAndMissingKeysAreMeteredApart() {
    meter.ship(line("sk-unknown-00009", "qwen-max", 10, 1, 1));
    meter.ship(line("-", "qwen-max", 10, 1, 2));
    meter.settle();
    List<UsageEvent> events = meter.events();
    assertThat(events)
        .allMatch(event -> event.usage().fate() == Fate.UNATTRIBUTED)
        .allMatch(event -> event.cost().signum() == 0 && event.currency().isEmpty())
        .allMatch(event -> event.sequence() == 1 && event.charges().isEmpty());
    String fingerprint = events.get(0).usage().keyFingerprint();
    assertThat(events)
        .extracting(UsageEvent::account)
        .containsExactly("unattributed:" + fingerprint.substring(0, 16), "unattributed:none");
    assertThat(events.get(0).usage().key()).isEqualTo(fingerprint.substring(0, 12));
    assertThat(events.get(1).usage().key()).isEmpty();
    AccountState state = meter.latestStates().get("unattributed:none");
    assertThat(state.zone()).isEqualTo("UTC");
    assertThat(state.periods())
        .containsExactly(new AccountState.Period(YearMonth.of(2026, 11), 1, 0, List.of()));
    assertThat(counts())
        .containsEntry("intake-0", Map.of(Fate.UNATTRIBUTED, 2L))
        .containsKey("account-0");
  }

  @Test
  void aModelWithoutAPriceCostsNothingAndSaysSo() {
    meter.ship(line("sk-demo-00001", "llama", 10, 1, 1));
    meter.settle();
    UsageEvent event = meter.events().get(0);
    assertThat(event.unpriced()).isTrue();
    assertThat(event.cost()).isEqualByComparingTo("0");
    assertThat(event.charges()).isEmpty();
    assertThat(meter.latestStates().get("acme").periods().get(0).unpriced()).isEqualTo(1);
  }

  @Test
  void tiersAndRequestsStandOnTheirOwnLines() {
    meter.ship(line("sk-demo-00003", "model-a", 900, 0, 1));
    meter.ship(line("sk-demo-00003", "model-b", 200, 0, 2));
    meter.settle();
    AccountState state = meter.latestStates().get("globex");
    // 1,000 at 1.00 and 100 at 0.50 per million, and two requests
    assertThat(state.spent()).isEqualByComparingTo("0.00125");
    assertThat(state.periods().get(0).lines())
        .containsExactlyInAnyOrder(
            new AccountState.BillLine(
                "*",
                TokenClass.INPUT,
                "tiered:*:2026-01-01T00:00:00Z:v1",
                1_100,
                new BigDecimal("0.00105")),
            new AccountState.BillLine(
                "*", TokenClass.REQUEST, "plan:scale:v1", 2, new BigDecimal("0.0002")));
  }

  @Test
  void monthsAreTheAccountsOwn() {
    Instant lateInOctoberUtc = Instant.parse("2026-10-31T23:30:00Z");
    meter.ship(
        PlainParser.line(
            "sk-demo-00001", "qwen-max", new TokenCounts(1, 0, 0, 0, 0), lateInOctoberUtc, 1));
    meter.ship(
        PlainParser.line(
            "sk-demo-00003", "qwen-max", new TokenCounts(1, 0, 0, 0, 0), lateInOctoberUtc, 2));
    meter.settle();
    Map<String, AccountState> states = meter.latestStates();
    assertThat(states.get("acme").periods().get(0).period()).isEqualTo(YearMonth.of(2026, 11));
    assertThat(states.get("globex").periods().get(0).period()).isEqualTo(YearMonth.of(2026, 10));
  }

  @Test
  void onlyMonthsThatChangedLeaveAgainAndBeforeTheirSummary() {
    meter.accountInput("acme", new AccountInput.UsageInput(usage(1)));
    meter.settle();
    meter.read(Topics.ACCOUNT_STATES, AccountRecord.class);
    Usage inOctober = completing(usage(2), Instant.parse("2026-10-05T10:00:00Z"));
    meter.accountInput("acme", new AccountInput.UsageInput(inOctober));
    meter.settle();
    List<AccountRecord> records = meter.read(Topics.ACCOUNT_STATES, AccountRecord.class);
    assertThat(records).hasSize(2);
    assertThat(records.get(0))
        .isInstanceOfSatisfying(
            AccountRecord.Month.class,
            month -> assertThat(month.period()).isEqualTo(YearMonth.of(2026, 10)));
    assertThat(records.get(1))
        .isInstanceOfSatisfying(
            AccountRecord.Summary.class,
            summary ->
                assertThat(summary.periods())
                    .extracting(MonthTotals::period, MonthTotals::sequence)
                    .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(YearMonth.of(2026, 10), 2L),
                        org.assertj.core.groups.Tuple.tuple(YearMonth.of(2026, 11), 1L)));
  }

  /** A client that invents model names; the sum of the lines stays what was spent. */
  @Test
  void inventedModelsCannotMakeAMonthLargerThanItsBound() {
    for (int i = 0; i < 1_050; i++) {
      Usage usage = usage(1_000 + i);
      meter.accountInput(
          "acme", new AccountInput.UsageInput(withModel(usage, "qwen-invented-" + i)));
    }
    meter.settle();
    AccountState state = meter.latestStates().get("acme");
    List<AccountState.BillLine> lines = state.periods().get(0).lines();
    assertThat(lines).hasSizeBetween(990, 1_000);
    assertThat(lines).extracting(AccountState.BillLine::model).contains("qwen-*");
    assertThat(
            lines.stream()
                .map(AccountState.BillLine::amount)
                .reduce(BigDecimal.ZERO, BigDecimal::add))
        .isEqualByComparingTo(state.spent());
  }

  private static Usage completing(Usage usage, Instant completion) {
    return changed(usage, usage.model(), completion);
  }

  private static Usage withModel(Usage usage, String model) {
    return changed(usage, model, usage.completion());
  }

  private static Usage changed(Usage usage, String model, Instant completion) {
    return new Usage(
        usage.id(),
        usage.fate(),
        usage.key(),
        usage.keyFingerprint(),
        usage.keyLastFour(),
        model,
        usage.tokens(),
        completion,
        usage.start(),
        usage.arrival(),
        usage.source(),
        usage.offset(),
        usage.shipment(),
        usage.flags(),
        usage.requestId());
  }

  @Test
  void usageBeforeItsTermsWaitsInOrder() {
    AccountTerms terms = terms("acme");
    meter.close();
    meter = new Meter(stateDirectory.resolve("fresh"));
    meter.accountInput("acme", new AccountInput.UsageInput(List.of(usage(1), usage(2))));
    meter.accountInput("acme", new AccountInput.UsageInput(usage(3)));
    meter.settle();
    assertThat(meter.events()).isEmpty();
    assertThat(counts()).isEmpty();

    meter.accountInput("acme", new AccountInput.TermsInput(terms));
    meter.settle();
    assertThat(meter.events())
        .extracting(UsageEvent::sequence, event -> event.usage().id())
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(1L, "1"),
            org.assertj.core.groups.Tuple.tuple(2L, "2"),
            org.assertj.core.groups.Tuple.tuple(3L, "3"));
    assertThat(settled()).isEqualTo(3);
  }

  @Test
  void whatCannotBeRatedHoldsUpNothingElseOfItsRecord() {
    Usage unratable = withModel(usage(2), "m".repeat(Topics.MAX_RECORD_BYTES));
    meter.accountInput("acme", new AccountInput.UsageInput(List.of(usage(1), unratable, usage(3))));
    meter.settle();
    assertThat(meter.events())
        .extracting(UsageEvent::sequence, event -> event.usage().id())
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(1L, "1"),
            org.assertj.core.groups.Tuple.tuple(2L, "3"));
    assertThat(settled()).as("the second one stays in flight").isEqualTo(2);
    assertThat(meter.readRaw(Topics.ACCESS_LOG_DEAD_LETTERS)).isEmpty();
  }

  @Test
  void theCountsOfBothSidesMeet() {
    for (int i = 0; i < 7; i++) {
      meter.ship(line("sk-demo-0000" + (1 + i % 3), "qwen-max", i, 1, i));
    }
    meter.ship(line("-", "qwen-max", 1, 1, 8));
    meter.ship("foreign");
    meter.ship("foreign");
    meter.settle();
    LineCount fates =
        meter.read(Topics.LINE_ACCOUNTING, LineCount.class).stream()
            .filter(count -> count.writer().equals("intake-0"))
            .reduce((earlier, later) -> later)
            .orElseThrow();
    assertThat(fates.fates())
        .isEqualTo(
            Map.of(
                Fate.BILLED, 7L, Fate.UNATTRIBUTED, 1L, Fate.QUARANTINED, 1L, Fate.DUPLICATE, 1L));
    assertThat(fates.hour()).isEqualTo(Instant.parse("2026-11-20T10:00:00Z"));
    assertThat(fates.source().host()).isEqualTo(Meter.HOST);
  }

  /**
   * Before anything is emitted: what was counted must be in the changelogs with the commit of the
   * lines, or a process that is killed then loses the counts of lines that are never read again.
   */
  @Test
  void whatWasCountedIsCommittedWithTheLine() {
    meter.readRaw(changelog("intake-counts"));
    meter.ship(line("sk-demo-00001", "qwen-max", 1, 1, 1));

    assertThat(meter.readRaw(changelog("intake-counts"))).hasSize(1);
    assertThat(meter.readRaw(changelog("account-counts"))).hasSize(1);
  }

  @Test
  void whoIsBehindWaitsForALargerTransaction() {
    meter.settle();
    meter.read(Topics.LINE_ACCOUNTING, LineCount.class);
    byte[] late = line("sk-demo-00001", "qwen-max", 1, 1, 1).getBytes(StandardCharsets.UTF_8);
    byte[] frame = new RawLine(Meter.HOST, Meter.PATH, 0, late).toBytes();
    meter.shipRecord(RawLine.checksum(late), frame, meter.now().minusSeconds(10));
    meter.pass(Duration.ofMillis(100));
    assertThat(meter.read(Topics.LINE_ACCOUNTING, LineCount.class)).isEmpty();
    meter.pass(Duration.ofMillis(800));
    assertThat(meter.read(Topics.LINE_ACCOUNTING, LineCount.class)).hasSize(2);

    meter.ship(line("sk-demo-00001", "qwen-max", 1, 1, 2));
    meter.pass(Duration.ofMillis(100));
    assertThat(meter.read(Topics.LINE_ACCOUNTING, LineCount.class)).hasSize(2);
  }

  private static String changelog(String store) {
    return "%s-%s-changelog".formatted(Topics.METERING_GROUP, store);
  }

  @Test
  void aCatalogueIsWrittenOnceAndAcknowledged() {
    assertThat(meter.result().accepted()).isTrue();
    List<CatalogRecord> records = meter.read(Topics.CATALOG, CatalogRecord.class);
    assertThat(records).extracting(CatalogRecord::version).containsOnly(1L);
    assertThat(records.stream().filter(CatalogRecord::last))
        .containsExactly(records.get(records.size() - 1));

    meter.command("load again", Meter.catalogue());
    assertThat(meter.result())
        .isEqualTo(new CommandResult("load again", true, 1, List.of(), List.of()));
    assertThat(meter.read(Topics.CATALOG, CatalogRecord.class)).isEmpty();

    meter.settle();
    assertThat(meter.read(Topics.METERING_STATUS, MeteringStatus.class))
        .extracting(MeteringStatus::part, MeteringStatus::catalogVersion)
        .containsExactly(org.assertj.core.groups.Tuple.tuple("intake-0", 1L));
  }

  @Test
  void aRepeatedCommandGetsTheSameAnswer() {
    CommandResult first = meter.result();
    meter.command("load", Catalog.EMPTY);
    assertThat(meter.result()).isEqualTo(first);
    assertThat(first.changed()).isNotEmpty();
  }

  @Test
  void noRawKeyLeavesTheRawTopic() {
    meter.ship(line("sk-demo-00001", "qwen-max", 10, 1, 1));
    meter.ship(line("sk-unknown-00009", "qwen-max", 10, 1, 2));
    meter.ship("rejected sk-rejected-00007");
    meter.ship("foreign sk-foreign-00008");
    meter.settle();
    for (Topics topic : Topics.values()) {
      if (topic == Topics.ACCESS_LOG || topic == Topics.COMMANDS) {
        continue;
      }
      if (!meter.driver.producedTopicNames().contains(topic.topicName())) {
        continue;
      }
      for (TestRecord<byte[], byte[]> record : meter.readRaw(topic)) {
        assertThat(new String(record.value(), StandardCharsets.UTF_8))
            .as(topic.topicName())
            .doesNotContain("sk-demo")
            .doesNotContain("sk-unknown")
            .doesNotContain("sk-rejected")
            .doesNotContain("sk-foreign");
      }
    }
  }

  private AccountTerms terms(String account) {
    return meter.readRaw(Topics.ACCOUNT_INPUTS).stream()
        .map(record -> AccountInputs.serde().deserializer().deserialize("", record.value()))
        .filter(AccountInput.TermsInput.class::isInstance)
        .map(input -> ((AccountInput.TermsInput) input).terms())
        .filter(terms -> terms.account().id().equals(account))
        .findFirst()
        .orElseThrow();
  }

  private static Usage usage(int number) {
    return new Usage(
        Integer.toString(number),
        Fate.BILLED,
        "acme-prod",
        "f".repeat(64),
        null,
        "qwen-max",
        new TokenCounts(number, 0, 0, 0, 0),
        COMPLETION,
        COMPLETION,
        NOW,
        new dev.taximeter.contract.event.LineSource("h", "p"),
        0,
        "s",
        List.of(),
        null);
  }

  /** Latest fates by writer. */
  private Map<String, Map<Fate, Long>> counts() {
    return meter.read(Topics.LINE_ACCOUNTING, LineCount.class).stream()
        .collect(Collectors.toMap(LineCount::writer, LineCount::fates, (a, b) -> b));
  }

  private long settled() {
    return meter.read(Topics.LINE_ACCOUNTING, LineCount.class).stream()
        .collect(Collectors.toMap(LineCount::recordKey, LineCount::settled, (a, b) -> b))
        .values()
        .stream()
        .mapToLong(Long::longValue)
        .sum();
  }

  private static String header(TestRecord<?, ?> record, String name) {
    return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
  }
}
