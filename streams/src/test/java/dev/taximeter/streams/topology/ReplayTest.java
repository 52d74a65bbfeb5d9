package dev.taximeter.streams.topology;

import static dev.taximeter.streams.topology.Meter.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.event.CommandResult;
import dev.taximeter.contract.event.DeadLetter;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.Instruction;
import dev.taximeter.contract.event.LineCount;
import dev.taximeter.contract.event.LineFate;
import dev.taximeter.contract.event.LineReplay;
import dev.taximeter.contract.event.LineReplay.Outcome;
import dev.taximeter.contract.event.Order;
import dev.taximeter.contract.event.RawLine;
import dev.taximeter.contract.event.Reason;
import dev.taximeter.contract.event.SuspenseItem;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.event.UsageEvent;
import dev.taximeter.contract.json.Json;
import dev.taximeter.contract.topic.Topics;
import dev.taximeter.streams.replay.LetterIndex;
import dev.taximeter.streams.replay.Letters;
import dev.taximeter.streams.replay.Replayer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.test.TestRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A dead letter that is sent again counts once, whatever else happens to its line. */
class ReplayTest {
  @TempDir private Path stateDirectory;
  private final PlainParser parser = new PlainParser();
  private final Map<String, byte[]> letters = new HashMap<>();
  private final List<LineReplay> steps = new ArrayList<>();
  private final List<ProducerRecord<byte[], byte[]>> rawRecords = new ArrayList<>();
  private final Map<String, LineCount> counts = new HashMap<>();
  private Meter meter;
  private Replayer replayer;

  @BeforeEach
  void start() {
    use(new Meter(stateDirectory, parser));
  }

  private void use(Meter fresh) {
    if (meter != null) {
      meter.close();
    }
    counts.clear();
    meter = fresh;
    meter.command("load", Meter.catalogue());
    replayer = new Replayer(new Index(), new Store(), Meter.SECRET, () -> meter.now());
  }

  @AfterEach
  void stop() {
    meter.close();
  }

  private static final class Index implements LetterIndex {
    @Override
    public Map<String, Place> find(Collection<String> ids) {
      Map<String, Place> places = new HashMap<>();
      // The place is as good as the id here.
      ids.forEach(id -> places.put(id, new Place(0, Long.parseUnsignedLong(id.substring(16), 16))));
      return places;
    }

    @Override
    public void close() {}
  }

  private final class Store implements Letters {
    @Override
    public Optional<byte[]> read(LetterIndex.Place place) {
      return letters.entrySet().stream()
          .filter(
              letter -> Long.parseUnsignedLong(letter.getKey().substring(16), 16) == place.offset())
          .map(Map.Entry::getValue)
          .findFirst();
    }

    @Override
    public void close() {}
  }

  /** A line that cannot be read until the parser is fixed. */
  private static String line(Instant completion, int number) {
    return "fixable "
        + PlainParser.line(
            "sk-demo-00001", "qwen-max", new TokenCounts(10, 0, 0, 1, 0), completion, number);
  }

  private void keepLetters() {
    for (TestRecord<byte[], byte[]> record : meter.readRaw(Topics.ACCESS_LOG_DEAD_LETTERS)) {
      letters.put(
          Json.MAPPER.readValue(record.value(), DeadLetter.class).fate().id(), record.value());
    }
  }

  /** Orders a replay as a person does, and carries it out. */
  private void replay(String... ids) {
    keepLetters();
    meter.order("replay-" + steps.size(), "", Catalog.EMPTY, new Order.Replay(List.of(ids)));
    meter.carryOut(replayer).forEach(this::deliver);
    steps.addAll(meter.read(Topics.LINE_REPLAYS, LineReplay.class));
  }

