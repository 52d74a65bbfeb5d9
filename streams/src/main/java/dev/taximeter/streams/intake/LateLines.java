package dev.taximeter.streams.intake;

import dev.taximeter.contract.event.DeadLetter;
import dev.taximeter.contract.event.LateLine;
import dev.taximeter.contract.event.LineFate;
import dev.taximeter.streams.intake.LineJudge.Judgement;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;
import java.util.function.Function;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;

/** Decisions as they travel through the late lane. */
final class LateLines {
  private LateLines() {}

  /**
   * @param letterFate fate of the dead letter that the line is or may become; null if none
   * @param letters seals the line's content
   */
  static LateLine of(
      Judgement judgement,
      String id,
      Instant forgottenBefore,
      boolean replay,
      @Nullable LineFate letterFate,
      Function<LineFate, DeadLetter> letters,
      RecordMetadata position) {
    Decision decision = judgement.decision();
    Decision.ToAccount usage = decision instanceof Decision.ToAccount toAccount ? toAccount : null;
    Decision.Suspended suspended =
        decision instanceof Decision.Suspended withoutPayer ? withoutPayer : null;
    return new LateLine(
        id,
        forgottenBefore,
        judgement.completion(),
        replay,
        usage == null ? null : usage.account(),
        usage == null ? null : usage.usage(),
        lineFate(decision),
        suspended == null ? null : suspended.suspended(),
        letterFate == null ? null : letters.apply(letterFate),
        position.partition(),
        position.offset());
  }

  private static @Nullable LineFate lineFate(Decision decision) {
    if (decision instanceof Decision.Suspended suspended) {
      return suspended.rejected().lineFate();
    }
    return decision instanceof Decision.Rejected rejected ? rejected.lineFate() : null;
  }

  /**
   * @param tooOld whether history can no longer tell if the line has been counted
   */
  static Decision decision(LateLine line, boolean tooOld) {
    LineFate fate = line.fate();
    if (fate != null) {
      Decision.Rejected rejected = new Decision.Rejected(fate);
      if (line.suspended() == null) {
        return rejected;
      }
      Decision.Suspended suspended = new Decision.Suspended(rejected, line.suspended());
      return tooOld ? LineJudge.tooOld(suspended) : suspended;
    }
    if (line.account() == null || line.usage() == null) {
      throw new IllegalStateException("a late line is usage or has a fate");
    }
    Decision.ToAccount usage = new Decision.ToAccount(line.account(), line.usage());
    DeadLetter letter = line.letter();
    return tooOld ? LineJudge.tooOld(usage, letter == null ? "" : letter.excerpt()) : usage;
  }

  static Bytes id(LateLine line) {
    return Bytes.wrap(HexFormat.of().parseHex(line.id()));
  }

  static LateLine forgottenBefore(LateLine line, Instant forgottenBefore) {
    return new LateLine(
        line.id(),
        forgottenBefore,
        line.completion(),
        line.replay(),
        line.account(),
        line.usage(),
        line.fate(),
        line.suspended(),
        line.letter(),
        line.partition(),
        line.offset());
  }

  static LateLine.Verdict verdict(Headers headers) {
    return LateLine.Verdict.of(text(headers, LateLine.VERDICT_HEADER));
  }

  /**
   * @return the verdict knows all identities that were processed before, Unix milliseconds
   */
  static long knownBefore(Headers headers) {
    return Long.parseLong(text(headers, LateLine.KNOWN_BEFORE_HEADER));
  }

  private static String text(Headers headers, String name) {
    Header header = headers.lastHeader(name);
    if (header == null) {
      throw new IllegalStateException("a decided late line lacks its header " + name);
    }
    return new String(header.value(), StandardCharsets.UTF_8);
  }
}
