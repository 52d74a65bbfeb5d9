package dev.taximeter.standalone.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.standalone.backfill.BackfillReport;
import dev.taximeter.standalone.endtoend.Tariff.Customer;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * However lines arrive, bills are the same. Each way gets its own copy of one corpus (both
 * encodings, tampered, broken and repeated lines, unknown keys) with accounts of its own; {@code
 * -Dtaximeter.suite.lines=20000} makes it bigger.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ConservationIT {
  private static final int LINES = Integer.getInteger("taximeter.suite.lines", 2_000);
  private static final int DUPLICATE_PERCENT = 5;
  private static final int BROKEN_PERCENT = 2;
  private static final long SEED = 7;
  private static final List<String> WAYS =
      List.of("once", "thrice", "shuffled", "rotated", "truncated", "copytruncated", "twofold");

  private final Instant to =
      Instant.now().minus(Duration.ofHours(1)).truncatedTo(ChronoUnit.SECONDS);
  private final Instant from = to.minus(Duration.ofDays(45));
  private final Tariff base =
      Tariff.usual(to.minus(Duration.ofDays(20)).truncatedTo(ChronoUnit.HOURS));
  private final Map<String, Copy> copies = new LinkedHashMap<>();

  @TempDir private static Path directory;
  private RunningInstallation installation;
  private long read;

  /** One copy of the corpus. */
  private record Copy(Tariff tariff, Oracle oracle, Path file, Path log, Map<String, Long> fates) {
    byte[] bytes() throws Exception {
      return Files.readAllBytes(file);
    }
  }

  @BeforeAll
  void start() throws Exception {
    for (String way : WAYS) {
      Tariff tariff = base.copy(way);
      Oracle oracle = new Oracle(tariff);
      Path file = directory.resolve(way + ".log");
      LoadGenerator load =
          new LoadGenerator(tariff, oracle, SEED, 1 + copies.size(), true, from, to);
      load.write(file, LINES, DUPLICATE_PERCENT, BROKEN_PERCENT);
      Path log = directory.resolve("followed-" + way + ".log");
      copies.put(way, new Copy(tariff, oracle, file, log, load.fates()));
    }
    Tariff all = Tariff.together(copies.values().stream().map(Copy::tariff).toList());
    List<Path> logs = List.of(copies.get("rotated").log(), copies.get("copytruncated").log());
    installation = RunningInstallation.start(directory, all.yaml(), logs, "conservation");
  }

  @AfterAll
  void stop() throws Exception {
    if (installation != null) {
      installation.close();
    }
  }

  @Test
  @Order(1)
  void once() throws Exception {
    Copy copy = copies.get("once");
    assertFates(ship(copy.file()), copy.fates());
    assertSameBills("once");
  }

  @Test
  @Order(2)
  void thrice() throws Exception {
    Copy copy = copies.get("thrice");
    assertFates(ship(copy.file()), copy.fates());
    for (int again = 0; again < 2; again++) {
      assertFates(ship(copy.file()), Map.of("duplicate", (long) LINES));
    }
    assertSameBills("thrice");
  }

  @Test
  @Order(3)
  void shuffled() throws Exception {
    Copy copy = copies.get("shuffled");
    List<String> lines = new ArrayList<>(Files.readAllLines(copy.file()));
    Collections.shuffle(lines, new Random(SEED));
    Files.write(copy.file(), lines);

    assertFates(ship(copy.file()), copy.fates());
    assertSameBills("shuffled");
  }

  /** The gateway finishes a line in the file that was renamed under it. */
  @Test
  @Order(4)
  void rotatedInTheMiddleOfALineWhileItIsFollowed() throws Exception {
    Copy copy = copies.get("rotated");
    byte[] bytes = copy.bytes();
    Path log = copy.log();
    Path older = log.resolveSibling(log.getFileName() + ".1");
    int half = middleOfALine(bytes, bytes.length / 2);
    int end = endOfLine(bytes, half);
    try (OutputStream gateway = append(log)) {
      gateway.write(bytes, 0, half);
      gateway.flush();
      Thread.sleep(500);
      Files.move(log, older);
      append(log).close();
      Thread.sleep(500);
      gateway.write(bytes, half, end - half);
    }
    try (OutputStream gateway = append(log)) {
      gateway.write(bytes, end, bytes.length - end);
    }
    read += LINES;
    awaitBilled(copy);
    assertSameBills("rotated");
  }

  /** A file that was cut in the middle of a line is shipped, and later the whole of it. */
  @Test
  @Order(5)
  void truncated() throws Exception {
    Copy copy = copies.get("truncated");
    byte[] bytes = copy.bytes();
    int cut = middleOfALine(bytes, bytes.length * 3 / 5);
    Path part = directory.resolve("cut.log");
    Files.write(part, Arrays.copyOf(bytes, cut));

    BackfillReport first = ship(part);
    assertThat(first.residual()).isZero();
    BackfillReport second = ship(copy.file());
    assertThat(second.residual()).isZero();
    assertThat(first.billed() + second.billed()).isEqualTo(copy.fates().get("billed"));
    assertThat(first.quarantined() + second.quarantined())
        .as("the piece of a line is one more")
        .isEqualTo(copy.fates().get("quarantined") + 1);
    assertSameBills("truncated");
  }

  /** The file is emptied in place once it has been read, as copytruncate does it. */
  @Test
  @Order(6)
  void emptiedInPlaceWhileItIsFollowed() throws Exception {
    Copy copy = copies.get("copytruncated");
    byte[] bytes = copy.bytes();
    int half = endOfLine(bytes, bytes.length / 2);
    Files.write(copy.log(), Arrays.copyOf(bytes, half));
    long lines = lines(Arrays.copyOf(bytes, half));
    installation.awaitConservation(read + lines);

    Files.write(
        copy.log(),
        Arrays.copyOfRange(bytes, half, bytes.length),
        StandardOpenOption.TRUNCATE_EXISTING);
    read += LINES;
    awaitBilled(copy);
    assertSameBills("copytruncated");
  }

  @Test
  @Order(7)
  void shippedByTwoAtOnce() throws Exception {
    Copy copy = copies.get("twofold");
    ExecutorService shippers = Executors.newFixedThreadPool(2);
    try {
      Future<BackfillReport> one = shippers.submit(() -> installation.ship(copy.file()));
      Future<BackfillReport> other = shippers.submit(() -> installation.ship(copy.file()));
      Map<String, Long> sum = new TreeMap<>(fates(one.get()));
      fates(other.get()).forEach((fate, count) -> sum.merge(fate, count, Long::sum));
      Map<String, Long> expected = new TreeMap<>(copy.fates());
      expected.merge("duplicate", (long) LINES, Long::sum);
      assertThat(sum).isEqualTo(expected);
    } finally {
      shippers.shutdownNow();
    }
    read += 2L * LINES;
    assertSameBills("twofold");
  }

  @Test
  @Order(8)
  void noLineIsMissing() throws Exception {
    installation.awaitConservation(read);
  }

  private BackfillReport ship(Path file) throws Exception {
    BackfillReport report = installation.ship(file);
    read += report.read();
    return report;
  }

  private static OutputStream append(Path log) throws Exception {
    return Files.newOutputStream(log, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private void awaitBilled(Copy copy) throws Exception {
    Answers answers = answers(copy);
    for (Customer customer : copy.tariff().customers()) {
      RunningInstallation.eventually(
          () ->
              assertThat(answers.sequence(customer))
                  .as("events of %s", customer.id())
                  .isEqualTo(copy.oracle().requests(customer)));
    }
    installation.awaitConservation(read);
  }

  private Answers answers(Copy copy) {
    return new Answers(installation.api(), copy.tariff(), from, to);
  }

  /** As the oracle says, and text for text as in the copy that was shipped once. */
  private void assertSameBills(String way) throws Exception {
    Copy copy = copies.get(way);
    RunningInstallation.eventually(() -> answers(copy).assertMatch(copy.oracle()));
    assertThat(documents(way)).isEqualTo(documents("once")).isNotEmpty();
  }

  /** Balances and bills by account and month, without what names the copy or the moment. */
  private Map<String, String> documents(String way) throws Exception {
    Copy copy = copies.get(way);
    Map<String, String> documents = new TreeMap<>();
    for (Customer customer : copy.tariff().customers()) {
      String plain = customer.id().substring(0, customer.id().length() - way.length() - 1);
      String account = "/v1/accounts/" + customer.id();
      documents.put(plain, canonical(installation.api().get(account + "/balance"), way));
      for (YearMonth month : copy.oracle().months(customer)) {
        JsonNode bill = installation.api().get(account + "/bills/" + month);
        documents.put(plain + " " + month, canonical(bill, way));
      }
    }
    return documents;
  }

  /** Plans and credits are named after the copy, and so are the versions of prices. */
  private static String canonical(JsonNode document, String way) {
    ObjectNode copy = (ObjectNode) document.deepCopy();
    assertThat(copy.path("account").isMissingNode()).isFalse();
    copy.remove(List.of("account", "asOf"));
    return copy.toString().replace("-" + way + ":", ":").replace("-" + way + "\"", "\"");
  }

  private static void assertFates(BackfillReport report, Map<String, Long> expected) {
    assertThat(fates(report)).isEqualTo(new TreeMap<>(expected));
    assertThat(report.residual()).as("residual").isZero();
  }

  /** Only the fates that occur. */
  private static Map<String, Long> fates(BackfillReport report) {
    Map<String, Long> fates = new TreeMap<>();
    fates.put("billed", report.billed());
    fates.put("unbillable", report.unbillable());
    fates.put("duplicate", report.duplicate());
    fates.put("unattributed", report.unattributed());
    fates.put("suspense", report.suspense());
    fates.put("quarantined", report.quarantined());
    fates.values().removeIf(count -> count == 0);
    return fates;
  }

  private static int middleOfALine(byte[] bytes, int near) {
    // Far enough behind the beginning of a line to be within its first field.
    int middle = endOfLine(bytes, near) + 30;
    assertThat(endOfLine(bytes, middle)).isGreaterThan(middle);
    return middle;
  }

  private static int endOfLine(byte[] bytes, int from) {
    int at = from;
    while (bytes[at] != '\n') {
      at++;
    }
    return at + 1;
  }

  private static long lines(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8).lines().count();
  }
}