  private void deliver(ProducerRecord<byte[], byte[]> record) {
    if (record.topic().equals(Topics.ACCESS_LOG.topicName())) {
      rawRecords.add(record);
      meter.pipe(
          new TestRecord<>(record.key(), record.value(), record.headers(), record.timestamp()));
    } else if (record.topic().equals(Topics.LINE_REPLAYS.topicName())) {
      steps.add(Json.MAPPER.readValue(record.value(), LineReplay.class));
    } else {
      assertThat(Json.MAPPER.readValue(record.value(), CommandResult.class).accepted()).isTrue();
    }
  }

  private Map<Fate, Long> fates() {
    meter.settle();
    for (LineCount count : meter.read(Topics.LINE_ACCOUNTING, LineCount.class)) {
      counts.put(count.recordKey(), count);
    }
    Map<Fate, Long> fates = new HashMap<>();
    counts.values().forEach(count -> count.fates().forEach((f, n) -> fates.merge(f, n, Long::sum)));
    return fates;
  }

  private long settled() {
    fates();
    return counts.values().stream().mapToLong(LineCount::settled).sum();
  }

  private void pass(Duration duration) {
    for (long hour = 0; hour < duration.toHours(); hour++) {
      meter.pass(Duration.ofHours(1));
    }
  }

