package dev.taximeter.streams.topology;

import static dev.taximeter.streams.topology.Meter.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.event.DeadLetter;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.LineCount;
import dev.taximeter.contract.event.LineFate;
import dev.taximeter.contract.event.RawLine;
import dev.taximeter.contract.event.Reason;
import dev.taximeter.contract.event.SuspendedUsage;
import dev.taximeter.contract.event.SuspenseItem;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.event.UsageEvent;
import dev.taximeter.contract.topic.Topics;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.utils.Bytes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each line counts once, however old it is and whenever its copies come. */
class LateLinesTest {
  private static final Duration DAY = Duration.ofDays(1);
  private static final Instant A_MONTH_AGO = NOW.minus(Duration.ofDays(30));

  private final Map<String, LineCount> counts = new HashMap<>();

  @TempDir private Path stateDirectory;
  private Meter meter;

  @BeforeEach
  void start() {
    use(new Meter(stateDirectory));
  }

  private void use(Meter fresh) {
    if (meter != null) {
      meter.close();
    }
    meter = fresh;
    meter.command("load", Meter.catalogue());
  }

  @AfterEach
  void stop() {
    meter.close();
  }

  private static String line(Instant completion, int number) {
    return PlainParser.line(
        "sk-demo-00001", "qwen-max", new TokenCounts(10, 0, 0, 1, 0), completion, number);
  }

  /** A tampered line: when it completed is taken from its arrival. */
  private static String uncertain(int number) {
    return line(NOW, number) + "?";
  }

  private void shipFile(Instant completion, int lines) {
    for (int number = 0; number < lines; number++) {
      meter.ship(line(completion.plusSeconds(number), number));
    }
    meter.ship("foreign line of a container");
  }

  /** Lets time pass in steps in which the sweeps of the store keep up. */
  private void pass(Duration duration) {
    long hours = duration.toHours();
    for (int hour = 0; hour < hours; hour++) {
      meter.pass(Duration.ofHours(1));
    }
  }

  /** What the counters say at last. */
  private Map<Fate, Long> fates() {
    meter.settle();
    for (LineCount count : meter.read(Topics.LINE_ACCOUNTING, LineCount.class)) {
      counts.put(count.recordKey(), count);
    }
    Map<Fate, Long> fates = new EnumMap<>(Fate.class);
    counts.values().forEach(count -> count.fates().forEach((f, n) -> fates.merge(f, n, Long::sum)));
    return fates;
  }

