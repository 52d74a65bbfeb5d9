package dev.taximeter.parse;

import dev.taximeter.contract.event.Reason;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.parse.AiLog.State;
import dev.taximeter.parse.BillableTable.Row;
import dev.taximeter.parse.ParsedLine.Verdict;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads lines of a gateway's access log and says what they are worth. Immutable and thread-safe.
 *
 * <p>Whatever a client puts into its headers, it can neither hide its usage nor move it to another
 * key: see the package's description for how.
 */
public final class AccessLogParser {
  /** How far after its arrival a line may claim to have been completed: clocks differ. */
  public static final Duration MAX_FUTURE = Duration.ofMinutes(10);

  /** The model of usage whose log names none. */
  static final String UNKNOWN_MODEL = "unknown";

  /** Longest request id kept; a client can send its own. Real ones have 36 characters. */
  private static final int MAX_REQUEST_ID_BYTES = 128;

  /** How the lines of collectors begin; {@code d} is a digit. */
  private static final String INSTANT = "dddd-dd-ddTdd:dd:dd";

  private final Layout layout;
  private final LineFields nothing;
  private final Dialects dialects;

  public AccessLogParser(ParserSettings settings) {
    layout = Layout.of(settings.template(), settings.payer());
    nothing = LineFields.none(layout);
    dialects = new Dialects(settings.dialects());
  }

  /**
   * Reads one line. Never throws; time is linear in the line's length, and so is memory.
   *
   * @param line without its end-of-line, in any encoding
   * @param arrival when a shipper handed it over
   */
  public ParsedLine parse(byte[] line, Instant arrival) {
    return parse(line, arrival, false);
  }

  /**
   * The same for a line that may be only the end of one. Its client could have written all that
   * makes it look whole: payer and counts, an error that hides usage, and JSON as well, since what
   * a TEXT log holds of a client is not escaped.
   *
   * @param doubtful whether it may be
   * @return if so, neither billable nor unbillable, and for no other reason than that
   */
  public ParsedLine parse(byte[] line, Instant arrival, boolean doubtful) {
    try {
      Reading reading = new Reading(line, arrival);
      ParsedLine parsed = reading.parse();
      return doubtful ? reading.doubted(parsed) : parsed;
    } catch (RuntimeException e) {
      // A defect of ours must not stop the meter, and its message could quote the line.
      return new ParsedLine(
          Verdict.QUARANTINED,
          // The doubt must be known when the line is sent again.
          doubtful ? Reason.UNCERTAIN_BEGINNING : Reason.INTERNAL_ERROR,
          false,
          null,
          null,
          TokenCounts.ZERO,
          null,
          null,
          List.of(),
          true,
          null,
          List.of());
    }
  }

  /** The reading of one line. */
  private final class Reading {
    private final byte[] line;
    private final Instant arrival;
    private final List<String> flags = new ArrayList<>(2);
    private LineFields fields = nothing;
    private boolean tampered;

    /** The payer's key, decoded when all fields have been read. */
    private @Nullable String payer;

    private @Nullable Instant start;
    private @Nullable Instant completion;
    private boolean completionCertain = true;

    Reading(byte[] line, Instant arrival) {
      this.line = line;
      this.arrival = arrival;
    }

    ParsedLine parse() {
      readFields();
      payer = fields.payer();
      AiLog aiLog = fields.aiLog();
      Reason unreadable = unreadable(aiLog);
      if (unreadable != null) {
        return quarantined(unreadable, TokenCounts.ZERO);
      }
      boolean dated = readTimes();
      if (aiLog.impossible()) {
        return quarantined(Reason.IMPOSSIBLE_COUNTS, TokenCounts.ZERO);
      }
      Counted counted = count(aiLog);
      if (completion != null && completion.isAfter(arrival.plus(MAX_FUTURE))) {
        return quarantined(Reason.ABSURD_FUTURE, counted.tokens());
      }
      boolean hasUsage = counted.tokens().totalTokens() > 0;
      Row row = BillableTable.decide(fields, hasUsage);
      if (row != Row.BILL) {
        return unbillable(row);
      }
      flagUsage(aiLog, counted);
      if (!fields.knowsPayer()) {
        boolean cut = tampered && TextSalvage.isCut(layout, line);
        return usage(
            Verdict.SUSPENSE,
            cut ? Reason.INCOMPLETE_LINE : Reason.PAYER_UNCERTAIN,
            counted.tokens());
      }
      if (aiLog.state() == State.CONTESTED) {
        return usage(Verdict.SUSPENSE, Reason.COUNTS_UNCERTAIN, counted.tokens());
      }
      if (!dated) {
        return quarantined(Reason.UNREADABLE_TIME, counted.tokens());
      }
      return usage(Verdict.BILLABLE, null, counted.tokens());
    }

