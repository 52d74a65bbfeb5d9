package dev.taximeter.ship;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import dev.taximeter.contract.event.LineCount;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.RawLine;
import dev.taximeter.contract.event.SourceInput;
import dev.taximeter.contract.gateway.LineFormat;
import dev.taximeter.contract.json.Json;
import dev.taximeter.contract.topic.Topics;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.header.Header;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class BackfillTest {
  @TempDir Path directory;
  private UnreliableKafka kafka = new UnreliableKafka(1, 0);
  private LineFormat format = LineFormat.PLAIN;
  private byte[] standardInput = new byte[0];
  private final List<String> progress = new ArrayList<>();

  @Test
  void shipsFilesOfEveryKind() throws Exception {
    Path plain = file("plain.log", bytes("p1\r\n\np2\nrest"));
    Path gzip = file("old.log.gz", gzip("g1\ng2\n"));
    Path zstd = file("old.log.zst", Zstd.compress(bytes("z1\nz2")));
    Path hidden = file("no-suffix", gzip("h1\n"));
    Path empty = file("empty.log", new byte[0]);
    standardInput = bytes("s1\n");

    ShipmentResult result = ship(plain, gzip, zstd, hidden, empty, Path.of("-"));

    assertThat(kafka.lines())
        .extracting(l -> l.path() + "@" + l.offset() + ":" + text(l))
        .containsExactly(
            plain + "@0:p1",
            plain + "@5:p2",
            plain + "@8:rest",
            gzip + "@0:g1",
            gzip + "@3:g2",
            zstd + "@0:z1",
            zstd + "@3:z2",
            hidden + "@0:h1",
            "stdin@0:s1");
    assertThat(result.lines()).isEqualTo(9);
    assertThat(result.bytes()).isEqualTo(12 + 6 + 5 + 3 + 3);
    assertThat(result.linesBySource())
        .isEqualTo(
            Map.of(
                new LineSource("gw-1", plain.toString()), 3L,
                new LineSource("gw-1", gzip.toString()), 2L,
                new LineSource("gw-1", zstd.toString()), 2L,
                new LineSource("gw-1", hidden.toString()), 1L,
                new LineSource("gw-1", empty.toString()), 0L,
                new LineSource("gw-1", "stdin"), 1L));
    assertThat(result.shipment()).matches("[0-9a-f]{16}");
    assertThat(kafka.counts().values())
        .allSatisfy(count -> assertThat(count.shipment()).isEqualTo(result.shipment()));
    assertThat(read()).isEqualTo(9);
    assertThat(kafka.positions()).as("nothing stays behind").isEmpty();
    assertThat(progress).last().asString().startsWith("9 ").endsWith(" -1");
  }

  @Test
  void theLastWordOfEachSourceFollowsItsLinesIntoEveryPartition() throws Exception {
    kafka.setPartitions(3);
    ship(file("a.log", bytes("a1\na2\n")), file("b.log", bytes("b1\n")));
    List<String> sent =
        kafka.committed(Topics.ACCESS_LOG).stream()
            .map(
                record -> {
                  RawLine line = RawLine.fromBytes(record.value());
                  Header word = record.headers().lastHeader(RawLine.HEARTBEAT_HEADER);
                  String name = Path.of(line.path()).getFileName().toString();
                  return word == null
                      ? name
                      : name + " " + record.partition() + " " + new String(word.value(), US_ASCII);
                })
            .toList();
    String end = SourceInput.Heartbeat.END.toEpochMilli() + "/3";
    assertThat(sent.subList(0, 3)).containsExactly("a.log", "a.log", "b.log");
    assertThat(sent.subList(3, sent.size()))
        .containsExactly(
            "a.log 0 " + end,
            "a.log 1 " + end,
            "a.log 2 " + end,
            "b.log 0 " + end,
            "b.log 1 " + end,
            "b.log 2 " + end);
  }

  @Test
  void tellsHowFarItIs() throws Exception {
    Path file = file("big.log", bytes(lines(200_000)));

    ship(file);

    long size = Files.size(file);
    assertThat(progress).hasSizeGreaterThan(2).last().isEqualTo("200000 " + size + " " + size);
    assertThat(progress).first().asString().doesNotStartWith("200000");
  }

  @Test
  void readsAllMembersOfAGzipFile() throws Exception {
    byte[] tape = concatenate(gzip("a\nb"), gzip(""), gzip("c\n" + lines(30_000)), new byte[512]);

    ship(file("members.gz", tape));

    assertThat(kafka.texts()).hasSize(30_002).startsWith("a", "bc", "0");
    assertThat(kafka.texts()).last().isEqualTo("29999");
  }

  @Test
  void readsAllFramesOfAZstdFile() throws Exception {
    byte[] frames = concatenate(Zstd.compress(bytes("a\nb")), Zstd.compress(bytes(lines(30_000))));

    ship(file("frames.zst", frames));

    assertThat(kafka.texts()).hasSize(30_001).startsWith("a", "b0", "1");
  }

  @Test
  void shipsNothingIfAnyFileCannotBeRead() throws Exception {
    Path good = file("good.log", bytes("one\n"));
    byte[] gzip = gzip(lines(1000));
    byte[] flipped = gzip.clone();
    flipped[gzip.length / 2] ^= 0x40;
    byte[] zstd = Zstd.compress(bytes(lines(1000)));

    refuses("x.log does not exist", good, directory.resolve("x.log"));
    refuses("is a directory, not a file", good, directory);
    refuses("is damaged: ", good, file("cut.gz", Arrays.copyOf(gzip, gzip.length - 9)));
    refuses("is damaged: ", good, file("trailer.gz", Arrays.copyOf(gzip, gzip.length - 1)));
    refuses("is damaged: ", good, file("flipped.gz", flipped));
    refuses("is damaged: not gzip data", good, file("g.gz", concatenate(gzip, bytes("more"))));
    refuses(
        "is damaged: something other", good, file("p.gz", concatenate(gzip, new byte[9], gzip)));
    refuses("is damaged: ", good, file("cut.zst", Arrays.copyOf(zstd, zstd.length - 3)));
    refuses("is not the compressed file", good, file("text.gz", bytes("one\n")));
    refuses("is not the compressed file", good, file("empty.zst", new byte[0]));

    assertThat(kafka.committed(Topics.ACCESS_LOG)).isEmpty();
    assertThat(kafka.producers()).isZero();
  }

  private void refuses(String reason, Path... files) {
    assertThatThrownBy(() -> ship(files))
        .isInstanceOf(UnreadableFileException.class)
        .hasMessageContaining(reason)
        .hasMessageContaining(files[1].getFileName().toString());
  }

  @Test
  void saysWhatWasShippedBeforeDamageFoundOnTheWay() throws Exception {
    byte[] gzip = gzip(lines(300_000));
    standardInput = Arrays.copyOf(gzip, gzip.length / 2);

    assertThatThrownBy(() -> ship(Path.of("-")))
        .isInstanceOf(UnreadableFileException.class)
        .hasMessage(
            "standard input is damaged: the file ends in the middle of its data; %d lines were"
                + " shipped before",
            kafka.lines().size());
    assertThat(kafka.lines()).isNotEmpty();
    assertThat(read()).isEqualTo(kafka.lines().size());
  }

  /** Every call may fail, commits with either outcome. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 4, 5})
  void shipsEveryLineOnceWhateverKafkaDoes(long seed) throws Exception {
    kafka = new UnreliableKafka(seed, 3);
    Random random = new Random(seed);
    // Lines of 6 MB make transactions of six.
    List<String> expected =
        IntStream.range(0, 24).mapToObj(i -> i + "x".repeat(6_000_000)).toList();
    Path file =
        file("wide.log", bytes(String.join(random.nextBoolean() ? "\n" : "\r\n", expected)));

    ShipmentResult result = ship(file);

    assertThat(kafka.texts().equals(expected)).isTrue();
    assertThat(read()).isEqualTo(24);
    assertThat(result.lines()).isEqualTo(24);
    assertThat(kafka.failures()).isPositive();
    assertThat(progress).anyMatch(p -> p.startsWith("waiting"));
  }

  /** A piece of a line as a collector writes it, so many seconds after nine. */
  private static byte[] piece(LineFormat format, int second, String content, boolean last) {
    byte[] piece = WrappedLines.piece(format, "stdout", bytes(content), last);
    String text = new String(piece, StandardCharsets.UTF_8);
    return bytes(
        text.replaceAll("2026-11-03T[0-9:.]*Z", "2026-11-03T09:00:%02d.5Z".formatted(second)));
  }

  private List<String> shipped() {
    return kafka.committed(Topics.ACCESS_LOG).stream()
        .filter(record -> record.headers().lastHeader(RawLine.HEARTBEAT_HEADER) == null)
        .map(record -> RawLine.fromBytes(record.value()))
        .map(l -> Path.of(l.path()).getFileName() + "@" + l.offset() + ":" + text(l))
        .toList();
  }

  /** What a client put at the end of a line must not pass for a line because its file begins so. */
  @ParameterizedTest
  @EnumSource(names = {"CRI", "DOCKER_JSON"})
  void aLineThatRotationHasSplitIsShippedWholeInWhateverOrderItsFilesAreNamed(LineFormat tried)
      throws Exception {
    format = tried;
    byte[] whole = piece(tried, 1, "first", true);
    byte[] oldest = concatenate(whole, piece(tried, 5, "be", false));
    byte[] middle = piece(tried, 6, "tw", false);
    Path newest =
        file("0.log", concatenate(piece(tried, 7, "een", true), piece(tried, 8, "last", true)));
    Path gzip = file("0.log.20261103-090006.gz", gzip(new String(middle, StandardCharsets.UTF_8)));
    Path plain = file("0.log.20261103-090005", oldest);
    Path other = file("1.log", piece(tried, 6, "other", true));

    ShipmentResult result = ship(newest, other, gzip, plain);

    assertThat(shipped())
        .containsExactly(
            plain.getFileName() + "@0:first",
            plain.getFileName() + "@" + whole.length + ":between",
            "0.log@" + piece(tried, 7, "een", true).length + ":last",
            "1.log@0:other");
    assertThat(result.linesBySource())
        .isEqualTo(
            Map.of(
                new LineSource("gw-1", plain.toString()), 2L,
                new LineSource("gw-1", gzip.toString()), 0L,
                new LineSource("gw-1", newest.toString()), 1L,
                new LineSource("gw-1", other.toString()), 1L));
    assertThat(read()).isEqualTo(4);
    assertThat(kafka.committed(Topics.SOURCE_INPUTS))
        .extracting(record -> Json.MAPPER.readValue(record.value(), SourceInput.class))
        .filteredOn(input -> ((SourceInput.Shipped) input).source().path().equals(plain.toString()))
        .extracting(input -> ((SourceInput.Shipped) input).to())
        .as("the piece at its end is shipped, too")
        .endsWith((long) oldest.length);
  }

  /** Its beginning may lie in a file that nobody has given; a file that was given settles it. */
  @Test
  void onlyTheFirstLineOfTheOldestFileIsDoubted() throws Exception {
    format = LineFormat.CRI;
    Path older =
        file(
            "0.log.20261103-090005",
            concatenate(piece(format, 5, "one", true), piece(format, 6, "two", true)));
    Path newer = file("0.log", piece(format, 50, "three", true));
    Path apart = file("1.log", piece(format, 7, "four", true));
    ship(newer, older, apart);
    assertThat(doubted()).containsExactly("one", "four");
    format = LineFormat.PLAIN;
    ship(file("plain.log", "five\n".getBytes(StandardCharsets.UTF_8)));
    assertThat(doubted()).containsExactly("one", "four");
  }

  private List<String> doubted() {
    return kafka.committed(Topics.ACCESS_LOG).stream()
        .filter(r -> r.headers().lastHeader(RawLine.UNCERTAIN_BEGINNING_HEADER) != null)
        .map(record -> text(RawLine.fromBytes(record.value())))
        .toList();
  }

  /** A file in between is missing, or it is another container's: what is apart is not joined. */
  @Test
  void piecesThatWereNotWrittenOneAfterAnotherAreNotJoined() throws Exception {
    format = LineFormat.CRI;
    Path older = file("0.log.1", piece(format, 5, "be", false));
    Path newer = file("0.log", piece(format, 16, "whole", true));
    Path neighbour = file("1.log", piece(format, 6, "neighbour", true));

    ship(older, neighbour, newer);
    assertThat(shipped()).containsExactly("0.log@0:whole", "1.log@0:neighbour");

    kafka = new UnreliableKafka(1, 0);
    ship(older, neighbour);
    assertThat(shipped()).containsExactly("1.log@0:neighbour");
  }

  @Test
  void aClockThatIsTooFarAheadIsNamedAndNotWaitedFor() throws Exception {
    kafka.refuseLines();
    Path file = file("plain.log", bytes("a\n"));
    assertThatThrownBy(() -> ship(file))
        .isInstanceOf(KafkaException.class)
        .hasMessageContaining("more than an hour ahead; set it");
    assertThat(progress).isEmpty();
  }

  private ShipmentResult ship(Path... files) throws InterruptedException {
    try (Backfill backfill =
        new Backfill(
            new BackfillSettings("gw-1", source -> format),
            kafka,
            new ByteArrayInputStream(standardInput))) {
      return backfill.ship(
          List.of(files),
          new ProgressListener() {
            @Override
            public void progress(long lines, long bytesDone, long bytesTotal) {
              progress.add(lines + " " + bytesDone + " " + bytesTotal);
            }

            @Override
            public void waiting(String reason) {
              progress.add("waiting: " + reason);
            }
          });
    }
  }

  private long read() {
    return kafka.counts().values().stream().mapToLong(LineCount::read).sum();
  }

  private Path file(String name, byte[] content) throws IOException {
    return Files.write(directory.resolve(name), content);
  }

  private static String lines(int count) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      text.append(i).append('\n');
    }
    return text.toString();
  }

  private static byte[] gzip(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(bytes(text));
    }
    return bytes.toByteArray();
  }

  private static byte[] concatenate(byte[]... parts) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      bytes.write(part);
    }
    return bytes.toByteArray();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(RawLine line) {
    return new String(line.line(), StandardCharsets.UTF_8);
  }
}
