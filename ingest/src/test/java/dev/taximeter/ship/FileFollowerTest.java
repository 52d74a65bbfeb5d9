package dev.taximeter.ship;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.event.LineExtent;
import dev.taximeter.contract.event.ShipperPosition;
import dev.taximeter.contract.event.SourceInput;
import dev.taximeter.contract.event.SourceState;
import dev.taximeter.contract.gateway.LineFormat;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileFollowerTest {
  private static final Duration GRACE = Duration.ofSeconds(60);

  @TempDir Path directory;

  private final List<String> shipped = new ArrayList<>();
  private final List<SourceInput.Lost> lost = new ArrayList<>();
  private final List<SourceInput.Shipped> ranges = new ArrayList<>();
  private final List<String> uncommitted = new ArrayList<>();
  private final List<LineExtent> extents = new ArrayList<>();
  private final Map<String, ShipperPosition> positions = new HashMap<>();
  private List<String> patterns = List.of();
  private int blockBytes = 64 * 1024;
  private LineFormat format = LineFormat.PLAIN;
  private @Nullable FileFollower follower;
  private long nowNanos = -5_000_000_000L;
  private Instant clock = Instant.now();

  @AfterEach
  void close() {
    if (follower != null) {
      follower.close();
    }
  }

  @Test
  void waitsForFilesAndForLineEnds() throws IOException {
    start("access.log");
    poll();
    append("access.log", "one\ntw");
    assertThat(poll()).containsExactly("access.log@0:one");
    append("access.log", "o");
    assertThat(poll()).isEmpty();
    append("access.log", "\r\n\nthree\n");
    assertThat(poll()).containsExactly("access.log@4:two", "access.log@10:three");
  }

  @Test
  void resumesExactlyAfterARestart() throws IOException {
    append("access.log", "one\ntwo\nthr");
    start("access.log");
    assertThat(poll()).hasSize(2);
    restart();
    append("access.log", "ee\n");
    assertThat(poll()).containsExactly("access.log@8:three");
  }

  @Test
  void aNameThatFitsNoFrameKeepsNoOtherFileWaiting() throws IOException {
    append("a\tb.log", "one\n");
    append("c.log", "two\n");
    start("*.log");
    assertThat(poll()).containsExactly("c.log@0:two");
    nowNanos += Duration.ofSeconds(2).toNanos();
    follower.poll(nowNanos, () -> false);
    assertThat(follower.obstacle()).contains("control character").contains("*.log");
  }

  @Test
  void readsAgainWhatWasRolledBack() throws IOException {
    append("access.log", "one\n");
    start("access.log");
    poll();
    append("access.log", "two\n");
    Long last = complete();
    pollUncommitted(Integer.MAX_VALUE);
    follower.rolledBack();
    assertThat(complete()).as("of what is not committed nothing is claimed").isEqualTo(last);
    uncommitted.clear();
    append("access.log", "three\n");
    assertThat(poll()).containsExactly("access.log@4:two", "access.log@8:three");
  }

  @Test
  void readsARenamedFileToItsEndBeforeTheNewOne() throws IOException {
    append("access.log", "one\n");
    start("access.log");
    poll();
    append("access.log", "two\n");
    rotate(5);
    append("access.log", "new\n");
    append("access.log.1", "three\n");
    assertThat(poll())
        .containsExactly("access.log@4:two", "access.log@8:three", "access.log@0:new");
    append("access.log.1", "late\n");
    assertThat(poll()).containsExactly("access.log@14:late");
  }

  @Test
  void shipsTheRestOfARenamedFileOnlyAfterTheGrace() throws IOException {
    append("access.log", "one\nhalf");
    start("access.log");
    poll();
    rotate(5);
    pass(GRACE.minusSeconds(1));
    assertThat(poll()).isEmpty();
    append("access.log.1", " line");
    assertThat(poll()).isEmpty();
    pass(GRACE.minusSeconds(1));
    assertThat(poll()).isEmpty();
    pass(Duration.ofSeconds(2));
    assertThat(poll()).containsExactly("access.log@4:half line");
    pass(GRACE.multipliedBy(3));
    assertThat(poll()).isEmpty();
    append("access.log.1", "very late\n");
    pass(Duration.ofSeconds(11));
    assertThat(poll()).containsExactly("access.log@13:very late");
  }

  @Test
  void neverShipsTheRestOfALiveFile() throws IOException {
    append("access.log", "half");
    start("access.log");
    poll();
    pass(GRACE.multipliedBy(100));
    assertThat(poll()).isEmpty();
  }

  @Test
  void readsADeletedFileToItsEnd() throws IOException {
    append("access.log", "one\n");
    start("access.log");
    poll();
    append("access.log", "two\nrest");
    Files.delete(directory.resolve("access.log"));
    assertThat(poll()).containsExactly("access.log@4:two");
    pass(GRACE.plusSeconds(1));
    assertThat(poll()).containsExactly("access.log@8:rest");
    pass(Duration.ofSeconds(11));
    poll();
    assertThat(positions.values()).extracting(ShipperPosition::offset).containsExactly(0L);
  }

  @Test
  void findsAllRotationsBetweenTwoPolls() throws IOException {
    append("access.log", "1\n");
    start("access.log");
    poll();
    for (int i = 2; i <= 5; i++) {
      append("access.log", i + "a\n" + i + "b\n");
      rotate(9);
    }
    append("access.log", "last\n");
    assertThat(lines(poll()))
        .containsExactly("2a", "2b", "3a", "3b", "4a", "4b", "5a", "5b", "last");
  }

  @Test
  void findsAllRotationsWhileItWasDown() throws IOException {
    append("access.log", "1\n");
    start("access.log");
    poll();
    stop();
    for (int i = 2; i <= 5; i++) {
      append("access.log", i + "\n");
      rotate(9);
    }
    restart();
    assertThat(lines(poll())).containsExactly("2", "3", "4", "5");
    append("access.log", "6\n");
    assertThat(lines(poll())).containsExactly("6");
  }

  @Test
  void leavesWhatWasRotatedAwayBeforeTheFirstStart() throws IOException {
    append("access.log.1", "history\n");
    append("access.log", "one\n");
    start("access.log");
    assertThat(lines(poll())).containsExactly("one");
    restart();
    rotate(9);
    append("access.log", "two\n");
    assertThat(lines(poll())).containsExactly("two");
    append("access.log.2", "appended\n");
    pass(Duration.ofSeconds(11));
    assertThat(lines(poll())).containsExactly("appended");
  }

  @Test
  void shipsWhatWasWrittenAndRotatedBetweenTwoRunsThatSawNoFile() throws IOException {
    start("access.log");
    poll();
    stop();
    append("access.log", "one\n");
    rotate(9);
    append("access.log", "two\n");
    restart();
    assertThat(lines(poll())).containsExactly("one", "two");
  }

  @Test
  void startsOverWhenAFileIsTruncated() throws IOException {
    append("access.log", "one\ntwo\n");
    start("access.log");
    poll();
    truncate("access.log");
    append("access.log", "new\n");
    assertThat(poll()).containsExactly("access.log@0:new");
  }

  @Test
  void shipsTheSameLinesAgainIfTheyAreWrittenAgain() throws IOException {
    append("access.log", "one\ntwo\n");
    start("access.log");
    poll();
    truncate("access.log");
    poll();
    append("access.log", "one\ntwo\nthree\n");
    assertThat(lines(poll())).containsExactly("one", "two", "three");
    Files.delete(directory.resolve("access.log"));
    append("access.log", "one\n");
    assertThat(lines(poll())).containsExactly("one");
  }

  @Test
  void noticesATruncationThatTheFileHasOutgrown() throws IOException {
    append("access.log", "one\ntwo\n");
    start("access.log");
    poll();
    truncate("access.log");
    append("access.log", "longer than before\n");
    assertThat(lines(poll())).containsExactly("longer than before");
    restart();
    truncate("access.log");
    append("access.log", "longer than ever before\n");
    assertThat(lines(poll())).containsExactly("longer than ever before");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void losesAndRepeatsNothingWhenAFileIsCopiedAndTruncated(boolean down) throws IOException {
    append("access.log", "one\n");
    start("access.log");
    poll();
    append("access.log", "two\n");
    if (down) {
      stop();
    }
    Files.copy(directory.resolve("access.log"), directory.resolve("access.log.1"));
    if (!down) {
      pass(Duration.ofSeconds(11));
      assertThat(lines(poll())).containsExactly("two");
      append("access.log", "three\n");
      append("access.log.1", "three\n");
    }
    truncate("access.log");
    append("access.log", "new\n");
    if (down) {
      restart();
    }
    assertThat(lines(poll())).containsExactly(down ? "two" : "three", "new");
    restart();
    pass(GRACE.multipliedBy(2));
    assertThat(lines(poll())).isEmpty();
  }

  @Test
  void takesAReusedInodeForAnotherFile() throws IOException {
    append("access.log", "one\n");
    start("access.log");
    poll();
    stop();
    positions.replaceAll(
        (key, p) ->
            p.offset() == 0
                ? p
                : new ShipperPosition(
                    p.host(), p.path(), p.fileKey(), "00", p.headLength(), p.tail(), p.offset()));
    restart();
    assertThat(lines(poll())).containsExactly("one");
  }

  @Test
  void recognisesAFileWhoseIdentityChanged() throws IOException {
    append("access.log", "one\n");
    start("access.log");
    poll();
    stop();
    Path moved = directory.resolve("elsewhere");
    Files.copy(directory.resolve("access.log"), moved);
    Files.move(moved, directory.resolve("access.log"), StandardCopyOption.REPLACE_EXISTING);
    restart();
    append("access.log", "two\n");
    assertThat(poll()).containsExactly("access.log@4:two");
    assertThat(positions).hasSize(2);
  }

  @Test
  void followsAllFilesOfAPatternAndNewOnes() throws IOException {
    append("a.log", "a1\n");
    append("a.log.1", "history\n");
    append("b.log.gz", "never\n");
    start("*.log*");
    assertThat(poll()).containsExactly("a.log@0:a1");
    append("b.log", "b1\n");
    append("a.log", "a2\n");
    Files.move(directory.resolve("a.log"), directory.resolve("a.log.2"));
    append("a.log", "a3\n");
    pass(Duration.ofSeconds(2));
    assertThat(poll()).containsExactlyInAnyOrder("a.log@3:a2", "a.log@0:a3", "b.log@0:b1");
    restart();
    assertThat(poll()).isEmpty();
  }

  @Test
  void followsALinkToAnotherDirectory() throws IOException {
    Path pods = Files.createDirectory(directory.resolve("pods"));
    append("pods/0.log", "one\n");
    Files.createSymbolicLink(directory.resolve("link.log"), pods.resolve("0.log"));
    start("link.log");
    assertThat(lines(poll())).containsExactly("one");
    append("pods/0.log", "two\n");
    Files.move(pods.resolve("0.log"), pods.resolve("0.log.20261103-101010"));
    append("pods/0.log", "three\n");
    assertThat(lines(poll())).containsExactly("two", "three");
  }

  @Test
  void doesNotStarveOneFileForAnother() throws IOException {
    blockBytes = 4;
    append("a.log", "a\n".repeat(100));
    append("b.log", "b\n".repeat(100));
    start("a.log", "b.log");
    List<String> first = new ArrayList<>(pollUncommitted(3));
    first.addAll(pollUncommitted(3));
    assertThat(lines(first)).contains("a", "b");
  }

  @Test
  void leavesThePositionsOfOtherHostsAndPathsAlone() throws IOException {
    ShipperPosition other = new ShipperPosition("other", "/x", "k1", "", 0, "", 3);
    ShipperPosition elsewhere = new ShipperPosition("gw", "/elsewhere.log", "k2", "", 0, "", 3);
    positions.put("k1", other);
    positions.put("k2", elsewhere);
    append("access.log", "one\n");
    start("access.log");
    poll();
    pass(GRACE.multipliedBy(2));
    poll();
    assertThat(positions).containsEntry("k1", other).containsEntry("k2", elsewhere);
  }

  @Test
  void claimsNothingOfAFileThatWasNeverThere() throws IOException {
    start("access.log");
    poll();
    assertThat(follower.waitsFor()).contains("access.log is not there");
    pass(GRACE);
    poll();
    assertThat(complete()).isNull();
    assertThat(follower.obstacle()).isEmpty();
    assertThat(follower.waitsFor()).contains("access.log is not there");
    append("access.log", "one\n");
    assertThat(poll()).hasSize(1);
    assertThat(complete()).isEqualTo(nowNanos);
    assertThat(follower.waitsFor()).isEmpty();
  }

  @Test
  void namesADirectoryThatIsNotThere() throws IOException {
    start("gateway/access.log");
    poll();
    assertThat(complete()).isNull();
    assertThat(follower.obstacle()).contains("there is no directory").contains("gateway");
    assertThat(follower.waitsFor()).as("it is said once").isEmpty();
    Files.createDirectory(directory.resolve("gateway"));
    append("gateway/access.log", "one\n");
    assertThat(poll()).hasSize(1);
    assertThat(complete()).isEqualTo(nowNanos);
    assertThat(follower.obstacle()).isEmpty();
  }

  @Test
  void namesTheDirectoryOfAPatternUntilItIsThere() throws IOException {
    start("gateway/*.log");
    poll();
    poll();
    assertThat(follower.obstacle()).contains("there is no directory").contains("*.log");
    Files.createDirectory(directory.resolve("gateway"));
    append("gateway/a.log", "one\n");
    pass(Duration.ofSeconds(2));
    assertThat(poll()).hasSize(1);
    assertThat(follower.obstacle()).isEmpty();
  }

  @Test
  void claimsNothingOfWhatIsNoFile() throws IOException {
    Files.createDirectory(directory.resolve("access.log"));
    start("access.log");
    poll();
    assertThat(complete()).isNull();
    assertThat(follower.obstacle()).contains("is a directory");
  }

  @Test
  void claimsNoMoreWhileALinkLeadsNowhere() throws IOException {
    append("target", "one\n");
    Files.createSymbolicLink(directory.resolve("a.log"), directory.resolve("target"));
    start("*.log");
    poll();
    Files.move(directory.resolve("target"), directory.resolve("elsewhere"));
    long last = stopsClaiming();
    assertThat(follower.obstacle()).contains("links to").contains("target");
    pass(GRACE.multipliedBy(2));
    poll();
    assertThat(complete()).isEqualTo(last);
  }

  @ParameterizedTest
  @ValueSource(strings = {"logs/access.log", "logs/*.log"})
  void claimsNoMoreOnceTheDirectoryIsAway(String name) throws IOException {
    Path logs = Files.createDirectory(directory.resolve("logs"));
    append("logs/access.log", "one\n");
    start(name);
    poll();
    Path away = directory.resolve("away");
    Files.move(logs, away);
    long last = stopsClaiming();
    assertThat(follower.obstacle()).contains("there is no directory");
    // An empty mount point is no better.
    Files.createDirectory(logs);
    pass(GRACE.multipliedBy(2));
    poll();
    append("away/access.log", "two\n");
    pass(Duration.ofSeconds(11));
    poll();
    assertThat(complete()).isEqualTo(last);
    assertThat(follower.obstacle()).contains("another directory");
    Files.delete(logs);
    Files.move(away, logs);
    pass(Duration.ofSeconds(11));
    poll();
    assertThat(lines(shipped)).containsExactly("one", "two");
    assertThat(complete()).isEqualTo(nowNanos);
    assertThat(follower.obstacle()).isEmpty();
  }

  @Test
  void claimsNoMoreWhileANamedFileIsGoneAndSaysSoOnceThatIsNoRotation() throws IOException {
    append("access.log", "one\n");
    start("access.log");
    poll();
    Long last = complete();
    Files.move(directory.resolve("access.log"), directory.resolve("access.log.1"));
    pass(Duration.ofSeconds(5));
    poll();
    assertThat(complete()).isEqualTo(last);
    assertThat(follower.waitsFor()).isEmpty();
    assertThat(stopsClaiming()).isEqualTo(last);
    assertThat(follower.obstacle()).isEmpty();
    assertThat(follower.waitsFor()).contains("access.log is not there");
    append("access.log", "two\n");
    assertThat(lines(poll())).containsExactly("two");
    assertThat(complete()).isEqualTo(nowNanos);
  }

  @Test
  void goesOnClaimingForTheWriterOfAMatchThatHasEnded() throws IOException {
    append("pod-1.log", "one\n");
    start("*.log");
    poll();
    Files.delete(directory.resolve("pod-1.log"));
    pass(GRACE.multipliedBy(2));
    poll();
    poll();
    assertThat(complete()).isEqualTo(nowNanos);
    assertThat(follower.obstacle() + follower.waitsFor()).isEmpty();
  }

  @Test
  void aMatchThatEndedWhileNobodyFollowedItIsMissedOnceAndNotWaitedForFromThenOn()
      throws IOException {
    append("pod-1.log", "one\n");
    append("pod-2.log", "1\n");
    start("*.log");
    poll();
    stop();
    append("pod-1.log", "never read\n");
    Files.delete(directory.resolve("pod-1.log"));
    restart();
    poll();
    assertThat(complete()).as("it may come back").isNull();
    assertThat(follower.waitsFor())
        .contains("pod-1.log went away")
        .contains("GET /v1/sources/gaps", "backfill", "POST /v1/sources/retire");
    assertThat(ended()).isFalse();
    pass(GRACE);
    poll();
    pass(Duration.ofSeconds(11));
    poll();
    assertThat(lost)
        .singleElement()
        .satisfies(
            one -> {
              assertThat(one.source().path()).endsWith("pod-1.log");
              assertThat(isOf(one, "one\n")).isTrue();
              assertThat(one.from()).isEqualTo(4);
              assertThat(one.to()).isNull();
            });
    assertThat(complete()).isEqualTo(nowNanos);
    assertThat(ended()).isTrue();
    assertThat(follower.obstacle() + follower.waitsFor()).isEmpty();
    restart();
    pass(GRACE.multipliedBy(2));
    poll();
    assertThat(lost).hasSize(1);
    assertThat(sources()).containsExactly("pod-2.log");
  }

  @Test
  void aMatchThatComesBackIsReadOnAndMissesNothing() throws IOException {
    append("pod-1.log", "one\n");
    start("*.log");
    poll();
    stop();
    Files.move(directory.resolve("pod-1.log"), directory.resolve("aside"));
    restart();
    poll();
    append("aside", "two\n");
    Files.move(directory.resolve("aside"), directory.resolve("pod-1.log"));
    assertThat(poll()).containsExactly("pod-1.log@4:two");
    pass(GRACE.multipliedBy(2));
    poll();
    assertThat(lost).isEmpty();
    assertThat(ended()).isFalse();
  }

  /** Away, it may go on where nobody sees it; in its place lies an empty mount point. */
  @Test
  void nothingIsGivenUpInADirectoryThatIsNotTheOneBeforeTheRestart() throws IOException {
    Path logs = Files.createDirectory(directory.resolve("logs"));
    append("logs/a.log", "one\n");
    start("logs/*.log");
    poll();
    stop();
    Path away = directory.resolve("away");
    Files.move(logs, away);
    Files.createDirectory(logs);
    restart();
    poll();
    pass(GRACE.multipliedBy(3));
    poll();
    assertThat(complete()).isNull();
    assertThat(lost).isEmpty();
    assertThat(follower.obstacle())
        .contains("another directory")
        .contains("mount the right one", "empty file", "POST /v1/sources/retire");
    append("away/a.log", "two\n");
    Files.delete(logs);
    Files.move(away, logs);
    pass(Duration.ofSeconds(11));
    assertThat(poll()).containsExactly("logs/a.log@4:two");
    assertThat(complete()).isEqualTo(nowNanos);
    assertThat(follower.obstacle()).isEmpty();
  }

  @Test
  void anEmptyFileSaysThatWhatLayInAnotherDirectoryIsGoneForGood() throws IOException {
    Path logs = Files.createDirectory(directory.resolve("logs"));
    append("logs/a.log", "one\n");
    start("logs/*.log");
    poll();
    stop();
    Files.move(logs, directory.resolve("away"));
    Files.createDirectory(logs);
    restart();
    poll();
    append("logs/a.log", "");
    pass(GRACE.plusSeconds(11));
    poll();
    poll();
    assertThat(lost).singleElement().satisfies(one -> assertThat(one.to()).isNull());
    assertThat(complete()).isEqualTo(nowNanos);
  }

  /** A network volume that is mounted anew has another device; what is read is known by content. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aDirectoryMountedAnewIsKnownByWhatWasReadInIt(boolean down) throws IOException {
    Path logs = Files.createDirectory(directory.resolve("logs"));
    append("logs/a.log", "a\n");
    append("logs/b.log", "b\n");
    append("logs/ended.log", "c\n");
    start("logs/*.log");
    poll();
    Files.delete(logs.resolve("ended.log"));
    letEnd();
    if (down) {
      stop();
    }
    Path away = directory.resolve("away");
    Files.move(logs, away);
    Files.createDirectory(logs);
    Files.copy(away.resolve("b.log"), logs.resolve("b.log"));
    if (down) {
      restart();
    }
    for (int i = 0; i < 4; i++) {
      pass(GRACE);
      poll();
    }
    assertThat(follower.obstacle() + follower.waitsFor()).isEmpty();
    assertThat(follower.completeness()).allMatch(one -> one.completeNanos() == nowNanos);
    assertThat(lost).hasSize(down ? 1 : 0).allMatch(one -> isOf(one, "a\n"));
    append("logs/b.log", "more\n");
    assertThat(lines(poll())).containsExactly("more");
  }

  /** Each time it is another one that is known. */
  @Test
  void aDirectoryMountedAnewAgainAndAgainIsKnownOnlyByWhatWasReadInIt() throws IOException {
    Path logs = Files.createDirectory(directory.resolve("logs"));
    for (String name : List.of("a", "b", "c")) {
      append("logs/" + name + ".log", name + "\n");
    }
    start("logs/*.log");
    poll();
    for (int mount = 1; mount <= 2; mount++) {
      Path away = directory.resolve("away-" + mount);
      Files.move(logs, away);
      Files.createDirectory(logs);
      Files.copy(away.resolve("b.log"), logs.resolve("b.log"));
      if (mount == 1) {
        Files.copy(away.resolve("c.log"), logs.resolve("c.log"));
      }
      letEnd();
      assertThat(follower.obstacle() + follower.waitsFor()).as("mount %d", mount).isEmpty();
    }
    Files.move(logs, directory.resolve("away-3"));
    Files.createDirectory(logs);
    letEnd();
    assertThat(follower.obstacle()).contains("b.log").contains("another directory");
  }

  /** Its directory was made anew under it: that is where it is to be missed. */
  @Test
  void aFileKnowsTheDirectoryThatItLiesInNow() throws IOException {
    Path logs = Files.createDirectory(directory.resolve("logs"));
    append("logs/a.log", "one\n");
    start("logs/*.log");
    poll();
    Path anew = Files.createDirectory(directory.resolve("anew"));
    Files.move(logs.resolve("a.log"), anew.resolve("a.log"));
    Files.delete(logs);
    Files.move(anew, logs);
    pass(Duration.ofSeconds(11));
    poll();
    stop();
    Files.delete(logs.resolve("a.log"));
    restart();
    poll();
    assertThat(follower.obstacle()).isEmpty();
    letEnd();
    assertThat(lost).hasSize(1);
    assertThat(ended()).isTrue();
  }

  @Test
  void afterADirectoryWasAwayFilesEndAsEver() throws IOException {
    Path logs = Files.createDirectory(directory.resolve("logs"));
    append("logs/a.log", "one\n");
    start("logs/*.log");
    poll();
    Path away = directory.resolve("away");
    Files.move(logs, away);
    poll();
    Files.move(away, logs);
    poll();
    Files.move(logs.resolve("a.log"), logs.resolve("a.log.1"));
    append("logs/a.log", "two\n");
    letEnd();
    assertThat(positions).hasSize(3);
    Files.delete(logs.resolve("a.log.1"));
    letEnd();
    assertThat(positions).as("the pattern, and the file that is there").hasSize(2);
  }

  /** Of an empty file nothing was read: any other looks the same. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aDirectoryIsNotKnownByAFileOfWhichNothingWasRead(boolean down) throws IOException {
    Path logs = Files.createDirectory(directory.resolve("logs"));
    append("logs/a.log", "");
    append("logs/b.log", "b\n");
    start("logs/*.log");
    poll();
    if (down) {
      stop();
    }
    Files.move(logs, directory.resolve("away"));
    Files.createDirectory(logs);
    append("logs/a.log", "another\n");
    if (down) {
      restart();
    }
    for (int i = 0; i < 4; i++) {
      pass(GRACE);
      poll();
    }
    assertThat(follower.obstacle()).contains("b.log").contains("another directory");
    assertThat(lost).isEmpty();
  }

  /** It lies there with its directory, and may have begun long before. */
  @Test
  void aNamedFileThatComesWithItsDirectoryMayHaveBegunLongBefore() throws IOException {
    format = LineFormat.CRI;
    start("logs/a.log");
    poll();
    Path away = Files.createDirectory(directory.resolve("away"));
    append("away/a.log", "2026-11-03T08:15:00.000000001Z stdout F one\n");
    Files.move(away, directory.resolve("logs"));
    assertThat(lines(poll())).containsExactly("one");
    assertThat(extents).containsExactly(LineExtent.UNCERTAIN_BEGINNING);
  }

  @Test
  void aDirectoryThatIsAwayIsNamedAtOnceAndAFileOnlyOnceThatIsNoRotation() throws IOException {
    Path logs = Files.createDirectory(directory.resolve("logs"));
    append("logs/a.log", "one\n");
    start("logs/a.log");
    poll();
    append("logs/a.log", "unseen\n");
    truncate("logs/a.log");
    poll();
    Files.delete(logs.resolve("a.log"));
    pass(Duration.ofSeconds(1));
    poll();
    assertThat(follower.obstacle() + follower.waitsFor()).isEmpty();
    Files.move(logs, directory.resolve("away"));
    poll();
    assertThat(follower.obstacle()).contains("there is no directory");
  }

  @Test
  void aMatchThatEndedIsNotHeldBackByTheDirectoryThatComesAfter() throws IOException {
    Path logs = Files.createDirectory(directory.resolve("logs"));
    append("logs/a.log", "a\n");
    start("logs/*.log");
    poll();
    Files.delete(logs.resolve("a.log"));
    letEnd();
    Files.move(logs, directory.resolve("away"));
    Files.createDirectory(logs);
    pass(GRACE);
    poll();
    assertThat(complete()).isEqualTo(nowNanos);
    assertThat(ended()).isTrue();
    assertThat(follower.obstacle()).isEmpty();
    append("logs/a.log", "again\n");
    assertThat(lines(poll())).containsExactly("again");
    assertThat(ended()).isFalse();
  }

  /** What a truncation may have taken is looked for first. */
  @Test
  void noEndIsSaidWhileALossIsNotTold() throws IOException {
    append("a.log", "one\n");
    start("*.log");
    poll();
    assertThat(complete()).isNotNull();
    append("a.log", "unseen\n");
    truncate("a.log");
    poll();
    Files.delete(directory.resolve("a.log"));
    pass(GRACE.dividedBy(2));
    poll();
    assertThat(lost).isEmpty();
    assertThat(ended()).isFalse();
    letEnd();
    assertThat(lost).hasSize(1);
    assertThat(ended()).isTrue();
  }

  /** What was told of a file that has been closed since is not taken back. */
  @Test
  void aTransactionThatIsAbortedDoesNotTakeBackTheEndOfARotatedFile() throws IOException {
    append("access.log", "one\n");
    start("access.log");
    poll();
    rotate(5);
    append("access.log", "two\n");
    letEnd();
    assertThat(ranges).filteredOn(SourceInput.Shipped::ended).hasSize(1);
    String ended = ranges.get(ranges.size() - 1).file();
    append("access.log", "three\n");
    pollUncommitted(Integer.MAX_VALUE);
    follower.rolledBack();
    uncommitted.clear();
    ranges.clear();
    letEnd();
    assertThat(lines(shipped)).containsExactly("one", "two", "three");
    assertThat(ranges)
        .filteredOn(range -> range.file().equals(ended))
        .as("it is at its end, whatever happens to others")
        .allMatch(SourceInput.Shipped::ended);
  }

  /** The writer of sources remembers a few files of each, rotation may keep any number. */
  @ParameterizedTest
  @ValueSource(strings = {"one\n", "one", ""})
  void aFileThatWasReadToItsEndIsNotMissedWhenItIsGoneAfterARestart(String text)
      throws IOException {
    append("access.log", text);
    start("access.log");
    poll();
    rotate(5);
    append("access.log", "two\n");
    letEnd();
    stop();
    Files.delete(directory.resolve("access.log.1"));
    append("access.log", "three\n");
    restart();
    poll();
    letEnd();
    assertThat(lines(shipped)).contains("two").endsWith("three");
    assertThat(lost).isEmpty();
    assertThat(positions).as("the pattern, and the file that is there").hasSize(2);
  }

  /** Nothing was read of it: what has its inode now is another, here a copy of what was read. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anEmptyFileThatEndedIsNotTakenForOneThatHasItsInode(boolean down) throws IOException {
    append("access.log", "");
    start("access.log");
    poll();
    rotate(5);
    append("access.log", "one\n");
    letEnd();
    Path empty = directory.resolve("access.log.1");
    if (down) {
      stop();
    }
    // As if it had been deleted, and the copy got its inode.
    Files.writeString(empty, "one\nunseen\n");
    truncate("access.log");
    if (down) {
      restart();
    }
    poll();
    letEnd();
    assertThat(lines(shipped)).containsExactly("one", "unseen");
    assertThat(lost).isEmpty();
  }

  /** Its writer was slow, and went on after it had been taken for done. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatCameAfterTheEndOfARotatedFileIsMissedAsEver(boolean seen) throws IOException {
    append("access.log", "one\n");
    start("access.log");
    poll();
    rotate(5);
    append("access.log", "two\n");
    letEnd();
    if (!seen) {
      stop();
    }
    append("access.log.1", "late\n");
    if (!seen) {
      restart();
    }
    pass(Duration.ofSeconds(11));
    assertThat(lines(poll())).containsExactly("late");
    assertThat(ranges.get(ranges.size() - 1).ended()).isFalse();
    stop();
    Files.delete(directory.resolve("access.log.1"));
    restart();
    letEnd();
    assertThat(lost).singleElement().satisfies(one -> assertThat(one.from()).isEqualTo(9));
  }

  /** Put back to where its writer writes, it is expected to go on. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aRotatedFileThatIsLiveAgainHasNotEnded(boolean down) throws IOException {
    append("access.log", "one\n");
    start("access.log");
    poll();
    rotate(5);
    append("access.log", "two\n");
    letEnd();
    if (down) {
      stop();
    }
    Files.move(directory.resolve("access.log"), directory.resolve("access.log.2"));
    Files.move(directory.resolve("access.log.1"), directory.resolve("access.log"));
    if (down) {
      restart();
    }
    poll();
    letEnd();
    stop();
    Files.delete(directory.resolve("access.log"));
    append("access.log", "another\n");
    restart();
    letEnd();
    assertThat(lost).singleElement().satisfies(one -> assertThat(isOf(one, "one\n")).isTrue());
  }

  /** Pods come and go for years. */
  @Test
  void aMatchThatEndedIsForgottenAfterAWhileAndKnownAnewWhenItIsThereAgain() throws IOException {
    append("a.log", "one\n");
    append("b.log", "b\n");
    start("*.log");
    poll();
    stop();
    restart(); // It knows of positions from before.
    poll();
    Files.delete(directory.resolve("a.log"));
    letEnd();
    assertThat(ended()).isTrue();
    pass(Duration.ofMinutes(50));
    poll();
    assertThat(sources()).as("a while").containsExactly("a.log", "b.log");
    pass(Duration.ofMinutes(20));
    poll();
    append("b.log", "b2\n");
    poll();
    assertThat(sources()).containsExactly("b.log");
    append("a.log", "one\n");
    pass(Duration.ofSeconds(2));
    assertThat(poll()).containsExactly("a.log@0:one");
    letEnd();
    assertThat(sources()).containsExactly("b.log", "a.log");
    assertThat(lost).isEmpty();
    assertThat(follower.obstacle() + follower.waitsFor()).isEmpty();
  }

  /** What went with the directory may go on where nobody sees it. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void noEndIsSaidWhileTheDirectoryIsAway(boolean emptyMountPoint) throws IOException {
    Path logs = Files.createDirectory(directory.resolve("logs"));
    append("logs/a.log", "one\n");
    start("logs/*.log");
    poll();
    Path away = directory.resolve("away");
    Files.delete(logs.resolve("a.log"));
    pass(GRACE.dividedBy(2));
    poll();
    Files.move(logs, away);
    if (emptyMountPoint) {
      Files.createDirectory(logs);
    }
    Long last = complete();
    letEnd();
    assertThat(ended()).isFalse();
    assertThat(complete()).isEqualTo(last);
    assertThat(follower.obstacle())
        .contains(emptyMountPoint ? "another directory" : "no directory");
    Files.deleteIfExists(logs);
    Files.move(away, logs);
    letEnd();
    assertThat(ended()).isTrue();
    assertThat(lost).isEmpty();
    assertThat(follower.obstacle()).isEmpty();
  }

  /** A deleted file is followed until it has not grown for a while. */
  private void letEnd() {
    for (int i = 0; i < 4; i++) {
      pass(GRACE);
      poll();
    }
  }

  private boolean ended() {
    return follower.completeness().get(0).ended();
  }

  private List<String> sources() {
    return follower.completeness().stream()
        .map(one -> directory.relativize(Path.of(one.source().path())).toString())
        .toList();
  }

  /** A link to nothing, a directory and a pipe have names like any log. */
  @Test
  void aPatternMatchesOnlyWhatCanBeFollowed() throws IOException {
    append("a.log", "one\n");
    Files.createDirectory(directory.resolve("directory.log"));
    Files.createSymbolicLink(directory.resolve("link.log"), directory.resolve("nothing"));
    Files.createSymbolicLink(directory.resolve("null.log"), Path.of("/dev/null"));
    start("*.log");
    poll();
    pass(GRACE);
    poll();
    assertThat(sources()).containsExactly("a.log");
    assertThat(complete()).isEqualTo(nowNanos);
    assertThat(follower.obstacle() + follower.waitsFor()).isEmpty();
    append("nothing", "two\n");
    pass(Duration.ofSeconds(2));
    assertThat(lines(poll())).as("once the link leads somewhere").containsExactly("two");
  }

  /** What was read of it is known, and what it may have held beyond is not: it is not forgotten. */
  @Test
  void aDirectoryInPlaceOfAFileThatWasReadIsNamed() throws IOException {
    append("a.log", "one\n");
    start("*.log");
    poll();
    stop();
    Files.delete(directory.resolve("a.log"));
    Files.createDirectory(directory.resolve("a.log"));
    restart();
    poll();
    pass(GRACE.multipliedBy(2));
    poll();
    assertThat(follower.obstacle()).contains("a.log is a directory");
    assertThat(complete()).isNull();
    Files.delete(directory.resolve("a.log"));
    pass(GRACE);
    poll();
    pass(GRACE);
    poll();
    assertThat(lost).singleElement().satisfies(one -> assertThat(isOf(one, "one\n")).isTrue());
    assertThat(follower.obstacle()).isEmpty();
  }

  /** While it was away, a file may have begun there, and its first line with it. */
  @Test
  void aFileOfADirectoryThatWasAwayMayHaveBegunLongBefore() throws IOException {
    format = LineFormat.CRI;
    Path logs = Files.createDirectory(directory.resolve("logs"));
    String at = "2026-11-03T08:15:00.000000001Z stdout F ";
    start("logs/*.log");
    poll();
    append("logs/a.log", at + "one\n");
    pass(Duration.ofSeconds(2));
    poll();
    assertThat(extents).containsExactly(LineExtent.WHOLE);
    Path away = Files.createDirectory(directory.resolve("away"));
    Files.move(logs.resolve("a.log"), away.resolve("a.log"));
    Files.delete(logs);
    pass(Duration.ofSeconds(2));
    poll();
    append("away/b.log", at + "two\n");
    Files.move(away, logs);
    pass(Duration.ofSeconds(2));
    poll();
    assertThat(lines(shipped)).containsExactly("one", "two");
    assertThat(extents).containsExactly(LineExtent.WHOLE, LineExtent.UNCERTAIN_BEGINNING);
  }

  /** Else every start of a shipper would write all of its patterns anew. */
  @Test
  void theLastLookIsStoredOnlyOnceItIsOld() throws IOException {
    append("a.log", "one\n");
    start("*.log");
    poll();
    stop();
    Map<String, ShipperPosition> before = Map.copyOf(positions);
    restart();
    poll();
    pass(Duration.ofSeconds(2));
    poll();
    assertThat(positions).isEqualTo(before);
  }

  /** A clock that is set back must not keep an instant that never comes again. */
  @Test
  void theLastLookIsStoredAnewAfterHalfAMinuteWhicheverWayTheClockGoes() throws IOException {
    append("a.log", "one\n");
    start("*.log");
    poll();
    Instant first = clock;
    assertThat(storedLook()).isEqualTo(first);
    lookAt(first.plusSeconds(29));
    assertThat(storedLook()).isEqualTo(first);
    lookAt(first.plusSeconds(30));
    assertThat(storedLook()).isEqualTo(first.plusSeconds(30));
    assertThat(follower.changes()).isEmpty();
    lookAt(first.minusSeconds(3_600));
    assertThat(storedLook()).isEqualTo(first.minusSeconds(3_600));
  }

  private void lookAt(Instant instant) {
    clock = instant;
    pass(Duration.ofSeconds(2));
    poll();
  }

  private Instant storedLook() {
    return positions.values().stream()
        .map(ShipperPosition::lookedAt)
        .filter(look -> look != null)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void whoFollowsAFileByAnotherPatternGoesOnWhereItWasLeft() throws IOException {
    append("access.log", "1\n");
    start("access.log");
    poll();
    stop();
    for (int i = 2; i <= 3; i++) {
      append("access.log", i + "\n");
      rotate(9);
    }
    append("access.log", "4\n");
    start("*.log");
    assertThat(lines(poll())).containsExactly("2", "3", "4");
  }

  @Test
  void ofTwoFilesThatAreNamedNoneIsTakenForTheRotationOfTheOther() throws IOException {
    append("a.log", "one\n");
    append("a.log.1", "two\n");
    start("a.log", "a.log.1");
    assertThat(poll()).containsExactlyInAnyOrder("a.log@0:one", "a.log.1@0:two");
  }

  @Test
  void anObstacleOfOnePatternDoesNotMakeTheNewFilesOfOthersDoubtful() throws IOException {
    format = LineFormat.CRI;
    start("missing/*.log", "*.log");
    poll();
    append("new.log", "2026-11-03T08:15:00.000000001Z stdout F one\n");
    pass(Duration.ofSeconds(2));
    assertThat(lines(poll())).containsExactly("one");
    assertThat(extents).containsExactly(LineExtent.WHOLE);
    assertThat(follower.obstacle()).contains("there is no directory");
  }

  /** Rotation goes on when nothing is written, too. */
  @Test
  void anEmptyCompressedFileIsNoLoss() throws IOException {
    append("access.log", "one\n");
    start("access.log");
    poll();
    for (int number = 6; number > 3; number--) {
      append("access.log", "");
      compress("access.log", number);
      append("access.log", "");
      pass(Duration.ofSeconds(11));
      poll();
    }
    pass(GRACE.multipliedBy(2));
    poll();
    assertThat(lost).isEmpty();
  }

  /** Its first line cannot be told, and may never be what it seems to be. */
  @Test
  void aCompressedFileThatIsStillBeingWrittenIsLookedAtOnceItIsWhole() throws IOException {
    append("access.log", "one\n");
    start("access.log");
    poll();
    append("other.log", "never read\n");
    compress("other.log", 3);
    Path whole = directory.resolve("other.log.3.gz");
    byte[] bytes = Files.readAllBytes(whole);
    Path written = directory.resolve("access.log.3.gz");
    Files.write(written, Arrays.copyOf(bytes, bytes.length - 9));
    pass(Duration.ofSeconds(11));
    poll();
    assertThat(lost).isEmpty();
    Files.write(written, bytes);
    pass(Duration.ofSeconds(11));
    poll();
    assertThat(lost)
        .singleElement()
        .satisfies(one -> assertThat(isOf(one, "never read\n")).isTrue());
  }

  @Test
  void aCopyOfACompressedFileFromBeforeIsNoLoss() throws IOException {
    append("access.log", "history\n");
    compress("access.log", 7);
    append("access.log", "one\n");
    start("access.log");
    poll();
    Files.copy(directory.resolve("access.log.7.gz"), directory.resolve("access.log.8.gz"));
    pass(Duration.ofSeconds(11));
    poll();
    assertThat(lost).isEmpty();
  }

  /** The file system uses the identity of what is gone again. */
  @Test
  void aCompressedFileInPlaceOfOneThatIsGoneIsLookedAt() throws IOException {
    append("access.log", "history\n");
    compress("access.log", 7);
    append("access.log", "one\n");
    start("access.log");
    poll();
    Path aside = directory.resolve("aside");
    Files.move(directory.resolve("access.log.7.gz"), aside);
    pass(Duration.ofSeconds(11));
    poll();
    append("other.log", "never read\n");
    compress("other.log", 3);
    Files.write(aside, Files.readAllBytes(directory.resolve("other.log.3.gz")));
    Files.move(aside, directory.resolve("access.log.7.gz"));
    pass(Duration.ofSeconds(11));
    poll();
    assertThat(lost)
        .singleElement()
        .satisfies(one -> assertThat(isOf(one, "never read\n")).isTrue());
  }

  @Test
  void anyNumberOfCompressedFilesFromBeforeIsNoLoss() throws IOException {
    for (int number = 1; number <= 1_100; number++) {
      append("access.log", "old line " + number + "\n");
      compress("access.log", number);
    }
    append("access.log", "one\n");
    start("access.log");
    for (int i = 0; i < 3; i++) {
      poll();
      pass(Duration.ofSeconds(11));
    }
    assertThat(lost).isEmpty();
    append("access.log", "two\n");
    assertThat(lines(poll())).containsExactly("two");
  }

  @ParameterizedTest
  @ValueSource(strings = {"*.log", "new.log"})
  void missesWhatANewFilesRotationCompressedWhileNobodyLooked(String name) throws IOException {
    append("pod-1.log", "one\n");
    start(name);
    poll();
    stop();
    Instant before = Instant.now().minus(Duration.ofHours(1));
    append("new.log", "of an earlier one\n");
    compress("new.log", 9, before);
    append("new.log", "never read\n");
    compress("new.log", 1, Instant.now().plusSeconds(1));
    append("new.log", "two\n");
    restart();
    assertThat(lines(poll())).containsExactly("two");
    assertThat(lost)
        .singleElement()
        .satisfies(
            one -> {
              assertThat(isOf(one, "never read\n")).isTrue();
              assertThat(one.from()).isZero();
              assertThat(one.to()).isNull();
              assertThat(one.reason()).contains("compressed");
            });
  }

  @Test
  void missesOnlyTheRestOfAFileThatWasReadInPartBeforeItWasCompressed() throws IOException {
    append("access.log", "one\n");
    start("access.log");
    poll();
    stop();
    append("access.log", "rest\n");
    compress("access.log", 1, Instant.now().plusSeconds(1));
    append("access.log", "two\n");
    restart();
    assertThat(lines(poll())).containsExactly("two");
    pass(GRACE);
    poll();
    assertThat(lost)
        .singleElement()
        .satisfies(
            one -> {
              assertThat(isOf(one, "one\n")).isTrue();
              assertThat(one.from()).isEqualTo(4);
            });
  }

  /** It began, was rotated and ended, and nobody saw it: what is left of it lies there. */
  @Test
  void missesAFileOfWhichOnlyACompressedOneIsLeft() throws IOException {
    append("pod-1.log", "one\n");
    append("pod-9.log", "history\n");
    compress("pod-9.log", 1);
    start("*.log");
    poll();
    assertThat(sources()).containsExactly("pod-1.log");
    stop();
    append("pod-2.log", "never read\n");
    compress("pod-2.log", 1, Instant.now().plusSeconds(1));
    append("other.txt", "no log\n");
    compress("other.txt", 1, Instant.now().plusSeconds(1));
    restart();
    poll();
    pass(GRACE);
    poll();
    assertThat(lost)
        .singleElement()
        .satisfies(
            one -> {
              assertThat(one.source().path()).endsWith("pod-2.log");
              assertThat(isOf(one, "never read\n")).isTrue();
              assertThat(one.reason()).contains("compressed");
            });
    assertThat(sources()).containsExactlyInAnyOrder("pod-1.log", "pod-2.log");
    assertThat(follower.completeness())
        .filteredOn(one -> one.source().path().endsWith("pod-2.log"))
        .allMatch(FileFollower.Completeness::ended);
    assertThat(follower.obstacle() + follower.waitsFor()).isEmpty();
    append("pod-2.log", "two\n");
    assertThat(lines(poll())).as("another of that name").containsExactly("two");
  }

  /** Its inode is used again, or it was truncated: whoever starts anew must know what is missed. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aLossIsToldAlsoIfAnotherFileHasItsInodeAndARestartComesBeforeThat(boolean down)
      throws IOException {
    append("access.log", "one\ntwo\n");
    start("access.log");
    poll();
    if (down) {
      stop();
    }
    truncate("access.log");
    append("access.log", "three\n");
    if (down) {
      restart();
    }
    assertThat(lines(poll())).containsExactly("three");
    for (int i = 0; i < 3; i++) {
      restart();
      assertThat(poll()).isEmpty();
    }
    assertThat(lost).isEmpty();
    pass(GRACE);
    poll();
    assertThat(lost)
        .singleElement()
        .satisfies(
            one -> {
              assertThat(isOf(one, "one\n")).isTrue();
              assertThat(one.from()).isEqualTo(8);
              assertThat(one.to()).isNull();
            });
    restart();
    pass(GRACE.multipliedBy(2));
    assertThat(poll()).isEmpty();
    assertThat(lost).hasSize(1);
    assertThat(positions.keySet()).noneMatch(key -> key.contains("gone"));
  }

  @Test
  void theCopyOfATruncatedFileIsReadOnAlsoIfItIsFoundAfterARestart() throws IOException {
    append("access.log", "one\n");
    start("access.log");
    poll();
    append("access.log", "two\n");
    Files.copy(directory.resolve("access.log"), directory.resolve("aside"));
    truncate("access.log");
    append("access.log", "three\n");
    poll();
    restart();
    poll();
    Files.move(directory.resolve("aside"), directory.resolve("access.log.1"));
    pass(Duration.ofSeconds(11));
    poll();
    pass(GRACE);
    poll();
    assertThat(lines(shipped)).containsExactlyInAnyOrder("one", "two", "three");
    assertThat(lost).isEmpty();
  }

  /** Nothing was read of it, so that any other file would look like it. */
  @Test
  void whatCameIntoAnEmptyFileThatIsGoneIsMissedAlsoIfAnotherIsInItsPlace() throws IOException {
    append("access.log", "");
    start("access.log");
    poll();
    stop();
    append("access.log", "unseen\n");
    Files.move(directory.resolve("access.log"), directory.resolve("deleted"));
    append("access.log", "one\n");
    restart();
    assertThat(lines(poll())).containsExactly("one");
    for (int i = 0; i < 2; i++) {
      pass(GRACE.multipliedBy(2));
      assertThat(poll()).isEmpty();
      assertThat(lost)
          .singleElement()
          .satisfies(
              one -> {
                assertThat(one.file()).isEqualTo(SourceState.UNKNOWN_FILE);
                assertThat(one.from()).isZero();
                assertThat(one.to()).isNull();
              });
      restart();
    }
  }

  /** As if it had been deleted, and the one in its place got its inode. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatWasSeenAndNotReadIsMissedAlsoIfAnotherHasItsInode(boolean down) throws IOException {
    append("access.log", "seen\n");
    start("access.log");
    see();
    if (down) {
      stop();
    }
    truncate("access.log");
    append("access.log", "another\n");
    if (down) {
      restart();
    }
    assertThat(lines(poll())).containsExactly("another");
    for (int i = 0; i < 2; i++) {
      restart();
      pass(GRACE.multipliedBy(2));
      assertThat(poll()).isEmpty();
      pass(GRACE.multipliedBy(2));
      assertThat(poll()).isEmpty();
      assertThat(lost)
          .singleElement()
          .satisfies(
              one -> {
                assertThat(isOf(one, "seen\n")).isTrue();
                assertThat(one.from()).isZero();
                assertThat(one.to()).isNull();
              });
    }
  }

  @Test
  void halfALineThatWasSeenIsMissedAlsoIfAnotherFileHasItsInode() throws IOException {
    append("access.log", "half");
    start("access.log");
    poll();
    poll();
    stop();
    truncate("access.log");
    append("access.log", "another\n");
    restart();
    assertThat(lines(poll())).containsExactly("another");
    pass(GRACE.multipliedBy(2));
    poll();
    assertThat(lost)
        .singleElement()
        .satisfies(one -> assertThat(one.file()).isEqualTo(SourceState.UNKNOWN_FILE));
  }

  /** The copy holds all of it, and is read from its start. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void halfALineThatWasSeenIsNotMissedIfItsFileWasCopiedAndTruncated(boolean down)
      throws IOException {
    String half = "h".repeat(300);
    append("access.log", half);
    start("access.log");
    poll();
    poll();
    if (down) {
      stop();
    }
    append("access.log", " a line\n");
    copyAndTruncate(5);
    append("access.log", "another\n");
    if (down) {
      restart();
    }
    pass(Duration.ofSeconds(11));
    assertThat(lines(poll())).containsExactly(half + " a line", "another");
    for (int i = 0; i < 2; i++) {
      pass(GRACE.multipliedBy(2));
      assertThat(poll()).isEmpty();
      restart();
    }
    assertThat(lost).isEmpty();
    assertThat(positions.keySet()).noneMatch(key -> key.contains("gone"));
  }

  /** Its position is written again when its first line is complete, and not each time it grows. */
  @Test
  void whatGrowsUnreadIsStillTheSame() throws IOException {
    append("access.log", "");
    start("access.log");
    List<Integer> changes = new ArrayList<>();
    for (String text : List.of("", "ha", "l", "f\n", "one\n", "two\n")) {
      append("access.log", text);
      pollUncommitted(1);
      changes.add(follower.changes().size());
      commit();
    }
    assertThat(changes).as("the first time with the pattern's").containsExactly(2, 1, 0, 1, 0, 0);
    restart();
    see();
    append("access.log", "three\n");
    restart();
    assertThat(lines(poll())).containsExactly("half", "one", "two", "three");
    pass(GRACE.multipliedBy(2));
    poll();
    assertThat(lost).isEmpty();
  }

  /** Versions before this one did not note what a file begins with before they had read it. */
  @Test
  void whatAnEarlierVersionSawAndDidNotReadIsReadOn() throws IOException {
    append("access.log", "one\n");
    start("access.log");
    see();
    stop();
    String nothing = FileContent.checksum(new byte[0]);
    positions.replaceAll(
        (key, p) -> new ShipperPosition(p.host(), p.path(), p.fileKey(), nothing, 0, nothing, 0));
    restart();
    assertThat(lines(poll())).containsExactly("one");
    pass(GRACE.multipliedBy(2));
    poll();
    assertThat(lost).isEmpty();
  }

  /** It lay behind the rotated one, and is read behind it though its name is gone. */
  @Test
  void aLiveFileThatIsDeletedKeepsItsPlaceInTheOrder() throws IOException {
    format = LineFormat.CRI;
    String at = "2026-11-03T08:15:00.000000001Z stdout ";
    start("access.log");
    poll();
    append("access.log", at + "P o\n");
    poll();
    rotate(5);
    append("access.log", at + "P n\n");
    poll();
    Files.delete(directory.resolve("access.log"));
    append("access.log", at + "F e\n");
    pollUncommitted(Integer.MAX_VALUE);
    follower.rolledBack();
    uncommitted.clear();
    assertThat(lines(poll())).containsExactly("one");
  }

  /** It may have lain between them, with the beginning of a line at its end. */
  @Test
  void behindAFileThatWentAwayUnreadEachFileOfWhichNothingWasReadIsDoubted() throws IOException {
    format = LineFormat.CRI;
    String at = "2026-11-03T08:15:00.000000001Z stdout ";
    start("access.log");
    poll();
    append("access.log", at + "F one\n");
    rotate(5);
    append("access.log", at + "P t\n");
    see();
    stop();
    truncate("access.log");
    append("access.log", at + "F wo\n" + at + "F three\n");
    restart();
    assertThat(lines(poll())).containsExactly("one", "wo", "three");
    assertThat(extents.subList(1, 3))
        .containsExactly(LineExtent.UNCERTAIN_BEGINNING, LineExtent.WHOLE);
  }

  /** The other one's inode is used again. */
  @Test
  void whatOnePathForgetsAnotherStillKnows() throws IOException {
    append("b.log", "one\n");
    append("c.log", "a\n");
    start("*.log");
    poll();
    stop();
    Files.move(directory.resolve("b.log"), directory.resolve("a.log"));
    Files.writeString(directory.resolve("a.log"), "another\n");
    restart();
    assertThat(lines(poll())).containsExactly("another");
    pass(GRACE.multipliedBy(2));
    poll();
    assertThat(lost).singleElement().satisfies(one -> assertThat(isOf(one, "one\n")).isTrue());
    restart();
    assertThat(poll()).as("what was read").isEmpty();
  }

  /** Rotation renamed it, and its writer has ended or writes rarely. */
  @Test
  void readsAFileOfWhichOnlyARotatedOneIsLeft() throws IOException {
    append("pod-1.log", "one\n");
    start("*.log");
    poll();
    stop();
    append("pod-2.log", "two\n");
    Files.move(directory.resolve("pod-2.log"), directory.resolve("pod-2.log.1"));
    append("other.txt", "no log\n");
    Files.move(directory.resolve("other.txt"), directory.resolve("other.txt.1"));
    restart();
    assertThat(lines(poll())).containsExactly("two");
    assertThat(sources()).containsExactlyInAnyOrder("pod-1.log", "pod-2.log");
    pass(GRACE.multipliedBy(2));
    poll();
    restart();
    assertThat(poll()).isEmpty();
    assertThat(lost).isEmpty();
  }

  /** Compression keeps the time of the last change, and file systems tell it coarsely. */
  @Test
  void missesWhatWasChangedInTheSecondOfTheLastLook() throws IOException {
    append("pod-1.log", "one\n");
    start("*.log");
    poll();
    stop();
    append("pod-2.log", "never read\n");
    compress("pod-2.log", 1, clock.minusMillis(900));
    restart();
    poll();
    pass(GRACE);
    poll();
    assertThat(lost)
        .singleElement()
        .satisfies(one -> assertThat(one.source().path()).endsWith("pod-2.log"));
  }

  /** Kafka kept it waiting, or the machine was asleep: that is as if it had been down. */
  @Test
  void missesAFileThatBeganAndWasCompressedWhileNobodyLookedForLong() throws IOException {
    append("pod-1.log", "one\n");
    start("*.log");
    poll();
    append("pod-2.log", "never read\n");
    compress("pod-2.log", 1, clock.plusSeconds(30));
    clock = clock.plusSeconds(60);
    pass(Duration.ofSeconds(60));
    poll();
    pass(GRACE);
    poll();
    assertThat(lost)
        .singleElement()
        .satisfies(one -> assertThat(one.source().path()).endsWith("pod-2.log"));
  }

  /** Else a crash in between would hide what nobody has told yet. */
  @Test
  void theLastLookIsStoredOnlyOnceAllThatItFoundWasLookedAt() throws IOException {
    append("pod-1.log", "one\n");
    start("*.log");
    poll();
    stop();
    append("pod-2.log", "never read\n");
    compress("pod-2.log", 1, clock.plusSeconds(30));
    append("pod-1.log", "two\n");
    clock = clock.plusSeconds(60);
    restart();
    pollUncommitted(0);
    commit();
    pollUncommitted(1);
    commit();
    restart();
    poll();
    assertThat(lost)
        .singleElement()
        .satisfies(one -> assertThat(one.source().path()).endsWith("pod-2.log"));
  }

  /** Others had so much to read that a transaction was full before. */
  @Test
  void theLastLookIsStoredOnlyOnceEachPathHadItsTurnSince() throws IOException {
    start("access.log");
    poll();
    append("access.log", "never read\n");
    Instant changed = clock;
    clock = clock.plusSeconds(60);
    pass(Duration.ofSeconds(60));
    pollUncommitted(0);
    commit();
    stop();
    compress("access.log", 1, changed);
    restart();
    poll();
    assertThat(lost)
        .singleElement()
        .satisfies(one -> assertThat(isOf(one, "never read\n")).isTrue());
  }

  /** One of them must not keep the others waiting. */
  @Test
  void aCompressedFileThatCannotBeLookedAtIsNamedAndTheOthersAreRead() throws IOException {
    append("pod-1.log", "one\n");
    start("*.log");
    poll();
    stop();
    Path broken = directory.resolve("pod-2.log.1.gz");
    Files.createSymbolicLink(broken, Path.of("x".repeat(300)));
    append("pod-1.log", "two\n");
    restart();
    assertThat(lines(poll())).containsExactly("two");
    assertThat(follower.obstacle()).contains("pod-2.log.1.gz");
    Files.delete(broken);
    pass(Duration.ofSeconds(2));
    poll();
    assertThat(follower.obstacle()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"pod-1.log.1", "pod-1.log.1.gz"})
  void aRotatedFileThatCannotBeLookedAtIsNamedAndTheLiveOneIsRead(String name) throws IOException {
    append("pod-1.log", "one\n");
    Path broken = directory.resolve(name);
    Files.createSymbolicLink(broken, Path.of("x".repeat(300)));
    start("*.log");
    assertThat(lines(poll())).containsExactly("one");
    assertThat(follower.obstacle()).contains(name);
    assertThat(complete()).isNull();
    Files.delete(broken);
    pass(Duration.ofSeconds(11));
    poll();
    assertThat(follower.obstacle()).isEmpty();
    assertThat(complete()).isNotNull();
  }

  /** No file can ever be there, so nobody is to wait for one. */
  @ParameterizedTest
  @ValueSource(strings = {"pod-1.log.1", "pod-1.log.1.gz", "pod-2.log.1", "pod-2.log.1.gz"})
  void aLinkThatLeadsNowhereIsNoObstacle(String name) throws IOException {
    append("pod-1.log", "one\n");
    start("*.log");
    poll();
    stop();
    Path loop = directory.resolve(name);
    Files.createSymbolicLink(loop, loop);
    Files.createSymbolicLink(directory.resolve(name + "1"), Path.of("pod-1.log/within"));
    Files.createSymbolicLink(directory.resolve("pod-3.log"), directory.resolve("pod-3.log"));
    append("pod-1.log", "two\n");
    restart();
    assertThat(lines(poll())).containsExactly("two");
    assertThat(follower.obstacle()).isEmpty();
    Long before = complete();
    pass(Duration.ofSeconds(11));
    poll();
    assertThat(follower.obstacle()).isEmpty();
    assertThat(complete()).isGreaterThan(before);
  }

  /** Whether its lines were read, nobody can tell any more. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void missesACompressedFileThatCannotBeReadOnceItIsNoWorkUnderWay(boolean down)
      throws IOException {
    append("access.log", "one\n");
    Path before = directory.resolve("access.log.9.gz");
    Files.writeString(before, "damaged, and from before");
    Files.setLastModifiedTime(before, FileTime.from(clock.minusSeconds(3_600)));
    start("access.log");
    poll();
    if (down) {
      stop();
    }
    Path damaged = directory.resolve("access.log.1.gz");
    Files.writeString(damaged, "no ");
    Files.setLastModifiedTime(damaged, FileTime.from(clock.plusSeconds(30)));
    if (down) {
      restart();
    }
    for (int i = 0; i < 10; i++) {
      // As long as it grows, it is being written.
      append("access.log.1.gz", "gzip ");
      pass(Duration.ofSeconds(11));
      poll();
    }
    assertThat(lost).isEmpty();
    for (int i = 0; i < 20; i++) {
      pass(Duration.ofSeconds(11));
      poll();
    }
    assertThat(lost)
        .singleElement()
        .satisfies(
            one -> {
              assertThat(one.file()).isEqualTo(SourceState.UNKNOWN_FILE);
              assertThat(one.from()).isZero();
              assertThat(one.to()).isNull();
              assertThat(one.reason()).contains("access.log.1.gz");
            });
  }

  /** What it begins with may be the end of a line that lies in one that nobody has read. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void behindACompressedFileThatNobodyReadTheFirstLineIsDoubted(boolean rolledBack)
      throws IOException {
    format = LineFormat.CRI;
    String at = "2026-11-03T08:15:00.000000001Z stdout F ";
    start("access.log");
    poll();
    append("access.log", at + "one\n");
    poll();
    append("access.log", at + "two\n");
    rotate(5);
    append("access.log", at + "never read\n");
    compress("access.log", 5, Instant.now());
    append("access.log", at + "three\n" + at + "four\n");
    extents.clear();
    pass(Duration.ofSeconds(11));
    if (rolledBack) {
      pollUncommitted(10);
      follower.rolledBack();
      uncommitted.clear();
      extents.clear();
    }
    assertThat(lines(poll())).containsExactly("two", "three", "four");
    assertThat(extents.get(1)).isEqualTo(LineExtent.UNCERTAIN_BEGINNING);
    assertThat(extents.get(2)).isEqualTo(LineExtent.WHOLE);
    assertThat(lost).hasSize(1);
  }

  /** The kubelet calls it so until it is whole; its bytes are no lines. */
  @ParameterizedTest
  @ValueSource(strings = {"0.log", "*.log", "*"})
  void whatIsBeingCompressedIsNotRead(String name) throws IOException {
    String rotated = "0.log.20261128-101010";
    append("0.log", "one\n");
    start(name);
    poll();
    Files.move(directory.resolve("0.log"), directory.resolve(rotated));
    append("0.log", "two\n");
    assertThat(lines(poll())).containsExactly("two");
    // As compressed bytes are: they have line ends, too.
    append(rotated + ".tmp", "\u001f\n\u0008\n");
    for (int i = 0; i < 2; i++) {
      clock = clock.plusSeconds(11);
      pass(Duration.ofSeconds(11));
      assertThat(poll()).isEmpty();
      restart();
    }
    Files.delete(directory.resolve(rotated + ".tmp"));
    pass(GRACE.multipliedBy(2));
    assertThat(poll()).isEmpty();
    assertThat(lost).isEmpty();
  }

  /** No file lies there when it is missed; the one that comes next goes on where it ends. */
  @Test
  void behindACompressedFileThatNobodyReadTheFirstLineOfTheNextFileIsDoubted() throws IOException {
    String at = "2026-11-03T08:15:00.000000001Z stdout F ";
    missACompressedFile(at);
    extents.clear();
    append("access.log", at + "two\n" + at + "three\n");
    pass(Duration.ofSeconds(11));
    assertThat(lines(poll())).containsExactly("two", "three");
    assertThat(extents).containsExactly(LineExtent.UNCERTAIN_BEGINNING, LineExtent.WHOLE);
    rotate(4);
    extents.clear();
    append("access.log", at + "four\n");
    pass(Duration.ofSeconds(2));
    assertThat(lines(poll())).containsExactly("four");
    assertThat(extents).containsExactly(LineExtent.WHOLE);
  }

  /** One that came behind a file which was read, and went unread. */
  private void missACompressedFile(String at) throws IOException {
    missACompressedFile("access.log", at);
  }

  private void missACompressedFile(String name, String at) throws IOException {
    format = LineFormat.CRI;
    start(name);
    append("access.log", at + "one\n");
    poll();
    rotate(5);
    append("access.log", at + "never read\n");
    compress("access.log", 5, Instant.now());
    pass(Duration.ofSeconds(11));
    poll();
    assertThat(lost).hasSize(1);
  }

  /** What comes late in a file that was being read does not go on in the one that is missed. */
  @Test
  void theNextFileIsDoubtedThoughTheOneBeforeGrewMeanwhile() throws IOException {
    String at = "2026-11-03T08:15:00.000000001Z stdout F ";
    missACompressedFile(at);
    extents.clear();
    append("access.log.1", at + "late\n");
    append("access.log", at + "two\n" + at + "three\n");
    pass(Duration.ofSeconds(11));
    assertThat(lines(poll())).containsExactly("late", "two", "three");
    assertThat(extents.subList(1, 3))
        .containsExactly(LineExtent.UNCERTAIN_BEGINNING, LineExtent.WHOLE);
  }

  /** The loss is told by then, and will not be found again. */
  @Test
  void theNextFileIsDoubtedAlsoAfterARestart() throws IOException {
    String at = "2026-11-03T08:15:00.000000001Z stdout F ";
    missACompressedFile(at);
    for (int i = 0; i < 2; i++) {
      clock = clock.plusSeconds(31);
      pass(Duration.ofSeconds(31));
      poll();
    }
    restart();
    poll();
    assertThat(lost).hasSize(1);
    extents.clear();
    append("access.log", at + "two\n" + at + "three\n");
    pass(Duration.ofSeconds(11));
    assertThat(lines(poll())).containsExactly("two", "three");
    assertThat(extents).containsExactly(LineExtent.UNCERTAIN_BEGINNING, LineExtent.WHOLE);
  }

  /** No file is left to whose position the doubt could be written. */
  @Test
  void theNextFileIsDoubtedAlsoAfterARestartIfNoOtherIsLeft() throws IOException {
    String at = "2026-11-03T08:15:00.000000001Z stdout F ";
    missACompressedFile("*.log", at);
    Files.delete(directory.resolve("access.log.1"));
    lookTenTimes(Duration.ofSeconds(11));
    restart();
    poll();
    watchForTwentySeconds();
    extents.clear();
    append("access.log", at + "two\n" + at + "three\n");
    pass(Duration.ofSeconds(2));
    assertThat(lines(poll())).containsExactly("two", "three");
    assertThat(extents).containsExactly(LineExtent.UNCERTAIN_BEGINNING, LineExtent.WHOLE);
    poll();
    assertThat(positions.keySet()).noneMatch(key -> key.contains("missed"));
  }

  /** What goes on in a file that was being read begins nowhere else. */
  @Test
  void aRestartDoesNotDoubtWhatGoesOn() throws IOException {
    String at = "2026-11-03T08:15:00.000000001Z stdout F ";
    missACompressedFile("*.log", at);
    restart();
    poll();
    extents.clear();
    append("access.log.1", at + "late\n");
    pass(Duration.ofSeconds(2));
    poll();
    append("access.log", at + "two\n");
    pass(Duration.ofSeconds(2));
    poll();
    assertThat(lines(shipped)).endsWith("late", "two");
    assertThat(extents).containsExactly(LineExtent.WHOLE, LineExtent.UNCERTAIN_BEGINNING);
  }

  /** The first piece was told to be missing, and its file is gone: what comes is no whole line. */
  @Test
  void theEndOfALineIsNoLineAlsoAfterARestartIfNoFileIsLeft() throws IOException {
    String at = "2026-11-03T08:15:00.000000001Z stdout ";
    format = LineFormat.CRI;
    start("*.log");
    append("access.log", at + "F one\n" + at + "P tw\n");
    poll();
    rotate(5);
    for (int i = 0; i < 3; i++) {
      pass(GRACE);
      poll();
    }
    Files.delete(directory.resolve("access.log.1"));
    lookTenTimes(Duration.ofSeconds(2));
    assertThat(lost).hasSize(1);
    restart();
    watchForTwentySeconds();
    extents.clear();
    append("access.log", at + "F o\n" + at + "F three\n");
    pass(Duration.ofSeconds(2));
    poll();
    assertThat(extents).containsExactly(LineExtent.PART, LineExtent.WHOLE);
    poll();
    assertThat(positions.keySet()).noneMatch(key -> key.contains("missed"));
  }

  /** A file that was rotated away empty has no first line, as long as it lies there. */
  @Test
  void anEmptyFileDoesNotKeepTheDoubt() throws IOException {
    String at = "2026-11-03T08:15:00.000000001Z stdout F ";
    missACompressedFile("*.log", at);
    append("access.log", "");
    pass(Duration.ofSeconds(2));
    poll();
    Files.move(directory.resolve("access.log"), directory.resolve("access.log.0"));
    extents.clear();
    for (int i = 0; i < 3; i++) {
      append("access.log", at + "line " + i + "\n");
      pass(Duration.ofSeconds(2));
      poll();
    }
    assertThat(extents)
        .containsExactly(LineExtent.UNCERTAIN_BEGINNING, LineExtent.WHOLE, LineExtent.WHOLE);
    assertThat(positions.keySet()).noneMatch(key -> key.contains("missed"));
  }

  @Test
  void theDoubtOutlivesAnEmptyFileThatTookIt() throws IOException {
    String at = "2026-11-03T08:15:00.000000001Z stdout F ";
    missACompressedFile("*.log", at);
    Files.delete(directory.resolve("access.log.1"));
    append("access.log", "");
    pass(Duration.ofSeconds(2));
    poll();
    Files.delete(directory.resolve("access.log"));
    lookTenTimes(Duration.ofSeconds(11));
    watchForTwentySeconds();
    extents.clear();
    append("access.log", at + "two\n" + at + "three\n");
    pass(Duration.ofSeconds(2));
    poll();
    assertThat(extents).containsExactly(LineExtent.UNCERTAIN_BEGINNING, LineExtent.WHOLE);
  }

  /** Which of two that begin goes on where a missed one ends, nobody knows. */
  @Test
  void eachFileThatBeginsIsDoubted() throws IOException {
    String at = "2026-11-03T08:15:00.000000001Z stdout F ";
    format = LineFormat.CRI;
    start("access.log");
    append("access.log", at + "one\n");
    poll();
    rotate(5);
    append("access.log", at + "never read\n");
    compress("access.log", 5, Instant.now());
    append("access.log.0", at + "two\n" + at + "three\n");
    append("access.log", at + "four\n" + at + "five\n");
    extents.clear();
    pass(Duration.ofSeconds(11));
    assertThat(lines(poll())).containsExactlyInAnyOrder("two", "three", "four", "five");
    assertThat(extents)
        .containsExactly(
            LineExtent.UNCERTAIN_BEGINNING,
            LineExtent.WHOLE,
            LineExtent.UNCERTAIN_BEGINNING,
            LineExtent.WHOLE);
  }

  /** Pods come and go: nothing is kept of one for ever. */
  @Test
  void theDoubtBehindAWriterThatIsGoneEndsWithIt() throws IOException {
    missACompressedFile("*.log", "2026-11-03T08:15:00.000000001Z stdout F ");
    Files.delete(directory.resolve("access.log.1"));
    lookTenTimes(Duration.ofSeconds(11));
    restart();
    poll();
    assertThat(positions.keySet()).anyMatch(key -> key.contains("missed"));
    for (int i = 0; i < 2; i++) {
      clock = clock.plus(Duration.ofHours(1));
      pass(Duration.ofHours(1));
      poll();
    }
    assertThat(positions.keySet()).noneMatch(key -> key.contains("missed"));
    assertThat(follower.completeness()).isEmpty();
  }

  /** Kafka kept it waiting: the file may be what rotation has left of one that nobody saw. */
  @ParameterizedTest
  @ValueSource(strings = {"*.log", "new.log"})
  void theFirstLineOfAFileThatCameWhileNobodyLookedIsDoubted(String name) throws IOException {
    format = LineFormat.CRI;
    String at = "2026-11-03T08:15:00.000000001Z stdout F ";
    start(name);
    poll();
    pass(Duration.ofSeconds(2));
    poll();
    append("new.log", at + "one\n" + at + "two\n");
    clock = clock.plusSeconds(20);
    pass(Duration.ofSeconds(20));
    assertThat(lines(poll())).containsExactly("one", "two");
    assertThat(extents).containsExactly(LineExtent.UNCERTAIN_BEGINNING, LineExtent.WHOLE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"*.log", "new.log"})
  void theFirstLineOfAFileThatCameBeforeOurEyesIsTrustedAlsoAfterAStandstill(String name)
      throws IOException {
    format = LineFormat.CRI;
    start(name);
    poll();
    clock = clock.plusSeconds(20);
    pass(Duration.ofSeconds(20));
    poll();
    append("new.log", "2026-11-03T08:15:00.000000001Z stdout F one\n");
    pass(Duration.ofSeconds(2));
    assertThat(lines(poll())).containsExactly("one");
    assertThat(extents).containsExactly(LineExtent.WHOLE);
  }

  /** Others kept it waiting after a restart: it is read on where it was left all the same. */
  @Test
  void whatIsReadOnWhereItWasLeftIsNotDoubtedThoughItsTurnComesLate() throws IOException {
    format = LineFormat.CRI;
    String at = "2026-11-03T08:15:00.000000001Z stdout F ";
    append("a.log", at + "one\n");
    start("*.log");
    poll();
    append("a.log", at + "two\n");
    restart();
    extents.clear();
    assertThat(pollUncommitted(0)).isEmpty();
    commit();
    clock = clock.plusSeconds(6);
    pass(Duration.ofSeconds(6));
    assertThat(lines(poll())).containsExactly("two");
    assertThat(extents).containsExactly(LineExtent.WHOLE);
  }

  /** What cannot be looked at for a while is not gone, and not another once it is seen again. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aRotatedFileThatCannotBeLookedAtForAWhileIsNotReadAgain(boolean down) throws IOException {
    append("access.log", "one\n");
    start("access.log");
    poll();
    rotate(5);
    append("access.log", "two\n");
    poll();
    pass(GRACE.multipliedBy(2));
    poll();
    Path rotated = directory.resolve("access.log.1");
    Files.move(rotated, directory.resolve("aside"));
    Files.createSymbolicLink(rotated, Path.of("x".repeat(300)));
    append("access.log", "three\n");
    if (down) {
      restart();
    }
    pass(Duration.ofSeconds(11));
    assertThat(lines(poll())).containsExactly("three");
    assertThat(follower.obstacle()).contains("access.log.1");
    pass(GRACE.multipliedBy(2));
    assertThat(poll()).isEmpty();
    Files.delete(rotated);
    Files.move(directory.resolve("aside"), rotated);
    pass(Duration.ofSeconds(11));
    assertThat(poll()).isEmpty();
    pass(GRACE.multipliedBy(2));
    assertThat(poll()).isEmpty();
    restart();
    assertThat(poll()).isEmpty();
    assertThat(follower.obstacle()).isEmpty();
    assertThat(lost).isEmpty();
  }

  /** The oldest one is deleted, and the next has its identity, before anybody looks again. */
  @Test
  void aCompressedFileThatHasTheIdentityOfAnotherIsLookedAt() throws IOException {
    append("access.log", "history\n");
    compress("access.log", 7);
    append("access.log", "one\n");
    start("access.log");
    poll();
    append("other.log", "never read, and of another size\n");
    compress("other.log", 3);
    Path whole = directory.resolve("other.log.3.gz");
    Files.write(directory.resolve("access.log.7.gz"), Files.readAllBytes(whole));
    Files.move(directory.resolve("access.log.7.gz"), directory.resolve("access.log.1.gz"));
    for (int i = 0; i < 3; i++) {
      pass(Duration.ofSeconds(11));
      poll();
    }
    assertThat(lost)
        .singleElement()
        .satisfies(one -> assertThat(isOf(one, "never read, and of another size\n")).isTrue());
  }

  /** Each is named, up to so many; that there are more is not concealed. */
  @Test
  void moreLossesThanAreToldOneByOneAreToldAsOne() throws IOException {
    append("access.log", "one\n");
    start("access.log");
    poll();
    for (int number = 1; number <= 1_003; number++) {
      append("other.log", "never read " + number + "\n");
      compress("other.log", number);
      Files.move(
          directory.resolve("other.log." + number + ".gz"),
          directory.resolve("access.log." + number + ".gz"));
    }
    pass(Duration.ofSeconds(11));
    poll();
    assertThat(lost).hasSize(1_001);
    assertThat(lost.get(1_000).file()).isEqualTo(SourceState.UNKNOWN_FILE);
    assertThat(lost.get(1_000).to()).isNull();
    assertThat(lost.get(1_000).reason()).contains("and more");
  }

  /** Copied away, compressed and truncated: what came since the last look is in no file we read. */
  @Test
  void namesWhatATruncationMayHaveTaken() throws IOException {
    append("access.log", "one\n");
    start("access.log");
    poll();
    append("access.log", "unseen\n");
    truncate("access.log");
    append("access.log", "x\n");
    poll();
    pass(GRACE);
    poll();
    assertThat(lost)
        .singleElement()
        .satisfies(
            one -> {
              assertThat(one.from()).isEqualTo(4);
              assertThat(one.to()).isNull();
              assertThat(one.reason()).contains("truncated");
            });
    pass(GRACE);
    poll();
    assertThat(lost).hasSize(1);
  }

  @Test
  void namesWhatATruncationMayHaveTakenWhileNobodyLooked() throws IOException {
    append("access.log", "one\n");
    start("access.log");
    poll();
    pass(Duration.ofHours(2));
    truncate("access.log");
    poll();
    pass(GRACE);
    poll();
    assertThat(lost).hasSize(1);
  }

  @Test
  void aTruncationOfWhatLayIdleBeforeOurEyesLosesNothing() throws IOException {
    append("access.log", "one\n");
    start("access.log");
    for (int i = 0; i < 65; i++) {
      pass(Duration.ofSeconds(1));
      poll();
    }
    truncate("access.log");
    poll();
    pass(GRACE);
    poll();
    append("access.log", "two\n");
    assertThat(lines(poll())).containsExactly("two");
    assertThat(lost).isEmpty();
    assertThat(complete()).isEqualTo(nowNanos);
  }

  /** Half a line is no idle writer's, and what was looked at long ago tells nothing. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void ofWhatLayIdleATruncationMayStillHaveTakenSomething(boolean half) throws IOException {
    append("access.log", half ? "one\ntw" : "one\n");
    start("access.log");
    for (int i = 0; i < 65; i++) {
      pass(Duration.ofSeconds(1));
      poll();
    }
    pass(half ? Duration.ofSeconds(1) : Duration.ofHours(1));
    truncate("access.log");
    poll();
    pass(GRACE);
    poll();
    assertThat(lost).singleElement().satisfies(one -> assertThat(one.from()).isEqualTo(4));
  }

  /** What was read of it is committed first. */
  @Test
  void whatWasReadBeforeATruncationIsReported() throws IOException {
    append("access.log", "one\n");
    start("access.log");
    poll();
    append("access.log", "two\n");
    assertThat(lines(pollUncommitted(Integer.MAX_VALUE))).containsExactly("two");
    truncate("access.log");
    pollUncommitted(Integer.MAX_VALUE);
    commit();
    poll();
    assertThat(lines(shipped)).containsExactly("one", "two");
    assertThat(ranges).extracting(SourceInput.Shipped::to).endsWith(8L);
    pass(GRACE);
    poll();
    assertThat(lost).singleElement().satisfies(one -> assertThat(one.from()).isEqualTo(8));
  }

  /** Its first piece lies in the copy, and is read there once more. */
  @Test
  void aLineInPiecesIsJoinedOnceOverATruncationWithACopy() throws IOException {
    format = LineFormat.CRI;
    String at = "2026-11-03T08:15:00.000000001Z stdout ";
    append("access.log", at + "F one\n" + at + "P tw");
    append("access.log", "\n");
    start("access.log");
    poll();
    copyAndTruncate(8);
    append("access.log", at + "F o\n" + at + "F three\n");
    assertThat(lines(poll())).containsExactly("two", "three");
    assertThat(extents).hasSize(3).endsWith(LineExtent.WHOLE, LineExtent.WHOLE);
  }

  @Test
  void behindATruncationTheFirstLineIsDoubtedAlsoWhileARotatedFileIsFollowed() throws IOException {
    format = LineFormat.CRI;
    String at = "2026-11-03T08:15:00.000000001Z stdout F ";
    start("access.log");
    poll();
    append("access.log", at + "one\n");
    poll();
    rotate(5);
    append("access.log", at + "two\n");
    poll();
    append("access.log", at + "unseen\n");
    truncate("access.log");
    append("access.log", at + "3\n");
    poll();
    assertThat(lines(shipped)).containsExactly("one", "two", "3");
    assertThat(extents)
        .containsExactly(LineExtent.WHOLE, LineExtent.WHOLE, LineExtent.UNCERTAIN_BEGINNING);
  }

  /** The beginning of the first line lay in what nobody read. */
  @Test
  void behindAFileThatWentAwayUnreadTheFirstLineIsDoubtedAlsoIfItsFileWasKnownBefore()
      throws IOException {
    format = LineFormat.CRI;
    String at = "2026-11-03T08:15:00.000000001Z stdout ";
    start("access.log");
    poll();
    append("access.log", at + "F one\n");
    poll();
    append("access.log", at + "P begin\n");
    rotate(5);
    append("access.log", at + "F ning\n" + at + "F two\n");
    see();
    stop();
    Files.delete(directory.resolve("access.log.1"));
    restart();
    extents.clear();
    assertThat(lines(poll())).containsExactly("ning", "two");
    assertThat(extents).containsExactly(LineExtent.UNCERTAIN_BEGINNING, LineExtent.WHOLE);
  }

  /** What came just before the new file is known: it is still there. */
  @Test
  void behindAFileThatIsThereTheFirstLineIsNotDoubtedIfAnotherIsGone() throws IOException {
    format = LineFormat.CRI;
    String at = "2026-11-03T08:15:00.000000001Z stdout F ";
    start("access.log");
    poll();
    append("access.log", at + "one\n");
    poll();
    rotate(5);
    append("access.log", at + "two\n");
    poll();
    stop();
    Files.delete(directory.resolve("access.log.1"));
    rotate(5);
    append("access.log", at + "three\n");
    restart();
    poll();
    assertThat(lines(shipped)).containsExactly("one", "two", "three");
    assertThat(extents).containsOnly(LineExtent.WHOLE);
  }

  @Test
  void aTruncationWithACopyLosesNothing() throws IOException {
    append("access.log", "one\n");
    start("access.log");
    poll();
    append("access.log", "two\n");
    copyAndTruncate(8);
    assertThat(lines(poll())).containsExactly("two");
    pass(GRACE.multipliedBy(2));
    poll();
    assertThat(lost).isEmpty();
  }

  /** Two rotations, each compressed at once, while nobody could look. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void missesWhatWasCompressedBeforeItWasRead(boolean down) throws IOException {
    append("access.log", "history\n");
    compress("access.log", 7);
    append("access.log", "one\n");
    start("access.log");
    poll();
    if (down) {
      stop();
    }
    append("access.log", "rest\n");
    compress("access.log", 6);
    append("access.log", "never\nread\n");
    compress("access.log", 5);
    append("access.log", "two\n");
    if (down) {
      restart();
    }
    pass(Duration.ofSeconds(11));
    poll();
    pass(GRACE);
    poll();
    assertThat(lines(shipped)).endsWith("two").doesNotContain("never");
    assertThat(lost)
        .filteredOn(one -> one.reason().contains("compressed"))
        .singleElement()
        .satisfies(
            one -> {
              assertThat(one.from()).isZero();
              assertThat(one.to()).isNull();
              assertThat(isOf(one, "never\n")).isTrue();
            });
    lost.clear();
    restart();
    poll();
    append("access.log", "three\n");
    compress("access.log", 4);
    append("access.log", "four\n");
    pass(Duration.ofSeconds(11));
    poll();
    // What is still looked for after a restart may be told again; once is known to the writer.
    assertThat(lost).as("it was being read").noneMatch(one -> isOf(one, "two\n"));
  }

  private static boolean isOf(SourceInput.Lost one, String firstLine) {
    byte[] bytes = firstLine.getBytes(StandardCharsets.UTF_8);
    return one.file().endsWith(FileContent.checksum(bytes).substring(0, 16));
  }

  /** Keeps the time of the last change, as gzip does. */
  private void compress(String name, int number) throws IOException {
    compress(name, number, Instant.ofEpochMilli(1_000_000L * (2_000 - number)));
  }

  private void compress(String name, int number, Instant changed) throws IOException {
    Path file = directory.resolve(name);
    Path compressed = directory.resolve(name + "." + number + ".gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(compressed))) {
      Files.copy(file, out);
    }
    Files.setLastModifiedTime(compressed, FileTime.from(changed));
    Files.delete(file);
  }

  /** What completeness stops at. */
  private long stopsClaiming() {
    pass(Duration.ofSeconds(10));
    poll();
    Long last = complete();
    pass(GRACE.multipliedBy(2));
    poll();
    assertThat(complete()).isEqualTo(last);
    return last;
  }

  private @Nullable Long complete() {
    return follower.completeness().get(0).completeNanos();
  }

  /**
   * Random writing in pieces, rotation of both kinds, polls with little room, rollbacks and
   * crashes: every line comes once, and in order.
   */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void shipsEveryLineOnceWhateverHappens(long seed) throws IOException {
    Random random = new Random(seed);
    boolean copying = seed % 4 == 0;
    for (int round = 0; round < 12; round++) {
      for (Path file : RotatedFiles.list(directory)) {
        Files.delete(file);
      }
      reset();
      blockBytes = 1 + random.nextInt(200);
      List<String> written = new ArrayList<>();
      StringBuilder unwritten = new StringBuilder();
      start("access.log");
      poll();
      for (int step = 0; step < 60; step++) {
        switch (random.nextInt(9)) {
          case 0, 1, 2 -> {
            for (int i = random.nextInt(6); i >= 0; i--) {
              String line = written.size() + "-" + "x".repeat(random.nextInt(30));
              written.add(line);
              unwritten.append(line).append(random.nextBoolean() ? "\n" : "\r\n\n");
            }
            int cut = random.nextInt(unwritten.length() + 1);
            append("access.log", unwritten.substring(0, cut));
            unwritten.delete(0, cut);
          }
          case 3 -> {
            append("access.log", unwritten.toString());
            unwritten.setLength(0);
            if (copying) {
              copyAndTruncate(8);
            } else {
              rotate(1000);
            }
          }
          case 4 -> restart();
          case 5 -> {
            pollUncommitted(random.nextInt(5));
            follower.rolledBack();
            uncommitted.clear();
          }
          case 6 -> {
            // A crash with lines under way that are not committed.
            pollUncommitted(random.nextInt(5));
            restart();
          }
          case 7 -> pass(Duration.ofSeconds(random.nextInt(100)));
          default -> {
            pollUncommitted(random.nextInt(20));
            commit();
          }
        }
        if (copying) {
          poll(); // The copy is only complete for those who have seen what was there before.
        }
      }
      append("access.log", unwritten.toString());
      poll();
      poll();
      assertThat(lines(shipped)).as("seed %d, round %d", seed, round).isEqualTo(written);
    }
  }

  private void start(String... names) {
    patterns = List.of(names).stream().map(n -> directory.resolve(n).toString()).toList();
    restart();
  }

  private void stop() {
    if (follower != null) {
      follower.close();
    }
    uncommitted.clear();
  }

  private void restart() {
    stop();
    follower =
        new FileFollower(
            new FileFollower.Settings(
                "gw", blockBytes, GRACE.toNanos(), source -> format, () -> clock),
            patterns,
            positions.values(),
            path ->
                (file, offset, bytes, from, to, extent) -> {
                  extents.add(extent);
                  uncommitted.add(
                      directory.relativize(Path.of(path))
                          + "@"
                          + offset
                          + ":"
                          + new String(bytes, from, to - from, StandardCharsets.UTF_8));
                });
  }

  private void reset() {
    stop();
    shipped.clear();
    positions.clear();
  }

  /** Reads and commits all there is. */
  private List<String> poll() {
    int before = shipped.size();
    boolean more = true;
    while (more) {
      nowNanos += Duration.ofMillis(100).toNanos();
      more = follower.poll(nowNanos, () -> false);
      commit();
    }
    return List.copyOf(shipped.subList(before, shipped.size()));
  }

  /** Finds what is there, and reads nothing of it: others have much to read. */
  private void see() {
    assertThat(pollUncommitted(1)).isEmpty();
    commit();
  }

  /** Reads, but no more than some blocks. */
  private List<String> pollUncommitted(int blocks) {
    nowNanos += Duration.ofMillis(100).toNanos();
    int[] left = {blocks};
    int before = uncommitted.size();
    follower.poll(nowNanos, () -> left[0]-- <= 0);
    return List.copyOf(uncommitted.subList(before, uncommitted.size()));
  }

  private void commit() {
    for (SourceInput report : follower.reports(Instant.EPOCH)) {
      if (report instanceof SourceInput.Lost one) {
        lost.add(one);
      } else if (report instanceof SourceInput.Shipped range) {
        ranges.add(range);
      }
    }
    for (Map.Entry<String, @Nullable ShipperPosition> change : follower.changes().entrySet()) {
      if (change.getValue() == null) {
        positions.remove(change.getKey());
      } else {
        positions.put(change.getKey(), change.getValue());
      }
    }
    follower.committed();
    shipped.addAll(uncommitted);
    uncommitted.clear();
  }

  /** Often enough that nothing can have come and gone. */
  private void watchForTwentySeconds() {
    for (int i = 0; i < 10; i++) {
      pass(Duration.ofSeconds(2));
      poll();
    }
  }

  /** The time of day goes on, too. */
  private void lookTenTimes(Duration apart) {
    for (int i = 0; i < 10; i++) {
      clock = clock.plus(apart);
      pass(apart);
      poll();
    }
  }

  private void pass(Duration duration) {
    nowNanos += duration.toNanos();
  }

  private static List<String> lines(List<String> entries) {
    return entries.stream().map(e -> e.substring(e.indexOf(':') + 1)).toList();
  }

  private void append(String name, String text) throws IOException {
    Files.writeString(
        directory.resolve(name), text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private void truncate(String name) throws IOException {
    Files.write(directory.resolve(name), new byte[0], StandardOpenOption.TRUNCATE_EXISTING);
  }

  /** Renames as logrotate does, keeping some files. */
  private void rotate(int kept) throws IOException {
    shift(kept);
    Files.move(directory.resolve("access.log"), directory.resolve("access.log.1"));
  }

  private void copyAndTruncate(int kept) throws IOException {
    shift(kept);
    Files.copy(directory.resolve("access.log"), directory.resolve("access.log.1"));
    truncate("access.log");
  }

  private void shift(int kept) throws IOException {
    Files.deleteIfExists(directory.resolve("access.log." + kept));
    for (int i = kept - 1; i >= 1; i--) {
      Path from = directory.resolve("access.log." + i);
      if (Files.exists(from)) {
        Files.move(from, directory.resolve("access.log." + (i + 1)));
      }
    }
  }
}