  private void assertBilledOnce(int lines, long duplicates) {
    List<UsageEvent> events = meter.events();
    assertThat(events).extracting(event -> event.usage().id()).doesNotHaveDuplicates();
    assertThat(events).hasSize(lines);
    assertThat(fates().getOrDefault(Fate.BILLED, 0L)).isEqualTo(lines);
    assertThat(fates().getOrDefault(Fate.DUPLICATE, 0L)).isEqualTo(duplicates);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 40})
  void aMonthOldFileThatIsShippedTwiceBillsOnce(int daysApart) {
    shipFile(A_MONTH_AGO, 5);
    pass(DAY.multipliedBy(daysApart));
    shipFile(A_MONTH_AGO, 5);

    assertBilledOnce(5, 6);
    assertThat(fates()).containsEntry(Fate.QUARANTINED, 1L);
    if (daysApart >= 3) {
      assertThat(meter.history.lookUps()).isPositive();
    }
  }

  @Test
  void theStoreForgetsAndHistoryRemembers() {
    meter.ship(line(A_MONTH_AGO, 1));
    assertThat(storedIdentities()).isEqualTo(1);
    pass(Duration.ofHours(35));
    assertThat(storedIdentities()).isEqualTo(1);
    pass(Duration.ofHours(2));
    assertThat(storedIdentities()).isZero();
    meter.ship(line(A_MONTH_AGO, 1));
    assertBilledOnce(1, 1);
  }

  private long storedIdentities() {
    try (var entries = meter.driver.<Bytes, byte[]>getKeyValueStore("arrivals").all()) {
      long count = 0;
      while (entries.hasNext()) {
        count += entries.next().key.get().length == 16 ? 1 : 0;
      }
      return count;
    }
  }

  @Test
  void oldCopiesThatArriveTogetherBillOnce() {
    meter.setLane(false);
    meter.ship(line(A_MONTH_AGO, 1));
    meter.ship(line(A_MONTH_AGO, 1));
    assertThat(meter.lateLines()).isEqualTo(1);
    meter.setLane(true);
    assertBilledOnce(1, 1);
  }

  /** The second copy is unknown to the store and to history: both are still on their way. */
  @Test
  void oldCopiesThatWaitInTheLaneTogetherBillOnce() {
    meter.setLane(false);
    meter.ship(line(A_MONTH_AGO, 1));
    pass(DAY.multipliedBy(3));
    meter.ship(line(A_MONTH_AGO, 1));
    assertThat(meter.lateLines()).isEqualTo(2);
    meter.setLane(true);
    assertBilledOnce(1, 1);
  }

  @Test
  void linesOfTheDayNeedNoHistory() {
    meter.setLane(false);
    meter.history.setAway(true);
    meter.ship(line(NOW.minusSeconds(5), 1));
    meter.ship(line(NOW.minus(Duration.ofHours(23)), 2));
    meter.ship(line(NOW.minusSeconds(5), 1));
    assertThat(meter.lateLines()).isZero();
    assertBilledOnce(2, 1);
    meter.ship(line(NOW.minus(Duration.ofHours(25)), 3));
    assertThat(meter.lateLines()).isEqualTo(1);
  }

  @Test
  void whileHistoryIsAwayLateLinesWaitAndOthersDoNot() {
    meter.history.setAway(true);
    meter.ship(line(A_MONTH_AGO, 1));
    meter.ship(line(NOW, 2));
    assertThat(meter.lateLines()).isEqualTo(1);
    assertThat(fates()).isEqualTo(Map.of(Fate.BILLED, 1L));
    meter.history.setAway(false);
    meter.runLane();
    assertBilledOnce(2, 0);
  }

  @Test
  void lateLinesWaitOnlyIfLandingLagsFarBehind() {
    shipFile(A_MONTH_AGO, 1);
    assertBilledOnce(1, 0);
    meter.history.setLanding(false);
    meter.ship(line(NOW, 100));
    pass(Duration.ofHours(10));
    meter.ship(line(A_MONTH_AGO, 101));
    assertThat(meter.lateLines()).isZero();
    pass(DAY);
    meter.ship(line(A_MONTH_AGO, 102));
    assertThat(meter.lateLines()).isEqualTo(1);
    meter.history.setLanding(true);
    meter.runLane();
    assertThat(meter.lateLines()).isZero();
    assertThat(fates()).containsEntry(Fate.BILLED, 4L);
  }

  @Test
  void aFirstBackfillLooksNothingUp() {
    shipFile(A_MONTH_AGO, 50);
    pass(Duration.ofHours(20));
    shipFile(A_MONTH_AGO.minus(DAY), 50);
    assertThat(fates()).containsEntry(Fate.BILLED, 100L);
    assertThat(meter.history.lookUps()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3})
  void aTamperedLineBillsOnceWhateverTimeItClaims(int daysApart) {
    meter.ship(uncertain(1));
    pass(DAY.multipliedBy(daysApart));
    meter.ship(uncertain(1));
    assertBilledOnce(1, 1);
  }

  /** Metering stood still for three days; one copy was processed before, one came meanwhile. */
  @Test
  void aBacklogThatIsProcessedLateBillsOnce() {
    String early = line(NOW.minusSeconds(10), 1);
    meter.ship(early);
    Instant stopped = NOW.plusSeconds(60);
    pass(DAY.multipliedBy(3));
    for (String line : List.of(early, line(stopped, 2), line(stopped, 3), line(stopped, 3))) {
      byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
      meter.shipRecord(
          RawLine.checksum(bytes),
          new RawLine(Meter.HOST, Meter.PATH, 0, bytes).toBytes(),
          stopped.plusSeconds(1));
    }
    assertThat(fates()).isEqualTo(Map.of(Fate.BILLED, 3L, Fate.DUPLICATE, 2L));
    pass(DAY);
    meter.ship(line(stopped, 3));
    assertBilledOnce(3, 3);
  }

  private void ship(String text, Instant stamp) {
    byte[] line = text.getBytes(StandardCharsets.UTF_8);
    byte[] frame = new RawLine(Meter.HOST, Meter.PATH, 0, line).toBytes();
    meter.shipRecord(RawLine.checksum(line), frame, stamp);
  }

  /** Its clock makes no future believable: it stands beside the gateway and shares its clock. */
  @Test
  void aShippersClockIsBelievedForAnHourButNotAboutTheFuture() {
    Instant future = NOW.plus(Duration.ofHours(3));
    ship(line(future, 1), future);
    assertThat(meter.read(Topics.LINE_FATES, LineFate.class))
        .singleElement()
        .matches(fate -> fate.reason() == Reason.ABSURD_FUTURE)
        .matches(fate -> fate.arrival().equals(NOW.plus(RawLine.MOST_AHEAD)));
  }

  @Test
  void aLineCountsInTheHourInWhichItsShipperCountsIt() {
    Instant stamp = NOW.plus(Duration.ofMinutes(59));
    ship(line(NOW.minusSeconds(1), 1), stamp);
    assertThat(meter.events())
        .singleElement()
        .matches(event -> event.usage().arrival().equals(stamp));
    meter.settle();
    assertThat(meter.read(Topics.LINE_ACCOUNTING, LineCount.class))
        .isNotEmpty()
        .allMatch(count -> count.hour().equals(stamp.truncatedTo(ChronoUnit.HOURS)));
  }

  /** History knows it by its shipper's clock, and intake has forgotten it by its own. */
  @Test
  void aLineFromAClockThatIsAheadBillsOnce() {
    String line = line(NOW.minusSeconds(1), 1);
    ship(line, NOW.plus(Duration.ofMinutes(59)));
    pass(Duration.ofHours(36).plusMinutes(30));
    ship(line, meter.now());
    assertBilledOnce(1, 1);
  }

  @Test
  void aVerdictThatTookTooLongIsAskedForAgain() {
    String old = line(A_MONTH_AGO, 1);
    meter.setVerdictsHeld(true);
    meter.ship(old);
    pass(DAY.multipliedBy(3));
    assertThat(fates()).isEmpty();
    meter.history.write(meter.identityOf(old), false, meter.now().minus(Duration.ofHours(60)));
    meter.setVerdictsHeld(false);
    assertThat(fates()).isEqualTo(Map.of(Fate.DUPLICATE, 1L));
    assertThat(meter.events()).isEmpty();
  }

  @Test
  void whatIsOlderThanHistoryGoesToSuspense() {
    use(new Meter(stateDirectory.resolve("old"), new PlainParser(), DAY.multipliedBy(500)));
    meter.ship(line(NOW.minus(DAY.multipliedBy(401)), 1));
    meter.ship(line(NOW.minus(DAY.multipliedBy(399)), 2));
    assertThat(fates()).isEqualTo(Map.of(Fate.BILLED, 1L, Fate.SUSPENSE, 1L));
    assertThat(meter.read(Topics.LINE_FATES, LineFate.class))
        .singleElement()
        .matches(fate -> fate.reason() == Reason.TOO_OLD && fate.keyFingerprint() != null);
    DeadLetter letter = meter.read(Topics.ACCESS_LOG_DEAD_LETTERS, DeadLetter.class).get(0);
    assertThat(letter.fate().reason()).isEqualTo(Reason.TOO_OLD);
    assertThat(letter.sealedFrame()).isNotEmpty();
    meter.ship(line(NOW.minus(DAY.multipliedBy(401)), 1));
    assertThat(fates()).containsEntry(Fate.DUPLICATE, 1L);
  }

  /** As after a ClickHouse that was replaced by an empty one. */
  @Test
  void whatAnIncompleteHistoryDoesNotKnowIsDecidedByAPerson() {
    meter.history.setIncomplete(true);
    meter.ship(line(A_MONTH_AGO, 1));
    assertThat(fates()).isEqualTo(Map.of(Fate.SUSPENSE, 1L));
    assertThat(meter.read(Topics.SUSPENSE_ITEMS, SuspenseItem.class))
        .singleElement()
        .satisfies(
            item -> {
              assertThat(item.suspended().reason()).isEqualTo(Reason.TOO_OLD);
              assertThat(item.suspended().usage().tokens().totalTokens()).isPositive();
              assertThat(item.suspended().evidence().candidates())
                  .extracting(SuspendedUsage.Candidate::account)
                  .hasSize(1)
                  .doesNotContainNull();
            });
    meter.ship(line(NOW, 2));
    assertThat(fates()).isEqualTo(Map.of(Fate.SUSPENSE, 1L, Fate.BILLED, 1L));
  }

  @Test
  void aYoungInstallationHasForgottenNothing() {
    meter.ship(line(NOW.minus(DAY.multipliedBy(401)), 1));
    assertThat(fates()).isEqualTo(Map.of(Fate.BILLED, 1L));
  }

  @Test
  void noContentWaitsInTheLateLane() {
    meter.setLane(false);
    meter.ship(line(A_MONTH_AGO, 1));
    meter.ship("foreign sk-foreign-00008");
    assertThat(meter.readRaw(Topics.LATE_LINES))
        .hasSize(2)
        .allSatisfy(
            record ->
                assertThat(new String(record.value(), StandardCharsets.UTF_8))
                    .doesNotContain("sk-demo-00001")
                    .doesNotContain("sk-foreign"));
  }
}
