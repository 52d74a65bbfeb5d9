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
    Decision.ToAccount usage =
        decision instanceof Decision.Rejected rejected
            ? rejected.withheld()
            : (Decision.ToAccount) decision;
    return new LateLine(
        id,
        forgottenBefore,
        judgement.completion(),
        replay,
        usage == null ? null : usage.account(),
        usage == null ? null : usage.usage(),
        decision instanceof Decision.Rejected rejected ? rejected.lineFate() : null,
        letterFate == null ? null : letters.apply(letterFate),
        position.partition(),
        position.offset());
  }

  /**
   * @param tooOld whether history can no longer tell if the line has been counted
   */
  static Decision decision(LateLine line, boolean tooOld) {
    Decision.ToAccount usage =
        line.account() == null || line.usage() == null
            ? null
            : new Decision.ToAccount(line.account(), line.usage());
    LineFate fate = line.fate();
    if (fate != null) {
      return new Decision.Rejected(fate, usage);
    }
    if (usage == null) {
      throw new IllegalStateException("a late line is usage or has a fate");
    }
    return tooOld ? LineJudge.tooOld(usage) : usage;
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