    /** An instant with whatever fraction and offset, and a blank behind it. */
    private static boolean startsWithInstant(byte[] line) {
      int at = 0;
      while (at < INSTANT.length() && at < line.length && fits(INSTANT.charAt(at), line[at])) {
        at++;
      }
      if (at < INSTANT.length()) {
        return false;
      }
      while (at < line.length && ".:+-Zz0123456789".indexOf(line[at]) >= 0) {
        at++;
      }
      return at < line.length && (line[at] == ' ' || line[at] == '\t');
    }

    private static boolean fits(char expected, byte found) {
      return switch (expected) {
        case 'd' -> found >= '0' && found <= '9';
        case 'T' -> found == 'T' || found == 't' || found == ' ';
        default -> found == expected;
      };
    }

    ParsedLine doubted(ParsedLine parsed) {
      // Nor is it certain that it cannot have come before.
      completionCertain = false;
      return switch (parsed.verdict()) {
        case BILLABLE, SUSPENSE ->
            usage(Verdict.SUSPENSE, Reason.UNCERTAIN_BEGINNING, parsed.tokens());
        case QUARANTINED, UNBILLABLE -> quarantined(Reason.UNCERTAIN_BEGINNING, parsed.tokens());
      };
    }

    /** Takes the line as what it is, by what it is and not by what would fit. */
    private void readFields() {
      // A line that matches the template has its numbers in quotes, so it cannot be JSON: trying
      // the cheap match first decides nothing that the rule for JSON would decide otherwise.
      LineFields matched = TextMatcher.match(layout, line);
      if (matched != null) {
        fields = matched;
        settleMissingAiLog();
        return;
      }
      JsonLine.Read object = JsonLine.read(layout, line);
      if (object != null && !object.mayBeText()) {
        fields = object.fields();
        settleMissingAiLog();
        if (!object.complete()) {
          flags.add(LineFlags.FIELDS_MISSING);
        }
        return;
      }
      tampered = true;
      flags.add(LineFlags.TAMPERED);
      if (startsWithInstant(line)) {
        // A collector's prefix that nobody has declared: once it is, the same line has other bytes,
        // and what was billed now would be billed again.
        fields = new LineFields(layout, line);
        fields.putAiLog(AiLog.without(State.MISSING, -1));
        return;
      }
      fields = TextSalvage.salvage(layout, line);
      if (layout.hasTokenFields()) {
        salvageTokenFields();
      } else if (unreadable(fields.aiLog()) != null) {
        keepUsage(object == null ? TextSalvage.usageInJson(layout, line) : object.fields().aiLog());
      }
      if (TextSalvage.secondObject(layout, line) >= 0) {
        flags.add(LineFlags.SECOND_OBJECT);
      }
    }

    /**
     * What could be TEXT, and as TEXT has no usage, is held if it has some as JSON: one of them is
     * true.
     */
    private void keepUsage(@Nullable AiLog inJson) {
      if (inJson != null && unreadable(inJson) == null && inJson.state() != State.NONE) {
        fields = new LineFields(layout, line);
        fields.putAiLog(inJson);
      }
    }

    /** A line that was cut may have lost the gateway's own values; one without any stays so. */
    private void salvageTokenFields() {
      boolean cut = fields.aiLog().state() == State.CUT;
      if (!cut && fields.aiLog().state() != State.NONE) {
        return;
      }
      AiLog read = TokenFields.read(layout, line, fields);
      boolean usable =
          switch (read.state()) {
            case OBJECT -> true;
            case CONTESTED -> read.impossible() || count(read).tokens().totalTokens() > 0;
            default -> false;
          };
      if (usable || !cut) {
        fields.putAiLog(read);
      }
    }

