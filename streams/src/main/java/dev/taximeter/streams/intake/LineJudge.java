package dev.taximeter.streams.intake;

import dev.taximeter.contract.event.AccountInput;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.Holders;
import dev.taximeter.contract.event.LineFate;
import dev.taximeter.contract.event.Reason;
import dev.taximeter.contract.event.SuspendedUsage;
import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.security.PayerFingerprints;
import dev.taximeter.contract.security.PayerFingerprints.Payer;
import dev.taximeter.parse.LineFlags;
import dev.taximeter.parse.ParsedLine;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Decides what becomes of a line that has not been seen before. */
final class LineJudge {
  private static final int KEY_NAME_DIGITS = 12;

  private final LineParser parser;
  private final PayerFingerprints fingerprints;
  private final CatalogueKeys keys;

  LineJudge(LineParser parser, PayerFingerprints fingerprints, CatalogueKeys keys) {
    this.parser = parser;
    this.fingerprints = fingerprints;
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
   * @param doubtful whether it may be only the end of a line
   * @param now Unix milliseconds
   */
  Judgement judge(byte[] line, boolean doubtful, Arrival arrival, long now) {
    Instant at = arrival.believed(now);
    return judge(parser.parse(line, arrival.source(), at, doubtful), line, arrival, at);
  }

  /**
   * Judges a line again that was not billed when it came. What lay in the absurd future when it
   * arrived may be past by now. What does not match the template by now is not free by what it says
   * of itself, and its payer is for a person to decide: that a field occurs once makes it the
   * gateway's in lines that were written by the template; in earlier ones, a field that it did not
   * have then can be the client's alone.
   *
   * @param doubtful whether it may be only the end of a line
   * @param now Unix milliseconds
   */
  Judgement judgeAgain(byte[] line, boolean doubtful, Arrival arrival, long now) {
    Instant at = arrival.believed(now);
    ParsedLine parsed = parser.parse(line, arrival.source(), at, doubtful);
    if (parsed.reason() == Reason.ABSURD_FUTURE) {
      parsed = parser.parse(line, arrival.source(), Instant.ofEpochMilli(now), doubtful);
    }
    if (!parsed.flags().contains(LineFlags.TAMPERED)) {
      return judge(parsed, line, arrival, at);
    }
    return switch (parsed.verdict()) {
      case BILLABLE ->
          judge(
              isUndated(parsed.completion()) ? parsed : withoutPayer(parsed, at),
              line,
              arrival,
              at);
      case UNBILLABLE ->
          new Judgement(
              rejected(Fate.QUARANTINED, Reason.FOREIGN_LINE, parsed, null, arrival),
              parsed.completionCertain() ? parsed.completion() : null);
      case SUSPENSE, QUARANTINED -> judge(parsed, line, arrival, at);
    };
  }

  private ParsedLine withoutPayer(ParsedLine parsed, Instant at) {
    List<String> flags = new ArrayList<>(parsed.flags());
    String rawKey = parsed.rawKey();
    if (rawKey != null && !payer(rawKey, parsed, at).believed()) {
      flags.add(Usage.IDENTITY_REFUSED);
    }
    return new ParsedLine(
        ParsedLine.Verdict.SUSPENSE,
        Reason.PAYER_UNCERTAIN,
        false,
        null,
        parsed.model(),
        parsed.tokens(),
        parsed.start(),
        parsed.completion(),
        flags,
        parsed.completionCertain(),
        parsed.requestId(),
        candidates(parsed));
  }

  /** First the key that was believed: among many that are forged it might not have been kept. */
  private static List<String> candidates(ParsedLine parsed) {
    Set<String> keys = new LinkedHashSet<>();
    if (parsed.rawKey() != null) {
      keys.add(parsed.rawKey());
    }
    keys.addAll(parsed.candidateKeys());
    return List.copyOf(keys);
  }

  /**
   * @param at when the line was over at the latest
   */
  private Judgement judge(ParsedLine parsed, byte[] line, Arrival arrival, Instant at) {
    return new Judgement(
        decide(parsed, line, arrival, at), parsed.completionCertain() ? parsed.completion() : null);
  }

  private Decision decide(ParsedLine parsed, byte[] line, Arrival arrival, Instant at) {
    String rawKey = parsed.rawKey();
    Payer payer = rawKey == null ? Payer.NOBODY : payer(rawKey, parsed, at);
    String fingerprint = payer.believed() ? payer.fingerprint() : null;
    Reason told = parsed.reason();
    Reason reason = told == null ? Reason.INTERNAL_ERROR : told;
    return switch (parsed.verdict()) {
      case BILLABLE ->
          payer.believed()
              ? usage(parsed, payer, arrival)
              : disputed(parsed, payer, line, arrival, at);
      case UNBILLABLE -> rejected(Fate.UNBILLABLE, reason, parsed, fingerprint, arrival);
      case SUSPENSE ->
          new Decision.Suspended(
              rejected(Fate.SUSPENSE, reason, parsed, fingerprint, arrival),
              suspended(
                  parsed,
                  reason,
                  parsed.flags(),
                  new SuspendedUsage.Evidence(Excerpt.of(line), candidates(parsed, at)),
                  arrival,
                  at));
      case QUARANTINED -> rejected(Fate.QUARANTINED, reason, parsed, fingerprint, arrival);
    };
  }

  private Payer payer(String rawKey, ParsedLine parsed, Instant at) {
    Instant certain = parsed.completionCertain() ? parsed.completion() : null;
    return fingerprints.payer(
        rawKey,
        certain == null ? null : parsed.start(),
        certain == null ? at : certain,
        fingerprint -> keys.ownerOf(fingerprint) != null);
  }

  /**
   * Usage that claims a gate's word and does not have it. Nobody is billed by it, since anybody
   * could have written it, and it is not free: clocks or secrets may differ.
   */
  private Decision disputed(
      ParsedLine parsed, Payer payer, byte[] line, Arrival arrival, Instant at) {
    if (isUndated(parsed.completion())) {
      return unread(Fate.QUARANTINED, Reason.UNREADABLE_TIME, arrival);
    }
    List<String> flags = new ArrayList<>(parsed.flags());
    flags.add(Usage.IDENTITY_REFUSED);
    return new Decision.Suspended(
        rejected(Fate.SUSPENSE, Reason.PAYER_UNCERTAIN, parsed, null, arrival),
        suspended(
            parsed,
            Reason.PAYER_UNCERTAIN,
            flags,
            new SuspendedUsage.Evidence(Excerpt.of(line), candidates(List.of(payer))),
            arrival,
            at));
  }

  /** Before 1970 there was no gateway, and tables have no room for it. */
  private static boolean isUndated(@Nullable Instant completion) {
    return completion == null || completion.isBefore(Instant.EPOCH);
  }

  /** Usage of which history can no longer tell whether it has been counted before. */
  static LineFate tooOld(Decision.ToAccount withheld) {
    Usage usage = withheld.usage();
    return new LineFate(
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
        usage.requestId());
  }

  /**
   * The same, for a person to decide: the payer is known, whether it has paid is not.
   *
   * @param excerpt of the line
   */
  static Decision.Suspended tooOld(Decision.ToAccount withheld, String excerpt) {
    return new Decision.Suspended(
        new Decision.Rejected(tooOld(withheld)), suspended(withheld, Reason.TOO_OLD, excerpt));
  }

  /** A line in suspense for another reason: whoever pays, whether it has paid is not known. */
  static Decision.Suspended tooOld(Decision.Suspended held) {
    LineFate fate = held.rejected().lineFate();
    SuspendedUsage suspended = held.suspended();
    return new Decision.Suspended(
        new Decision.Rejected(
            new LineFate(
                fate.id(),
                fate.fate(),
                Reason.TOO_OLD,
                fate.leakage(),
                fate.keyFingerprint(),
                fate.model(),
                fate.completion(),
                fate.arrival(),
                fate.source(),
                fate.offset(),
                fate.shipment(),
                fate.requestId())),
        new SuspendedUsage(suspended.usage(), Reason.TOO_OLD, suspended.evidence()));
  }

  /**
   * Why a line in suspense that was judged again stays there.
   *
   * @param reason why it is in suspense
   * @param comparable the earliest completion of which history could tell, when the line came,
   *     whether it had been billed before
   * @return a sentence for people; null if its payer is certain and nothing else is open
   */
  static @Nullable String obstacle(Decision decision, Reason reason, Instant comparable) {
    if (reason == Reason.TOO_OLD || isBefore(decision, comparable)) {
      return "The line stays in suspense: whether it was billed before cannot be told any more."
          + " Decide it: GET /v1/suspense.";
    }
    if (decision instanceof Decision.Suspended suspended) {
      SuspendedUsage held = suspended.suspended();
      if (held.reason() != Reason.PAYER_UNCERTAIN
          || !held.usage().flags().contains(LineFlags.TAMPERED)) {
        return "The line stays in suspense: by the present configuration it is still "
            + held.reason().code()
            + ". Decide it (GET /v1/suspense), or correct the configuration and replay it again.";
      }
      return "The line stays in suspense: it does not match the template of its source, and what it"
          + " names may be its client's. Decide it (GET /v1/suspense), or correct the template and"
          + " replay it again.";
    }
    return payer(decision) == null
        ? "The line stays in suspense: by the present configuration its key is nobody's. Register"
            + " the key and replay it again, or decide it: GET /v1/suspense."
        : null;
  }

  private static boolean isBefore(Decision decision, Instant comparable) {
    Usage usage =
        decision instanceof Decision.ToAccount billed
            ? billed.usage()
            : decision instanceof Decision.Suspended held ? held.suspended().usage() : null;
    return usage != null && usage.completion().isBefore(comparable);
  }

  /**
   * @return the registered key that pays; null if there is none
   */
  static AccountInput.@Nullable Payer payer(Decision decision) {
    if (!(decision instanceof Decision.ToAccount billed) || billed.usage().fate() != Fate.BILLED) {
      return null;
    }
    Usage usage = billed.usage();
    return new AccountInput.Payer(
        billed.account(), usage.key(), usage.keyFingerprint(), usage.keyLastFour());
  }

  /**
   * What a person is to decide about a line in suspense, whatever it would be judged as today.
   *
   * @param reason why it is in suspense
   * @param excerpt of the line
   * @return null if nothing can be read of it any more
   */
  static @Nullable SuspendedUsage forDesk(Decision decision, Reason reason, String excerpt) {
    if (decision instanceof Decision.Suspended suspended) {
      return (reason == Reason.TOO_OLD ? tooOld(suspended) : suspended).suspended();
    }
    return decision instanceof Decision.ToAccount usage ? suspended(usage, reason, excerpt) : null;
  }

  private static SuspendedUsage suspended(
      Decision.ToAccount withheld, Reason reason, String excerpt) {
    Usage usage = withheld.usage();
    boolean registered = usage.fate() == Fate.BILLED;
    String fingerprint = usage.keyFingerprint();
    String lastFour = usage.keyLastFour();
    List<SuspendedUsage.Candidate> payers =
        fingerprint == null
            ? List.of()
            : List.of(
                new SuspendedUsage.Candidate(
                    fingerprint,
                    lastFour == null ? "" : lastFour,
                    registered ? withheld.account() : null,
                    registered ? usage.key() : null));
    return new SuspendedUsage(
        usage.suspended(), reason, new SuspendedUsage.Evidence(excerpt, payers));
  }

  /** A decision that did not need to look into the line. */
  static Decision.Rejected unread(Fate fate, Reason reason, Arrival arrival) {
    // What is missing of a line cannot be judged, not even later: its usage is lost, if it has any.
    boolean leakage = reason == Reason.LINE_TOO_LONG;
    return new Decision.Rejected(
        new LineFate(
            arrival.id(),
            fate,
            reason,
            leakage,
            null,
            null,
            null,
            arrival.at(),
            arrival.source(),
            arrival.offset(),
            arrival.shipment(),
            null));
  }

  private Decision usage(ParsedLine parsed, Payer payer, Arrival arrival) {
    Instant completion = parsed.completion();
    if (completion == null || isUndated(completion)) {
      return unread(Fate.QUARANTINED, Reason.UNREADABLE_TIME, arrival);
    }
    String fingerprint = payer.fingerprint();
    String lastFour = payer.lastFour();
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
            flags(parsed.flags(), owner, completion),
            parsed.requestId());
    return new Decision.ToAccount(account(owner, fingerprint), usage);
  }