  /** Known to the store; then forgotten there, so that history must tell. */
  @ParameterizedTest
  @ValueSource(ints = {0, 3})
  void afterTheFixALineMovesFromQuarantinedToBilled(int daysLater) {
    String line = line(NOW.minusSeconds(5), 1);
    meter.ship(line);
    assertThat(fates()).isEqualTo(Map.of(Fate.QUARANTINED, 1L));
    pass(Duration.ofDays(daysLater));
    parser.fixed = true;
    replay(meter.identityOf(line));

    UsageEvent event = meter.events().get(0);
    assertThat(event.usage().arrival()).isEqualTo(NOW);
    assertThat(event.usage().shipment()).isEqualTo(Meter.SHIPMENT);
    assertThat(event.cost()).isPositive();
    assertThat(fates()).isEqualTo(Map.of(Fate.BILLED, 1L));
    assertThat(settled()).isEqualTo(1);
    assertThat(counts.values())
        .as("in the hour in which it first arrived")
        .allMatch(count -> count.hour().equals(NOW))
        .allMatch(count -> count.shipment().equals(Meter.SHIPMENT));
    assertThat(steps)
        .extracting(LineReplay::outcome)
        .containsExactly(Outcome.SENT, Outcome.RESOLVED);
    assertThat(steps.get(1).fate()).isEqualTo(Fate.BILLED);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3})
  void aSecondReplayAndTheSameFileAgainCountNothing(int daysLater) {
    String line = line(NOW.minusSeconds(5), 1);
    meter.ship(line);
    parser.fixed = true;
    replay(meter.identityOf(line));
    pass(Duration.ofDays(daysLater));
    replay(meter.identityOf(line));
    assertThat(fates()).isEqualTo(Map.of(Fate.BILLED, 1L));
    meter.ship(line);
    assertThat(fates()).isEqualTo(Map.of(Fate.BILLED, 1L, Fate.DUPLICATE, 1L));
    assertThat(meter.events()).hasSize(1);
    assertThat(steps)
        .extracting(LineReplay::outcome)
        .containsExactly(Outcome.SENT, Outcome.RESOLVED, Outcome.SENT, Outcome.REFUSED);
    assertThat(steps.get(3).problem()).contains("not quarantined any more");
  }

  /** Whichever of the two history judges first, the replay is answered. */
  @Test
  void aReplayThatMeetsACopyInTheLaneWaitsBehindIt() {
    String line = line(NOW.minusSeconds(5), 1);
    meter.ship(line);
    keepLetters();
    pass(Duration.ofDays(3));
    meter.setLane(false);
    meter.ship(line);
    parser.fixed = true;
    replay(meter.identityOf(line));
    assertThat(steps).extracting(LineReplay::outcome).containsExactly(Outcome.SENT);
    assertThat(meter.events()).isEmpty();

    meter.setLane(true);
    assertThat(meter.events()).hasSize(1);
    assertThat(fates()).isEqualTo(Map.of(Fate.BILLED, 1L, Fate.DUPLICATE, 1L));
    steps.addAll(meter.read(Topics.LINE_REPLAYS, LineReplay.class));
    assertThat(steps)
        .extracting(LineReplay::outcome)
        .containsExactly(Outcome.SENT, Outcome.RESOLVED);
  }

  @Test
  void aReplayThatHistoryDoesNotKnowAsQuarantinedIsRefused() {
    String line = line(NOW.minusSeconds(5), 1);
    meter.ship(line);
    keepLetters();
    use(new Meter(stateDirectory.resolve("without-history"), parser));
    parser.fixed = true;
    replay(meter.identityOf(line));
    steps.addAll(meter.read(Topics.LINE_REPLAYS, LineReplay.class));
    assertThat(steps)
        .extracting(LineReplay::outcome)
        .containsExactly(Outcome.SENT, Outcome.REFUSED);
    assertThat(steps.get(1).problem()).contains("ship its file again");
    assertThat(fates()).isEmpty();
    meter.ship(line);
    assertThat(meter.events()).as("which then is a new line").hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3})
  void aLineThatStillCannotBeReadStaysQuarantinedAndCanBeReplayedLater(int daysLater) {
    String line = line(NOW.minusSeconds(5), 1);
    meter.ship(line);
    pass(Duration.ofDays(daysLater));
    replay(meter.identityOf(line));
    assertThat(fates()).isEqualTo(Map.of(Fate.QUARANTINED, 1L));
    assertThat(steps.get(1).outcome()).isEqualTo(Outcome.UNCHANGED);
    assertThat(steps.get(1).reason()).isEqualTo(Reason.FOREIGN_LINE);
    meter.read(Topics.LINE_FATES, LineFate.class);
    parser.fixed = true;
    replay(meter.identityOf(line));
    assertThat(fates()).isEqualTo(Map.of(Fate.BILLED, 1L));
    assertThat(meter.read(Topics.LINE_FATES, LineFate.class)).isEmpty();
  }

  @Test
  void replaysThatWaitInTheLaneTogetherCountOnce() {
    String line = line(NOW.minusSeconds(5), 1);
    meter.ship(line);
    pass(Duration.ofDays(3));
    parser.fixed = true;
    meter.setLane(false);
    replay(meter.identityOf(line));
    replay(meter.identityOf(line));
    meter.ship(line);
    pass(Duration.ofDays(3));
    replay(meter.identityOf(line));
    meter.ship(line);
    meter.setLane(true);
    assertThat(meter.events()).hasSize(1);
    assertThat(fates()).isEqualTo(Map.of(Fate.BILLED, 1L, Fate.DUPLICATE, 2L));
  }

  @Test
  void whoMayOnlyWriteRawLinesCannotHaveALineJudgedAgain() {
    String line = line(NOW.minusSeconds(5), 1);
    byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
    byte[] frame = new RawLine(Meter.HOST, Meter.PATH, 0, bytes).toBytes();
    meter.ship(line);
    parser.fixed = true;
    RecordHeaders forged = new RecordHeaders();
    forged.add(RawLine.REPLAY_HEADER, new byte[40]);
    meter.pipe(new TestRecord<>(RawLine.checksum(bytes), frame, forged, NOW.toEpochMilli()));
    assertThat(fates()).isEqualTo(Map.of(Fate.QUARANTINED, 1L, Fate.DUPLICATE, 1L));
    assertThat(meter.events()).isEmpty();
  }

  /** Whoever may read and write raw records has stamps that are genuine. */
  @Test
  void aStampVouchesForAllThatIsSaidBesideIt() {
    String quarantined = line(NOW.minusSeconds(5), 1);
    meter.ship(quarantined);
    meter.ship("tampered 1");
    replay(meter.identityOf(quarantined), meter.identityOf("tampered 1"));
    assertThat(fates()).isEqualTo(Map.of(Fate.QUARANTINED, 1L, Fate.SUSPENSE, 1L));
    steps.clear();
    parser.fixed = true;
    assertThat(suspense(rawRecords.get(0))).isNull();
    assertThat(suspense(rawRecords.get(1))).matches("payer-uncertain/\\d+,\\d+,\\d+,\\d+,\\d+");

    pipeWith(rawRecords.get(0), "payer-uncertain");
    pipeWith(rawRecords.get(1), null);
    pipeWith(rawRecords.get(1), "payer-uncertain/1,0,0,0,0");
    assertThat(fates())
        .isEqualTo(Map.of(Fate.QUARANTINED, 1L, Fate.SUSPENSE, 1L, Fate.DUPLICATE, 3L));
    assertThat(meter.read(Topics.LINE_REPLAYS, LineReplay.class)).isEmpty();
    assertThat(meter.events()).isEmpty();
  }

  private static @Nullable String suspense(ProducerRecord<byte[], byte[]> record) {
    Header header = record.headers().lastHeader(RawLine.SUSPENSE_HEADER);
    return header == null ? null : new String(header.value(), StandardCharsets.US_ASCII);
  }

  private void pipeWith(ProducerRecord<byte[], byte[]> record, @Nullable String suspense) {
    Headers headers = new RecordHeaders(record.headers()).remove(RawLine.SUSPENSE_HEADER);
    if (suspense != null) {
      headers.add(RawLine.SUSPENSE_HEADER, suspense.getBytes(StandardCharsets.US_ASCII));
    }
    meter.pipe(new TestRecord<>(record.key(), record.value(), headers, record.timestamp()));
  }

  @Test
  void aLineFromTheFutureCanBeReplayedOnceItsTimeHasPassed() {
    String line =
        PlainParser.line(
            "sk-demo-00001",
            "qwen-max",
            new TokenCounts(10, 0, 0, 1, 0),
            NOW.plus(Duration.ofHours(2)),
            1);
    meter.ship(line);
    replay(meter.identityOf(line));
    assertThat(fates()).isEqualTo(Map.of(Fate.QUARANTINED, 1L));
    pass(Duration.ofHours(3));
    replay(meter.identityOf(line));
    assertThat(fates()).isEqualTo(Map.of(Fate.BILLED, 1L));
  }

  /** A correction of the template does not tell whether its beginning is there. */
  @Test
  void whatMayLackItsBeginningIsDoubtedWhenItIsSentAgain() {
    byte[] line = line(NOW.minusSeconds(5), 1).getBytes(StandardCharsets.UTF_8);
    meter.shipRecord(
        RawLine.checksum(line),
        new RawLine(Meter.HOST, Meter.PATH, 0, line).toBytes(),
        RawLine.UNCERTAIN_BEGINNING_HEADER);
    assertThat(fates()).isEqualTo(Map.of(Fate.QUARANTINED, 1L));
    parser.fixed = true;
    replay(meter.identityOf(line(NOW.minusSeconds(5), 1)));
    assertThat(fates()).isEqualTo(Map.of(Fate.SUSPENSE, 1L));
    assertThat(meter.events()).isEmpty();
  }

  @Test
  void whatCannotBeSentIsRefusedWithASentence() {
    byte[] cut = "the beginning".getBytes(StandardCharsets.UTF_8);
    meter.shipRecord(
        RawLine.checksum(cut),
        new RawLine(Meter.HOST, Meter.PATH, 0, cut).toBytes(),
        RawLine.TRUNCATED_HEADER);
    meter.shipRecord(null, "no frame".getBytes(StandardCharsets.UTF_8));
    keepLetters();
    String[] ids = letters.keySet().toArray(String[]::new);
    assertThat(ids).hasSize(2);
    Map<Fate, Long> before = fates();
    replay(ids);
    replay("0".repeat(32));
    assertThat(steps).hasSize(3).allMatch(step -> step.outcome() == Outcome.REFUSED);
    assertThat(steps)
        .extracting(LineReplay::problem)
        .containsExactlyInAnyOrder(
            "Only a part of the line was kept: it was too long, or a piece of it was lost.",
            "The record was no framed line; correct the shipper and ship the file again.",
            "The dead letter is no longer kept; ship its file again.");
    assertThat(fates()).isEqualTo(before);
  }

  /** The desk has it, or has no room for it: only the desk can tell. Nothing is counted. */
  @Test
  void whatIsInSuspenseIsAnsweredByTheDesk() {
    String line = "tampered 1";
    meter.ship(line);
    assertThat(fates()).isEqualTo(Map.of(Fate.SUSPENSE, 1L));
    for (int hours : new int[] {0, 24 * 3}) {
      pass(Duration.ofHours(hours));
      steps.clear();
      replay(meter.identityOf(line));
      assertThat(steps)
          .extracting(LineReplay::outcome)
          .containsExactly(Outcome.SENT, Outcome.REFUSED);
      assertThat(steps.get(1).problem()).contains("still payer-uncertain", "GET /v1/suspense");
      assertThat(fates()).isEqualTo(Map.of(Fate.SUSPENSE, 1L));
      assertThat(meter.events()).isEmpty();
    }
  }

  /** It names no payer until the parser is fixed. */
  private static String held(String key, Instant completion, int number) {
    return "held "
        + PlainParser.line(key, "qwen-max", new TokenCounts(10, 0, 0, 1, 0), completion, number);
  }

  private Map<Fate, Long> present() {
    Map<Fate, Long> fates = fates();
    fates.values().removeIf(lines -> lines == 0);
    return fates;
  }

  private boolean resolve(String command, String line, @Nullable String account) {
    String key = account == null ? null : account.equals("acme") ? "acme-prod" : "globex-main";
    meter.order(command, "checked", Catalog.EMPTY, new Order.Resolve(line, account, key));
    boolean accepted = meter.result().accepted();
    meter.settle();
    return accepted;
  }

  private List<Outcome> outcomes() {
    meter.settle();
    steps.addAll(meter.read(Topics.LINE_REPLAYS, LineReplay.class));
    return steps.stream().map(LineReplay::outcome).toList();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3})
  void whatWasHeldIsBilledOnceTheConfigurationNamesItsPayer(int daysLater) {
    String line = held("sk-demo-00001", NOW.minusSeconds(5), 1);
    meter.ship(line);
    assertThat(present()).isEqualTo(Map.of(Fate.SUSPENSE, 1L));
    pass(Duration.ofDays(daysLater));
    parser.fixed = true;
    replay(meter.identityOf(line));

    assertThat(outcomes()).containsExactly(Outcome.SENT, Outcome.RESOLVED);
    assertThat(steps.get(1).fate()).isEqualTo(Fate.BILLED);
    assertThat(steps.get(1).reason()).isNull();
    List<UsageEvent> events = new ArrayList<>(meter.events());
    assertThat(events).hasSize(1);
    assertThat(events.get(0).account()).isEqualTo("acme");
    assertThat(events.get(0).usage().key()).isEqualTo("acme-prod");
    assertThat(events.get(0).usage().arrival()).isEqualTo(NOW);
    assertThat(events.get(0).usage().flags()).contains(Usage.ASSIGNED);
    assertThat(events.get(0).cost()).isPositive();
    assertThat(present()).isEqualTo(Map.of(Fate.BILLED, 1L));
    assertThat(settled()).isEqualTo(1);
    assertThat(counts.values())
        .as("in the hour in which it first arrived")
        .allMatch(count -> count.hour().equals(NOW))
        .allMatch(count -> count.shipment().equals(Meter.SHIPMENT));
    List<SuspenseItem> items = meter.read(Topics.SUSPENSE_ITEMS, SuspenseItem.class);
    SuspenseItem.Decision decision = items.get(items.size() - 1).decision();
    assertThat(decision.account()).isEqualTo("acme");
    assertThat(decision.author()).isEqualTo(SuspenseItem.Decision.REPLAY);
  }

  @Test
  void whatWasHeldIsBilledOnceWhateverIsRepeated() {
    String line = held("sk-demo-00001", NOW.minusSeconds(5), 1);
    String id = meter.identityOf(line);
    meter.ship(line);
    parser.fixed = true;
    replay(id);
    replay(id);
    rawRecords.forEach(
        sent ->
            meter.pipe(
                new TestRecord<>(sent.key(), sent.value(), sent.headers(), sent.timestamp())));
    meter.ship(line);
    assertThat(resolve("later", id, "globex")).isFalse();
    assertThat(resolve("written-off", id, null)).isFalse();
    assertThat(meter.events()).hasSize(1);
    assertThat(present()).isEqualTo(Map.of(Fate.BILLED, 1L, Fate.DUPLICATE, 1L));
    assertThat(outcomes())
        .containsOnlyOnce(Outcome.RESOLVED)
        .filteredOn(Outcome.REFUSED::equals)
        .hasSize(3);
    assertThat(steps.get(steps.size() - 1).problem())
        .contains("is decided", "assigned to account acme", "by replay");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatSomebodyHasDecidedAReplayDoesNotDecideAgain(boolean assigned) {
    String line = held("sk-demo-00001", NOW.minusSeconds(5), 1);
    String id = meter.identityOf(line);
    meter.ship(line);
    meter.settle();
    assertThat(resolve("first", id, assigned ? "globex" : null)).isTrue();
    Map<Fate, Long> before = present();
    assertThat(meter.events()).hasSize(assigned ? 1 : 0);
    parser.fixed = true;
    replay(id);
    assertThat(outcomes()).containsExactly(Outcome.SENT, Outcome.REFUSED);
    assertThat(steps.get(1).problem())
        .contains(assigned ? "assigned to account globex" : "written off", "by ann");
    assertThat(meter.events()).isEmpty();
    assertThat(present()).isEqualTo(before);
  }

  /** A field that the template did not have when the line was written may be its client's alone. */
  @Test
  void whatDoesNotMatchItsTemplateStaysWithThePerson() {
    String line = held("sk-demo-00001", NOW.minusSeconds(5), 1) + "?";
    meter.ship(line);
    parser.fixed = true;
    replay(meter.identityOf(line));
    assertThat(outcomes()).containsExactly(Outcome.SENT, Outcome.REFUSED);
    assertThat(steps.get(1).problem()).contains("does not match the template");
    assertThat(meter.events()).isEmpty();
    assertThat(present()).isEqualTo(Map.of(Fate.SUSPENSE, 1L));
  }

  /** The believed one is no more certain than the others. */
  private void assertThatEachKeyOfTheLineIsACandidate() {
    List<SuspenseItem> items = meter.read(Topics.SUSPENSE_ITEMS, SuspenseItem.class);
    SuspenseItem item = items.get(items.size() - 1);
    assertThat(item.suspended().reason()).isEqualTo(Reason.PAYER_UNCERTAIN);
    assertThat(item.suspended().evidence().candidates())
        .extracting(candidate -> candidate.account() + " " + candidate.lastFour())
        .containsExactly("acme 0001", "null 0002");
    assertThat(meter.read(Topics.LINE_FATES, LineFate.class))
        .filteredOn(fate -> fate.fate() == Fate.SUSPENSE)
        .isNotEmpty()
        .allMatch(fate -> fate.keyFingerprint() == null);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3})
  void whatWasQuarantinedAndDoesNotMatchItsTemplateIsForAPersonToDecide(int daysLater) {
    String line = line(NOW.minusSeconds(5), 1) + "?";
    meter.ship(line);
    pass(Duration.ofDays(daysLater));
    parser.fixed = true;
    replay(meter.identityOf(line));
    assertThat(outcomes()).containsExactly(Outcome.SENT, Outcome.RESOLVED);
    assertThat(steps.get(1).fate()).isEqualTo(Fate.SUSPENSE);
    assertThat(meter.events()).isEmpty();
    assertThat(present()).isEqualTo(Map.of(Fate.SUSPENSE, 1L));
    assertThatEachKeyOfTheLineIsACandidate();
    assertThat(resolve("checked", meter.identityOf(line), "acme")).isTrue();
    assertThat(meter.events()).hasSize(1);
    assertThat(present()).isEqualTo(Map.of(Fate.BILLED, 1L));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3})
  void whatDoesNotMatchItsTemplateIsNotFreeByWhatItSaysItself(int daysLater) {
    String line = "free 1";
    meter.ship(line);
    pass(Duration.ofDays(daysLater));
    parser.fixed = true;
    replay(meter.identityOf(line));
    assertThat(outcomes()).containsExactly(Outcome.SENT, Outcome.UNCHANGED);
    assertThat(present()).isEqualTo(Map.of(Fate.QUARANTINED, 1L));
  }

  /** A replay is no more lenient than the first judgement would be. */
  @Test
  void whatWasHeldStaysWhereTheConfigurationStillDoesNotTellWhoPays() {
    Instant old = NOW.minus(Meter.RETENTION).plus(Duration.ofDays(1));
    List<String> lines =
        List.of(
            held("sk-demo-00001", old, 1),
            held("sk-of-nobody-1", NOW.minusSeconds(5), 2),
            "tampered 1");
    lines.forEach(meter::ship);
    parser.fixed = true;
    replay(lines.stream().map(meter::identityOf).toArray(String[]::new));
    assertThat(outcomes()).filteredOn(Outcome.REFUSED::equals).hasSize(3);
    assertThat(steps)
        .extracting(LineReplay::problem)
        .filteredOn(problem -> !problem.isEmpty())
        .satisfiesExactlyInAnyOrder(
            problem -> assertThat(problem).contains("whether it was billed before"),
            problem -> assertThat(problem).contains("its key is nobody's"),
            problem -> assertThat(problem).contains("still payer-uncertain"));
    assertThat(meter.events()).isEmpty();
    assertThat(present()).isEqualTo(Map.of(Fate.SUSPENSE, 3L));
  }

  /** Whether history can tell is a question of its own, which no configuration answers. */
  @Test
  void whatHistoryCouldNotVouchForStaysWithThePerson() {
    String line = held("sk-demo-00001", NOW.minus(Duration.ofDays(30)), 1);
    meter.history.setIncomplete(true);
    meter.ship(line);
    keepLetters();
    meter.history.setIncomplete(false);
    assertThat(meter.read(Topics.SUSPENSE_ITEMS, SuspenseItem.class)).isEmpty();
    meter.settle();
    assertThat(meter.read(Topics.SUSPENSE_ITEMS, SuspenseItem.class))
        .singleElement()
        .matches(item -> item.suspended().reason() == Reason.TOO_OLD);
    parser.fixed = true;
    replay(meter.identityOf(line));
    assertThat(outcomes()).containsExactly(Outcome.SENT, Outcome.REFUSED);
    assertThat(steps.get(1).problem()).contains("whether it was billed before");
    assertThat(meter.events()).isEmpty();
    assertThat(present()).isEqualTo(Map.of(Fate.SUSPENSE, 1L));
  }

  @Test
  void anOrderIsPassedOnWithItsAuthor() {
    meter.order("r", "why", Catalog.EMPTY, new Order.Replay(List.of("0".repeat(32))));
    assertThat(meter.read(Topics.REPLAY_ORDERS, Instruction.class))
        .singleElement()
        .matches(order -> order.commandId().equals("r") && order.reason().equals("why"));
    assertThat(meter.read(Topics.COMMAND_RESULTS, CommandResult.class))
        .extracting(CommandResult::id)
        .doesNotContain("r");
  }
}