    /** A template without the field has usage in others, or none; no reason to doubt its lines. */
    private void settleMissingAiLog() {
      if (layout.hasTokenFields()) {
        fields.putAiLog(TokenFields.read(layout, line, fields));
      } else if (layout.fieldOf(Role.AI_LOG) == Layout.ABSENT) {
        fields.putAiLog(AiLog.without(State.NONE, -1));
      }
    }

    private @Nullable Reason unreadable(AiLog aiLog) {
      return switch (aiLog.state()) {
        case NONE, OBJECT, CONTESTED -> null;
        case UNREADABLE, UNCERTAIN -> Reason.UNREADABLE_AI_LOG;
        case CUT -> Reason.INCOMPLETE_LINE;
        case MISSING -> Reason.FOREIGN_LINE;
      };
    }

    /**
     * Finds start and completion.
     *
     * @return whether they are known
     */
    private boolean readTimes() {
      long duration = 0;
      if (tampered && layout.fieldOf(Role.DURATION) != Layout.ABSENT) {
        completionCertain = fields.knows(Role.DURATION);
      }
      if (fields.knows(Role.DURATION) && !fields.isAbsent(Role.DURATION)) {
        duration = fields.number(Role.DURATION);
        if (duration < 0) {
          return false;
        }
      }
      boolean uncertain = tampered && !fields.knows(Role.START_TIME);
      start =
          uncertain
              ? TextSalvage.latestStart(layout, line, arrival.plus(MAX_FUTURE))
              : fields.read(Role.START_TIME, Numbers::instant);
      if (start != null) {
        completion = plus(start, duration);
      }
      if (uncertain) {
        completionCertain = false;
        keepPossible();
      }
      return completion != null;
    }

    /**
     * An uncertain start must not make a line unbillable: forged, it could lie just before the
     * arrival and push the completion into the absurd future. Whatever happened was over when the
     * line arrived. One a little after the arrival can be true if the gateway's clock is ahead, and
     * then any other can be forged. A gateway that is further ahead has all of its lines refused.
     */
    private void keepPossible() {
      boolean ahead = start != null && start.isAfter(arrival);
      boolean absurd = completion != null && completion.isAfter(arrival.plus(MAX_FUTURE));
      boolean payable = completion == null && fields.knowsPayer();
      if (ahead || absurd || payable) {
        start = start == null || ahead ? arrival : start;
        completion = arrival;
        flags.add(LineFlags.COMPLETION_AT_ARRIVAL);
      }
    }

    private @Nullable Instant plus(Instant instant, long millis) {
      try {
        return instant.plusMillis(millis);
      } catch (DateTimeException | ArithmeticException e) {
        return null;
      }
    }

    private Counted count(AiLog aiLog) {
      return switch (aiLog.state()) {
        case OBJECT -> count(aiLog.counts());
        case CONTESTED ->
            (layout.hasTokenFields()
                    ? TokenFields.readings(layout, line, fields)
                    : TextSalvage.readings(layout, line))
                .stream().map(this::count).reduce(Counted.NOTHING, Counted::orMore);
        case NONE, UNREADABLE, CUT, MISSING, UNCERTAIN -> Counted.NOTHING;
      };
    }

    private Counted count(ReportedCounts counts) {
      if (fields.knows(Role.UPSTREAM_CLUSTER)) {
        Dialect dialect = fields.read(Role.UPSTREAM_CLUSTER, dialects::of);
        return dialect == null ? Counted.NOTHING : dialect.count(counts);
      }
      if (!tampered || layout.fieldOf(Role.UPSTREAM_CLUSTER) == Layout.ABSENT) {
        // No upstream is named, and nobody can have forged one.
        return dialects.of(line, 0, 0).count(counts);
      }
      return TextSalvage.most(layout, line, dialects, counts);
    }

