package dev.taximeter.streams.sources;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.SourceInput.Lost;
import dev.taximeter.contract.event.SourceInput.Piece;
import dev.taximeter.contract.event.SourceInput.Shipped;
import dev.taximeter.contract.event.SourceState;
import dev.taximeter.contract.event.SourceState.Gap;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SourceRulesTest {
  private static final LineSource SOURCE = new LineSource("gw", "/access.log");
  private static final String FILE = "11111111-aaaaaaaaaaaaaaaa";
  private static final String COPY = "22222222-aaaaaaaaaaaaaaaa";
  private static final Instant START = Instant.parse("2026-11-20T10:00:00Z");

  private SourceBook book = SourceBook.of(SOURCE, SourceState.Kind.FOREIGN, START);
  private Instant now = START;

  private void see(long from, long to) {
    book = SeenRules.apply(book, new Piece(from, to, 1, false), now);
  }

  private void seeAgain(long from, long to) {
    book = SeenRules.apply(book, new Piece(from, to, 1, true), now);
  }

  private void pass(long seconds) {
    now = now.plusSeconds(seconds);
  }

  private List<String> gaps() {
    return SourceStates.of(book, START, now).gaps().stream().map(SourceRulesTest::text).toList();
  }

  private static String text(Gap gap) {
    String end = gap.to() == null ? "?" : gap.to() + (gap.openEnded() ? "+" : "");
    return gap.file() + ":" + gap.from() + "-" + end;
  }

  /** Lines of 100 bytes, each followed by a line end. */
  private void seeLines(int first, int after) {
    for (int i = first; i < after; i++) {
      see(i * 101L, i * 101L + 100);
    }
  }

  @Test
  void aHoleIsAGapOnceItHasLasted() {
    seeLines(0, 5);
    seeLines(7, 12);
    assertThat(gaps()).isEmpty();
    pass(29);
    assertThat(gaps()).isEmpty();
    pass(1);
    assertThat(gaps()).containsExactly("unknown-1:504-707");
    see(505, 605);
    assertThat(gaps()).containsExactly("unknown-1:605-707");
    see(606, 706);
    assertThat(gaps()).isEmpty();
    assertThat(book.files()).hasSize(1);
  }

  @Test
  void whatWasNotSeenBeforeTheFirstLineAndBehindTheLastIsNoGap() {
    seeLines(1_000, 1_010);
    pass(1_000);
    assertThat(gaps()).isEmpty();
  }

  @Test
  void blankLinesAndLineEndsAreNoGaps() {
    see(0, 100);
    see(115, 200);
    see(202, 300);
    pass(60);
    assertThat(gaps()).isEmpty();
  }

  /** Parts of intake run at different speed; nothing is lost, and no gap may be told. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void disorderOverARotationMakesNoGap(long seed) {
    Random random = new Random(seed);
    List<Piece> all = new ArrayList<>();
    for (int file = 0; file < 5; file++) {
      int offset = 0;
      for (int line = 0; line < 200; line++) {
        int length = 20 + random.nextInt(2_000);
        all.add(new Piece(offset, offset + length, 1, false));
        offset += length + 1;
      }
    }
    for (int i = 0; i < all.size() - 10; i += 10) {
      Collections.shuffle(all.subList(i, i + 10), random);
    }
    for (Piece piece : all) {
      book = SeenRules.apply(book, piece, now);
      now = now.plusMillis(10);
    }
    pass(31);
    assertThat(gaps()).isEmpty();
    assertThat(book.coverageKnown()).isTrue();
    assertThat(book.files().size()).isBetween(4, 8);
  }

  @Test
  void offsetsThatBeginAgainAreAnotherFile() {
    seeLines(0, 10);
    seeLines(12, 20);
    pass(60);
    seeLines(0, 5);
    seeLines(6, 9);
    pass(60);
    assertThat(gaps()).containsExactly("unknown-1:1009-1212", "unknown-2:504-606");
  }

  @Test
  void linesThatComeAgainAreCountedAndFillTheirGap() {
    seeLines(0, 10);
    seeLines(12, 20);
    pass(60);
    for (int i = 0; i < 5; i++) {
      see(i * 61L, i * 61L + 60);
    }
    pass(60);
    for (int i = 0; i < 20; i++) {
      if (i == 10 || i == 11) {
        see(i * 101L, i * 101L + 100);
      } else {
        seeAgain(i * 101L, i * 101L + 100);
      }
    }
    assertThat(gaps()).isEmpty();
    SourceState state = SourceStates.of(book, START, now);
    assertThat(state.reshippedBytes()).isBetween(1_700L, 1_900L);
    assertThat(state.overlaps()).isBetween(17L, 18L);
    assertThat(book.files()).hasSize(2);
  }

  @Test
  void offsetsThatAreNotThoseOfLinesTellNothing() {
    for (int i = 0; i < 200; i++) {
      see(i * 150L, i * 150L + 100);
      pass(31);
      assertThat(gaps()).isEmpty();
    }
    assertThat(SourceStates.of(book, START, now).coverageKnown()).isFalse();
  }

  /** Parts of intake report one after the other, and each has every fourth line. */
  @Test
  void linesThatOtherPartsHaveNotReportedYetTellNothing() {
    for (int part = 0; part < 4; part++) {
      for (int line = part; line < 4_000; line += 4) {
        see(line * 101L, line * 101L + 100);
      }
      pass(1);
      assertThat(gaps()).isEmpty();
    }
    pass(60);
    assertThat(gaps()).isEmpty();
    assertThat(SourceStates.of(book, START, now).coverageKnown()).isTrue();
    see(4_002 * 101L, 4_002 * 101L + 100);
    pass(31);
    assertThat(gaps()).containsExactly("unknown-1:403999-404202");
  }

  @Test
  void aShipperThatReadTheSameFileFillsItsGaps() {
    seeLines(0, 10);
    seeLines(12, 20);
    pass(60);
    assertThat(gaps()).hasSize(1);
    book = SeenRules.reshipped(book, 0, 1_100, now);
    assertThat(gaps()).containsExactly("unknown-1:1100-1212");
    book = SeenRules.reshipped(book, 1_100, 5_000, now);
    assertThat(gaps()).isEmpty();
  }

  @Test
  void gapsOfForgottenFilesAreKept() {
    seeLines(0, 10);
    seeLines(12, 20);
    for (int i = 0; i < Bounds.MOST_FILES + 3; i++) {
      pass(60);
      seeLines(0, 5);
    }
    assertThat(book.files()).hasSize(Bounds.MOST_FILES);
    assertThat(gaps()).containsExactly("unknown-1:1009-1212");
  }

  private void ship(String file, long from, long to, long size, boolean ended) {
    Shipped range = new Shipped(SOURCE, file, from, to, size, ended, 1, now, null);
    book = ShippedRules.close(ShippedRules.apply(book, range, now), range);
  }

  private void lose(String file, long from, @Nullable Long to) {
    book = ShippedRules.apply(book, new Lost(SOURCE, file, from, to, "gone", now), List.of(), now);
  }

  @Test
  void aFileThatIsGoneIsMissingAsFarAsItWasSeen() {
    ship(FILE, 0, 300, 1_000, false);
    lose(FILE, 300, null);
    assertThat(gaps()).containsExactly(FILE + ":300-1000+");
    ship(COPY, 0, 500, 500, false);
    assertThat(gaps()).containsExactly(FILE + ":500-1000+");
    ship(COPY, 500, 1_000, 1_000, false);
    assertThat(gaps()).containsExactly(FILE + ":1000-?");
    ship(COPY, 1_000, 1_000, 1_000, true);
    assertThat(gaps()).isEmpty();
  }

  @Test
  void whatIsToldTwiceIsMissedOnce() {
    lose(FILE, 0, null);
    lose(FILE, 0, null);
    assertThat(gaps()).containsExactly(FILE + ":0-?");
  }

  /** Truncated in place: what was written since the last look is in a copy, or nowhere. */
  @Test
  void whatATruncationMayHaveTakenIsClosedByACopy() {
    ship(FILE, 0, 300, 300, false);
    lose(FILE, 300, null);
    assertThat(gaps()).containsExactly(FILE + ":300-?");
    ship(COPY, 0, 700, 700, true);
    assertThat(gaps()).isEmpty();
  }

  @Test
  void aFileThatWasReadToItsEndIsNotMissing() {
    ship(FILE, 0, 1_000, 1_000, true);
    lose(FILE, 1_000, null);
    assertThat(gaps()).isEmpty();
  }

  @Test
  void whatIsNotKnownIsNotClaimed() {
    lose(FILE, 300, null);
    lose(SourceState.UNKNOWN_FILE, 5, null);
    assertThat(gaps()).containsExactly(FILE + ":300-?", "unknown:5-?");
    ship(COPY, 0, 700, 700, true);
    assertThat(gaps()).containsExactly("unknown:5-?");
  }

  @Test
  void aShorterCopyLeavesTheRestMissing() {
    lose(FILE, 300, 1_000L);
    ship(COPY, 0, 700, 700, true);
    assertThat(gaps()).containsExactly(FILE + ":700-1000");
    ship(COPY, 900, 950, 950, false);
    assertThat(gaps()).containsExactly(FILE + ":700-900", FILE + ":950-1000");
  }

  @Test
  void whatWasCopiedBeforeIsNotMissed() {
    ship(FILE, 0, 300, 1_000, false);
    FileBook copy =
        FileBook.of(COPY, now).with(Coverage.NONE.with(0, 1_000, now, 0), 1_000, true, now);
    book =
        ShippedRules.apply(
            book, new Lost(SOURCE, FILE, 300, null, "gone", now), List.of(copy), now);
    assertThat(gaps()).isEmpty();
  }

  @Test
  void bytesThatAreShippedAgainAreCounted() {
    ship(FILE, 0, 300, 300, false);
    ship(FILE, 300, 600, 600, false);
    ship(FILE, 500, 700, 700, false);
    assertThat(book.reshippedBytes()).isEqualTo(100);
    assertThat(book.overlaps()).isEqualTo(1);
    assertThat(book.lines()).isEqualTo(3);
    assertThat(book.bytes()).isEqualTo(800);
    book = ShippedRules.copied(book, new Shipped(SOURCE, COPY, 0, 50, 50, false, 1, now, null));
    assertThat(book.reshippedBytes()).isEqualTo(150);
  }

  @Test
  void gapsBeyondTheBoundAreCounted() {
    for (int i = 0; i < Bounds.MOST_GAPS + 5; i++) {
      lose(FILE, i * 10L, i * 10L + 5);
    }
    SourceState state = SourceStates.of(book, START, now);
    assertThat(state.gaps()).hasSize(SourceState.MOST_GAPS);
    assertThat(state.gapCount()).isEqualTo(Bounds.MOST_GAPS + 5);
  }
}