  /**
   * A key that should no longer be used is one for its operator to look at; it pays all the same.
   */
  private static List<String> flags(
      List<String> ofLine, CatalogueKeys.@Nullable Owner owner, Instant completion) {
    boolean expired = owner != null && completion.toEpochMilli() >= owner.expiresAt();
    boolean replaced = owner != null && owner.replaced();
    if (!expired && !replaced) {
      return ofLine;
    }
    List<String> flags = new ArrayList<>(ofLine);
    if (expired) {
      flags.add(Usage.KEY_EXPIRED);
    }
    if (replaced) {
      flags.add(Usage.KEY_REPLACED);
    }
    return flags;
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
  private static SuspendedUsage suspended(
      ParsedLine parsed,
      Reason reason,
      List<String> ofLine,
      SuspendedUsage.Evidence evidence,
      Arrival arrival,
      Instant at) {
    Instant told = parsed.completion();
    Instant completion = told == null ? at : told;
    Instant start = parsed.start();
    List<String> flags = new ArrayList<>(ofLine);
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
    return new SuspendedUsage(usage, reason, evidence);
  }

  private List<SuspendedUsage.Candidate> candidates(ParsedLine parsed, Instant at) {
    List<Payer> payers = new ArrayList<>();
    for (String rawKey : parsed.candidateKeys()) {
      payers.add(payer(rawKey, parsed, at));
    }
    return candidates(payers);
  }

  /** Each key once, and as signed if any of the names it has in the line is. */
  private List<SuspendedUsage.Candidate> candidates(List<Payer> payers) {
    Map<String, SuspendedUsage.Candidate> candidates = new LinkedHashMap<>();
    for (Payer payer : payers) {
      String fingerprint = payer.fingerprint();
      if (fingerprint != null
          && (!candidates.containsKey(fingerprint) || Boolean.TRUE.equals(payer.signed()))) {
        candidates.put(fingerprint, candidate(fingerprint, payer));
      }
    }
    return List.copyOf(candidates.values());
  }

  private SuspendedUsage.Candidate candidate(String fingerprint, Payer payer) {
    CatalogueKeys.Owner owner = keys.ownerOf(fingerprint);
    return new SuspendedUsage.Candidate(
        fingerprint,
        payer.lastFour(),
        owner == null ? null : owner.account(),
        owner == null ? null : owner.keyName(),
        payer.signed());
  }

  private static Decision.Rejected rejected(
      Fate fate, Reason reason, ParsedLine parsed, @Nullable String fingerprint, Arrival arrival) {
    String model = parsed.model();
    return new Decision.Rejected(
        new LineFate(
            arrival.id(),
            fate,
            reason,
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
