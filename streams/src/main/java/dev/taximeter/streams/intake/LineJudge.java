package dev.taximeter.streams.intake;

import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.LineFate;
import dev.taximeter.contract.event.Reason;
import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.security.Fingerprinter;
import dev.taximeter.parse.ParsedLine;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Decides what becomes of a line that has not been seen before. */
final class LineJudge {
  /** Prefix of accounts that nobody has claimed; no account id of the catalogue has a colon. */
  static final String UNATTRIBUTED = "unattributed:";

  /** Enough hex digits to tell keys apart (64 bits), few enough to be read. */
  private static final int ACCOUNT_DIGITS = 16;

  private static final int KEY_NAME_DIGITS = 12;

  private final LineParser parser;
  private final Fingerprinter fingerprinter;
  private final CatalogueKeys keys;

  LineJudge(LineParser parser, Fingerprinter fingerprinter, CatalogueKeys keys) {
    this.parser = parser;
    this.fingerprinter = fingerprinter;
    this.keys = keys;
  }

  /**
   * A decision about a line.
   *
   * @param completion when the line completed; null unless the line alone tells it with certainty
   */
  record Judgement(Decision decision, @Nullable Instant completion) {}

  /**
   * @param line without its end-of-line
   */
  Judgement judge(byte[] line, Arrival arrival) {
    return judge(parser.parse(line, arrival.source(), arrival.at()), arrival);
  }

  /**
   * Judges a dead letter again. What lay in the absurd future when it arrived may be past by now.
   *
   * @param now when it is judged
   */
  Judgement judgeAgain(byte[] line, Arrival arrival, Instant now) {
    ParsedLine parsed = parser.parse(line, arrival.source(), arrival.at());
    return judge(
        parsed.reason() == Reason.ABSURD_FUTURE
            ? parser.parse(line, arrival.source(), now)
            : parsed,
        arrival);
  }

  private Judgement judge(ParsedLine parsed, Arrival arrival) {
    return new Judgement(
        decide(parsed, arrival), parsed.completionCertain() ? parsed.completion() : null);
  }

  private Decision decide(ParsedLine parsed, Arrival arrival) {
    String rawKey = parsed.rawKey();
    String fingerprint = rawKey == null ? null : fingerprinter.fingerprint(rawKey);
    String lastFour = rawKey == null ? "" : Fingerprinter.lastFour(rawKey);
    return switch (parsed.verdict()) {
      case BILLABLE -> usage(parsed, fingerprint, lastFour, arrival);
      case UNBILLABLE -> rejected(Fate.UNBILLABLE, parsed, fingerprint, arrival);
      case SUSPENSE -> rejected(Fate.SUSPENSE, parsed, fingerprint, arrival);
      case QUARANTINED -> rejected(Fate.QUARANTINED, parsed, fingerprint, arrival);
    };
  }

  /** Usage of which history can no longer tell whether it has been counted before. */
  static Decision.Rejected tooOld(Decision.ToAccount withheld) {
    Usage usage = withheld.usage();
    return new Decision.Rejected(
        new LineFate(
            usage.id(),
            Fate.SUSPENSE,
            Reason.TOO_OLD,
            false,
            usage.keyFingerprint(),
            usage.model(),
            usage.completion(),
            usage.arrival(),
            usage.source(),
            usage.offset(),
            usage.shipment(),
            usage.requestId()),
        withheld);
  }

  /** A decision that did not need to look into the line. */
  static Decision.Rejected unread(Fate fate, Reason reason, Arrival arrival) {
    return new Decision.Rejected(
        new LineFate(
            arrival.id(),
            fate,
            reason,
            false,
            null,
            null,
            null,
            arrival.at(),
            arrival.source(),
            arrival.offset(),
            arrival.shipment(),
            null));
  }

  private Decision usage(
      ParsedLine parsed, @Nullable String fingerprint, String lastFour, Arrival arrival) {
    Instant completion = parsed.completion();
    if (completion == null) {
      return unread(Fate.QUARANTINED, Reason.UNREADABLE_TIME, arrival);
    }
    CatalogueKeys.Owner owner = fingerprint == null ? null : keys.ownerOf(fingerprint);
    Instant start = parsed.start();
    Usage usage =
        new Usage(
            arrival.id(),
            owner == null ? Fate.UNATTRIBUTED : Fate.BILLED,
            keyName(owner, fingerprint),
            fingerprint,
            lastFour.isEmpty() ? null : lastFour,
            ModelName.clean(parsed.model()),
            parsed.tokens(),
            completion,
            start == null ? completion : start,
            arrival.at(),
            arrival.source(),
            arrival.offset(),
            arrival.shipment(),
            parsed.flags(),
            null);
    return new Decision.ToAccount(account(owner, fingerprint), usage);
  }

  private static String keyName(CatalogueKeys.@Nullable Owner owner, @Nullable String fingerprint) {
    if (owner != null) {
      return owner.keyName();
    }
    return fingerprint == null ? "" : fingerprint.substring(0, KEY_NAME_DIGITS);
  }

  private static String account(CatalogueKeys.@Nullable Owner owner, @Nullable String fingerprint) {
    if (owner != null) {
      return owner.account();
    }
    return UNATTRIBUTED + (fingerprint == null ? "none" : fingerprint.substring(0, ACCOUNT_DIGITS));
  }

  private static Decision.Rejected rejected(
      Fate fate, ParsedLine parsed, @Nullable String fingerprint, Arrival arrival) {
    Reason reason = parsed.reason();
    String model = parsed.model();
    return new Decision.Rejected(
        new LineFate(
            arrival.id(),
            fate,
            reason == null ? Reason.INTERNAL_ERROR : reason,
            parsed.leakage(),
            fingerprint,
            model == null ? null : ModelName.clean(model),
            parsed.completion(),
            arrival.at(),
            arrival.source(),
            arrival.offset(),
            arrival.shipment(),
            null));
  }
}
