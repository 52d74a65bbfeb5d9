package dev.taximeter.streams.intake;

import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.Holders;
import dev.taximeter.contract.event.LineFate;
import dev.taximeter.contract.event.Reason;
import dev.taximeter.contract.event.SuspendedUsage;
import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.security.Fingerprinter;
import dev.taximeter.parse.LineFlags;
import dev.taximeter.parse.ParsedLine;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Decides what becomes of a line that has not been seen before. */
final class LineJudge {
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
   * @param line without its end-of-line
   */
  Decision judge(byte[] line, Arrival arrival) {
    ParsedLine parsed = parser.parse(line, arrival.source(), arrival.at());
    String rawKey = parsed.rawKey();
    String fingerprint = rawKey == null ? null : fingerprinter.fingerprint(rawKey);
    String lastFour = rawKey == null ? "" : Fingerprinter.lastFour(rawKey);
    return switch (parsed.verdict()) {
      case BILLABLE -> usage(parsed, fingerprint, lastFour, arrival);
      case UNBILLABLE -> rejected(Fate.UNBILLABLE, parsed, fingerprint, arrival);
      case SUSPENSE ->
          new Decision.Suspended(
              rejected(Fate.SUSPENSE, parsed, fingerprint, arrival),
              suspended(parsed, line, arrival));
      case QUARANTINED -> rejected(Fate.QUARANTINED, parsed, fingerprint, arrival);
    };
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
            parsed.requestId());
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
    return Holders.ofKey(fingerprint);
  }

  /** A line that tells no believable time counts at its arrival, by which it was over. */
  private SuspendedUsage suspended(ParsedLine parsed, byte[] line, Arrival arrival) {
    Reason reason = parsed.reason();
    Instant told = parsed.completion();
    Instant completion = told == null ? arrival.at() : told;
    Instant start = parsed.start();
    List<String> flags = new ArrayList<>(parsed.flags());
    if (told == null && !flags.contains(LineFlags.COMPLETION_AT_ARRIVAL)) {
      flags.add(LineFlags.COMPLETION_AT_ARRIVAL);
    }
    Usage usage =
        new Usage(
            arrival.id(),
            Fate.SUSPENSE,
            "",
            null,
            null,
            ModelName.clean(parsed.model()),
            parsed.tokens(),
            completion,
            start == null ? completion : start,
            arrival.at(),
            arrival.source(),
            arrival.offset(),
            arrival.shipment(),
            flags,
            parsed.requestId());
    return new SuspendedUsage(
        usage,
        reason == null ? Reason.INTERNAL_ERROR : reason,
        new SuspendedUsage.Evidence(
            Excerpt.of(line), parsed.candidateKeys().stream().map(this::candidate).toList()));
  }

  private SuspendedUsage.Candidate candidate(String rawKey) {
    String fingerprint = fingerprinter.fingerprint(rawKey);
    CatalogueKeys.Owner owner = keys.ownerOf(fingerprint);
    return new SuspendedUsage.Candidate(
        fingerprint,
        Fingerprinter.lastFour(rawKey),
        owner == null ? null : owner.account(),
        owner == null ? null : owner.keyName());
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
            parsed.requestId()));
  }
}
