package dev.taximeter.parse;

import dev.taximeter.parse.AiLog.ModelName;
import dev.taximeter.parse.AiLog.State;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads usage that has fields of its own, as Envoy AI Gateway writes it, into the same form as
 * {@code ai_log}.
 *
 * <p>In TEXT a client can forge these fields in what it writes elsewhere, and unlike {@code ai_log}
 * they are not escaped: which of several values is the gateway's cannot be told. Of a line that is
 * whole the true value is among them, so the readings that bill most bill at least the truth, and a
 * person decides about them. Quarantine instead would be a free ride.
 */
final class TokenFields {
  private final Layout layout;
  private final byte[] line;
  private final LineFields fields;
  private boolean impossible;
  private boolean missing;
  private boolean any;

  private TokenFields(Layout layout, byte[] line, LineFields fields) {
    this.layout = layout;
    this.line = line;
    this.fields = fields;
  }

  /**
   * What one count of a line can be.
   *
   * @param least of the values that are possible; {@link Numbers#ABSENT} may be one
   * @param most likewise
   */
  private record Range(long least, long most) {
    static final Range ABSENT = new Range(Numbers.ABSENT, Numbers.ABSENT);

    boolean isContested() {
      return least != most;
    }
  }

  /** What the fields say; {@link State#CONTESTED} if some may be forged. */
  static AiLog read(Layout layout, byte[] line, LineFields fields) {
    return new TokenFields(layout, line, fields).read();
  }

  /**
   * Counts of a contested line: whatever its upstream's dialect, one of them bills at least what
   * the gateway's own values would.
   */
  static List<ReportedCounts> readings(Layout layout, byte[] line, LineFields fields) {
    return new TokenFields(layout, line, fields).readings();
  }

  private AiLog read() {
    boolean contested = isContested(Role.RESPONSE_MODEL);
    for (Role role : Role.TOKENS) {
      contested |= isContested(role);
    }
    List<ReportedCounts> readings = readings();
    if (missing) {
      return AiLog.without(State.UNCERTAIN, -1);
    }
    ModelName model = model();
    return new AiLog(
        contested ? State.CONTESTED : any ? State.OBJECT : State.NONE,
        -1,
        impossible || contested ? ReportedCounts.NONE : readings.get(0),
        impossible,
        model.text(),
        model.truncated(),
        false,
        false);
  }

  /** Whether the template has the field and the line may not be believed about it. */
  private boolean isContested(Role role) {
    return layout.fieldOf(role) != Layout.ABSENT && !fields.knows(role);
  }

  private List<ReportedCounts> readings() {
    Range total = range(Role.TOTAL_TOKENS);
    Counts most = new Counts();
    Counts least = new Counts();
    for (Role role : Role.TOKENS) {
      Range range = role == Role.TOTAL_TOKENS ? total : range(role);
      boolean whole = role == Role.INPUT_TOKENS || role == Role.OUTPUT_TOKENS;
      most.put(role, range.most());
      // Parts of a whole make it cheaper, or are counted beside it: either may be the dearer.
      least.put(role, whole || role == Role.TOTAL_TOKENS ? range.most() : range.least());
    }
    List<ReportedCounts> readings = new ArrayList<>(List.of(most.reported(), least.reported()));
    if (total.isContested()) {
      readings.add(most.summed());
      readings.add(least.summed());
    }
    if (mayBeNothing(Role.INPUT_TOKENS) && mayBeNothing(Role.OUTPUT_TOKENS)) {
      // Then the total is what is billed, and a count beside it would hide it.
      least.put(Role.INPUT_TOKENS, 0);
      least.put(Role.OUTPUT_TOKENS, 0);
      readings.add(least.reported());
    }
    return readings;
  }

  private boolean mayBeNothing(Role role) {
    return range(role).least() <= 0;
  }

  /** Counts by role while they are gathered. */
  private static final class Counts {
    private final long[] values = new long[Role.COUNT];

    void put(Role role, long value) {
      values[role.ordinal()] = value;
    }

    private long get(Role role) {
      return values[role.ordinal()];
    }

    ReportedCounts reported() {
      return with(get(Role.TOTAL_TOKENS));
    }

    /** With the total that proves that reasoning stands beside the output, should it have been. */
    ReportedCounts summed() {
      return with(
          Math.max(0, get(Role.INPUT_TOKENS))
              + Math.max(0, get(Role.OUTPUT_TOKENS))
              + Math.max(0, get(Role.REASONING_TOKENS)));
    }

    private ReportedCounts with(long total) {
      return new ReportedCounts(
          get(Role.INPUT_TOKENS),
          get(Role.OUTPUT_TOKENS),
          total,
          get(Role.CACHE_READ_TOKENS),
          get(Role.CACHE_WRITE_TOKENS),
          get(Role.REASONING_TOKENS),
          Numbers.ABSENT,
          Numbers.ABSENT);
    }
  }

  private Range range(Role role) {
    if (isContested(role)) {
      return contestedRange(role);
    }
    if (!fields.knows(role) || fields.isAbsent(role)) {
      return Range.ABSENT;
    }
    any = true;
    Long count = fields.read(role, Numbers::count);
    if (count == null || count == Numbers.IMPOSSIBLE) {
      impossible = true;
      return Range.ABSENT;
    }
    return new Range(count, count);
  }

  /** Every value that the line names for the field; impossible ones are somebody's forgery. */
  private Range contestedRange(Role role) {
    byte[] opening = layout.field(layout.fieldOf(role)).opening();
    Range range = null;
    boolean named = false;
    int at = Bytes.indexOf(line, 0, line.length, opening);
    while (at >= 0) {
      int from = at + opening.length;
      int to = Bytes.indexOf(line, from, line.length, '"');
      long count = to < 0 ? Numbers.IMPOSSIBLE : count(from, to);
      named |= to >= 0;
      if (count != Numbers.IMPOSSIBLE) {
        range =
            range == null
                ? new Range(count, count)
                : new Range(Math.min(range.least(), count), Math.max(range.most(), count));
      }
      at = Bytes.indexOf(line, from, line.length, opening);
    }
    missing |= !named;
    impossible |= named && range == null;
    return range == null ? Range.ABSENT : range;
  }

  private long count(int from, int to) {
    boolean absent = from == to || (to == from + 1 && line[from] == '-');
    return absent ? Numbers.ABSENT : Numbers.count(line, from, to);
  }

  /** The model that answered, else the one asked for, which is the client's word. */
  private ModelName model() {
    ModelName answered = fields.read(Role.RESPONSE_MODEL, ModelName::of);
    if (answered != null && answered.text() != null) {
      return answered;
    }
    ModelName asked = fields.read(Role.REQUEST_MODEL, ModelName::of);
    return asked == null ? ModelName.NONE : asked;
  }
}