    private void flagUsage(AiLog aiLog, Counted counted) {
      if (counted.contradicting()) {
        flags.add(LineFlags.COUNTS_CONTRADICT_DIALECT);
      }
      if (counted.totalAsInput()) {
        flags.add(LineFlags.TOTAL_AS_INPUT);
      }
      if (aiLog.detailsUnreadable()) {
        flags.add(LineFlags.DETAILS_UNREADABLE);
      }
      if (aiLog.modelTruncated()) {
        flags.add(LineFlags.MODEL_TRUNCATED);
      }
    }

    private ParsedLine usage(Verdict verdict, @Nullable Reason reason, TokenCounts tokens) {
      String model = model();
      boolean billable = verdict == Verdict.BILLABLE;
      return new ParsedLine(
          verdict,
          reason,
          false,
          billable ? payer : null,
          model == null ? UNKNOWN_MODEL : model,
          tokens,
          start,
          completion,
          flags,
          completionCertain,
          requestId(),
          billable && !tampered ? List.of() : CandidateKeys.of(layout, line));
    }

    private ParsedLine unbillable(Row row) {
      return new ParsedLine(
          Verdict.UNBILLABLE,
          row.reason(),
          row.leakage(),
          // A rejected key is anybody's guess; nothing may be created from it.
          row == Row.REJECTED_KEY ? null : payer,
          model(),
          TokenCounts.ZERO,
          start,
          completion,
          flags,
          completionCertain,
          requestId(),
          List.of());
    }

    private ParsedLine quarantined(Reason reason, TokenCounts tokens) {
      return new ParsedLine(
          Verdict.QUARANTINED,
          reason,
          false,
          null,
          model(),
          tokens,
          start,
          completion,
          flags,
          completionCertain,
          requestId(),
          List.of());
    }

    private @Nullable String requestId() {
      CleanText id =
          fields.read(
              Role.REQUEST_ID,
              (bytes, from, to) -> CleanText.of(bytes, from, to, MAX_REQUEST_ID_BYTES));
      if (id == null || id.isAbsent()) {
        return null;
      }
      String text = id.text();
      boolean held = !Secrets.masked(text).equals(text) || (tampered && holdsAnyKey(text));
      for (String secret : secrets()) {
        held |= holds(text, secret) || (id.truncated() && heldAtEnd(text, secret) > 0);
      }
      return held ? null : text;
    }

    private List<String> secrets() {
      return payer == null ? List.of() : Secrets.of(payer);
    }

    /**
     * A client can write its key elsewhere, too, and models and request ids are kept. Only the key
     * itself is masked, so that what else names the model still finds its price. Keys that a line
     * merely mentions count only where nobody is billed before a person has decided, and if they
     * can be no model: one can be forged to equal the model.
     */
    private @Nullable String model() {
      String model = fields.aiLog().model();
      if (model == null) {
        return null;
      }
      for (String secret : secrets()) {
        model = without(secret, model);
      }
      if (!fields.knowsPayer()) {
        for (String key : CandidateKeys.of(layout, line)) {
          for (String secret : Secrets.of(key)) {
            model = Secrets.looksLikeKey(secret) ? without(secret, model) : model;
          }
        }
      }
      return Secrets.masked(model);
    }

    private String without(String secret, String model) {
      String masked = holds(model, secret) ? model.replace(secret, Secrets.MASK) : model;
      int held = fields.aiLog().modelTruncated() ? heldAtEnd(masked, secret) : 0;
      return held > 0 ? masked.substring(0, masked.length() - held) + Secrets.MASK : masked;
    }

    private boolean holdsAnyKey(String text) {
      return CandidateKeys.of(layout, line).stream()
          .flatMap(key -> Secrets.of(key).stream())
          .anyMatch(secret -> holds(text, secret));
    }

    private static boolean holds(String text, String secret) {
      return secret.length() >= Secrets.LEAST_LENGTH && text.contains(secret);
    }

    /** {@return how many characters of a key, from its first on, end a text that was cut} */
    private static int heldAtEnd(String text, String key) {
      for (int length = Math.min(key.length(), text.length());
          length >= Secrets.LEAST_LENGTH;
          length--) {
        if (text.endsWith(key.substring(0, length))) {
          return length;
        }
      }
      return 0;
    }
  }
}
