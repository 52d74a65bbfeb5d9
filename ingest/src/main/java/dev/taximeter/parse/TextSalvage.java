package dev.taximeter.parse;

import dev.taximeter.parse.AiLog.State;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What can be believed of a TEXT line that does not match its template, because it was cut, is not
 * ours at all, or carries a client's text that closes a field and opens others.
 *
 * <p>Two kinds of fields are genuine. Those matched in template order from the first byte, up to
 * and including the first that a client controls: nothing of the client's stands before them. And
 * those whose {@code "name":"} occurs exactly once in a whole line: the gateway wrote one, so there
 * is no other. Nothing else is believed.
 */
final class TextSalvage {
  /** How {@code ai_log} begins in JSON: a brace, and a quote that was escaped twice. */
  private static final byte[] ESCAPED_IN_JSON = Bytes.ascii("{\\\\\\\"");

  private final Layout layout;
  private final byte[] line;
  private final int[] occurrences;
  private final int[] firstValue;
  private final int[] lastValue;
  private final LineFields fields;

  private TextSalvage(Layout layout, byte[] line) {
    this.layout = layout;
    this.line = line;
    fields = new LineFields(layout, line);
    occurrences = new int[layout.size()];
    firstValue = new int[layout.size()];
    lastValue = new int[layout.size()];
  }

  static LineFields salvage(Layout layout, byte[] line) {
    return new TextSalvage(layout, line).salvage();
  }

  /**
   * Whether the line's end is missing. No client can do that: none can write the end of a line, and
   * the gateway writes the template's after all that a client can.
   */
  static boolean isCut(Layout layout, byte[] line) {
    return !Bytes.endsWith(line, 0, line.length, layout.literal(layout.size()));
  }

  private LineFields salvage() {
    int matched = matchPrefix();
    countOccurrences();
    byte[] closing = layout.literal(layout.size());
    boolean cut = isCut(layout, line);
    boolean whole = !cut && !endsInAnotherLine();
    for (int i = matched; i < layout.size(); i++) {
      if (whole && occurrences[i] == 1) {
        put(i, firstValue[i], endOfOnlyValue(i));
      } else {
        doubt(i, fields);
      }
    }
    if (!cut && fields.aiLog().state() == State.MISSING) {
      AiLog atTheEnd = aiLogAtTheEnd(closing);
      if (atTheEnd != null && whole) {
        fields.putAiLog(atTheEnd);
      } else if (atTheEnd != null) {
        return usageAlone(atTheEnd);
      } else if (!whole) {
        AiLog only = onlyUsage();
        if (only != null) {
          return usageAlone(only);
        }
      }
    }
    if (fields.aiLog().state() == State.MISSING) {
      fields.putAiLog(aiLogNotInPrefix(whole, cut));
    }
    return fields;
  }

  /**
   * Where {@code ai_log} is the template's last field, the last of several is genuine: it is
   * escaped, so nothing within it looks like its opening, and nothing of a client's comes after it.
   * That holds of the second of two lines glued together as well, and of one whose client has
   * written the beginning of another.
   */
  private @Nullable AiLog aiLogAtTheEnd(byte[] closing) {
    int last = layout.size() - 1;
    if (!layout.plays(last, Role.AI_LOG) || occurrences[last] == 0) {
      return null;
    }
    int end = Bytes.unescapedQuote(line, lastValue[last], line.length);
    return end >= 0 && end == line.length - closing.length
        ? AiLogScanner.scan(line, lastValue[last], line.length)
        : null;
  }

  /**
   * The usage of a line that its client may have made to look like two, or of the second of two:
   * whichever it is, the gateway wrote one, and there is no other.
   */
  private @Nullable AiLog onlyUsage() {
    int field = layout.fieldOf(Role.AI_LOG);
    if (field == Layout.ABSENT || occurrences[field] != 1) {
      return null;
    }
    AiLog only = read(line, firstValue[field]);
    return only.state() == State.OBJECT && only.counts().areAny() ? only : null;
  }

  /** Of what may be two lines, the usage is the second's and all else may be the first's. */
  private LineFields usageAlone(AiLog aiLog) {
    LineFields usage = new LineFields(layout, line);
    for (int i = 0; i < layout.size(); i++) {
      doubt(i, usage);
    }
    usage.putAiLog(aiLog);
    return usage;
  }

  /** What a line names without being believed must not hide leakage. */
  private void doubt(int field, LineFields of) {
    if (occurrences[field] > 0 && layout.slotOf(field) != Layout.ABSENT) {
      of.contest(layout.slotOf(field));
    }
  }

  /**
   * Matches fields in order from the first byte, through the first that a client controls.
   *
   * @return how many fields matched
   */
  private int matchPrefix() {
    int at = 0;
    for (int i = 0; i < layout.size(); i++) {
      byte[] literal = layout.literal(i);
      if (!Bytes.startsWith(line, at, line.length, literal)) {
        return i;
      }
      int from = at + literal.length;
      Layout.Field field = layout.field(i);
      at = field.clientControlled() ? endOfClientValue(i, from) : endOfGatewayValue(i, from);
      if (at < 0) {
        if (layout.plays(i, Role.AI_LOG)) {
          fields.putAiLog(AiLog.without(State.CUT, -1));
        }
        return i;
      }
      if (layout.isPayer(i) && mayBeCut(i, from, at)) {
        return i;
      }
      put(i, from, at);
      if (field.clientControlled()) {
        return i + 1;
      }
    }
    return layout.size();
  }

  /**
   * Whether a line may have been cut within the key that it names, and another follows: what seems
   * to be the key then holds the beginning of that one.
   */
  private boolean mayBeCut(int field, int from, int to) {
    return !Bytes.startsWith(line, to, line.length, layout.literal(field + 1))
        || Bytes.indexOf(line, from, to, layout.literal(0)) >= 0;
  }

  /** A gateway's value ends at its first quote; what follows it is the next comparison's matter. */
  private int endOfGatewayValue(int field, int from) {
    return layout.field(field).escaped()
        ? Bytes.unescapedQuote(line, from, line.length)
        : Bytes.indexOf(line, from, line.length, '"');
  }

  /**
   * A client's value may hold quotes. It ends where the next field begins; should the client have
   * forged that, the value is shorter than what was sent, which changes nobody's value but its own.
   */
  private int endOfClientValue(int field, int from) {
    byte[] next = layout.literal(field + 1);
    if (field + 1 == layout.size()) {
      int end = line.length - next.length;
      return end >= from && Bytes.endsWith(line, from, line.length, next) ? end : -1;
    }
    return Bytes.indexOf(line, from, line.length, next);
  }

  private int endOfOnlyValue(int field) {
    int from = firstValue[field];
    int end =
        layout.field(field).clientControlled()
            ? endOfClientValue(field, from)
            : endOfGatewayValue(field, from);
    // A template that has gained or lost a field has other neighbours.
    return end >= 0 ? end : Bytes.indexOf(line, from, line.length, '"');
  }

  /** Counts every {@code "name":"} of the template, in one pass from quote to quote. */
  private void countOccurrences() {
    int at = Bytes.indexOf(line, 0, line.length, '"');
    while (at >= 0) {
      int nameEnd = Bytes.indexOf(line, at + 1, line.length, '"');
      if (nameEnd < 0) {
        return;
      }
      int field = layout.find(line, at + 1, nameEnd);
      if (field != Layout.ABSENT) {
        byte[] opening = layout.field(field).opening();
        if (Bytes.startsWith(line, at, line.length, opening)) {
          lastValue[field] = at + opening.length;
          if (occurrences[field]++ == 0) {
            firstValue[field] = at + opening.length;
          }
        }
      }
      at = nameEnd;
    }
  }

  /**
   * Whether a whole line may follow the rest of another, as a full disk glues them: it begins once
   * more, and every field that there is comes after that: a gateway's lines can lack some of the
   * template. What occurs once then belongs to the second line, and the usage to the first.
   */
  private boolean endsInAnotherLine() {
    int second = secondObject(layout, line);
    if (second < 0) {
      return false;
    }
    for (int i = 0; i < layout.size(); i++) {
      if (occurrences[i] > 0 && lastValue[i] < second) {
        return false;
      }
    }
    return true;
  }

  private void put(int field, int from, int to) {
    int slot = layout.slotOf(field);
    if (slot == Layout.ABSENT || to < 0) {
      return;
    }
    fields.put(slot, from, to);
    if (layout.plays(field, Role.AI_LOG)) {
      fields.putAiLog(AiLogScanner.scan(line, from, line.length));
    }
  }

  /**
   * Of several values one is the gateway's: if all can be read, what the line is worth at most is
   * known. Whether a cache answered is not, nor what one that cannot be read would have said.
   */
  private static AiLog contested(Layout layout, byte[] line) {
    List<AiLog> values = aiLogs(layout, line);
    List<AiLog> objects = values.stream().filter(TextSalvage::isPossible).toList();
    boolean readable =
        values.stream().allMatch(one -> one.state() == State.NONE || isPossible(one));
    if (objects.isEmpty() || !readable) {
      return AiLog.without(State.UNCERTAIN, -1);
    }
    AiLog named = onlyModel(objects.stream().filter(one -> one.counts().areAny()).toList());
    return new AiLog(
        State.CONTESTED,
        -1,
        ReportedCounts.NONE,
        false,
        named == null ? null : named.model(),
        named != null && named.modelTruncated(),
        false,
        objects.stream().anyMatch(AiLog::detailsUnreadable));
  }

  private static boolean isPossible(AiLog log) {
    return log.state() == State.OBJECT && !log.impossible();
  }

  /** Any of them whose model is that of all; null if they differ: a client must not choose. */
  private static @Nullable AiLog onlyModel(List<AiLog> objects) {
    AiLog first = objects.isEmpty() ? null : objects.get(0);
    boolean same =
        first != null
            && objects.stream().allMatch(one -> Objects.equals(one.model(), first.model()));
    return same ? first : null;
  }

  /** Counts of all usage that a contested line names: the gateway's are among them. */
  static List<ReportedCounts> readings(Layout layout, byte[] line) {
    return aiLogs(layout, line).stream()
        .filter(TextSalvage::isPossible)
        .map(AiLog::counts)
        .toList();
  }

  /** Every value that the line names, whatever it is. */
  private static List<AiLog> aiLogs(Layout layout, byte[] line) {
    byte[] opening = layout.field(layout.fieldOf(Role.AI_LOG)).opening();
    List<AiLog> values = new ArrayList<>();
    int at = Bytes.indexOf(line, 0, line.length, opening);
    while (at >= 0) {
      int from = at + opening.length;
      values.add(read(line, from));
      at = Bytes.indexOf(line, from, line.length, opening);
    }
    return values;
  }

  /** In JSON the gateway has escaped once more what the plugin wrote. */
  private static AiLog read(byte[] line, int from) {
    if (!Bytes.startsWith(line, from, line.length, ESCAPED_IN_JSON)) {
      return AiLogScanner.scan(line, from, line.length);
    }
    int end = Bytes.unescapedQuote(line, from, line.length);
    return end < 0
        ? AiLog.without(State.CUT, -1)
        : JsonLine.aiLog(JsonText.unescape(line, from, end));
  }

  /**
   * What a line of JSON that is none, because it was cut or another follows, is worth at most.
   *
   * @return null if that cannot be told, or if the line is TEXT: what a client wrote there in the
   *     form of JSON can be all that is left after a cut
   */
  static @Nullable AiLog usageInJson(Layout layout, byte[] line) {
    int field = layout.fieldOf(Role.AI_LOG);
    if (field == Layout.ABSENT || hasNumberInQuotes(layout, line)) {
      return null;
    }
    byte[] opening = layout.field(field).opening();
    byte[] escaped = Arrays.copyOf(opening, opening.length + ESCAPED_IN_JSON.length);
    System.arraycopy(ESCAPED_IN_JSON, 0, escaped, opening.length, ESCAPED_IN_JSON.length);
    if (Bytes.indexOf(line, 0, line.length, escaped) < 0) {
      return null;
    }
    AiLog usage = contested(layout, line);
    boolean any = readings(layout, line).stream().anyMatch(ReportedCounts::areAny);
    return usage.state() == State.CONTESTED && any ? usage : null;
  }

  /** As every line of TEXT has, unless it was cut before; in JSON numbers have no quotes. */
  private static boolean hasNumberInQuotes(Layout layout, byte[] line) {
    return Role.NUMBERS.stream()
        .map(layout::fieldOf)
        .filter(field -> field != Layout.ABSENT)
        .map(field -> layout.field(field).opening())
        .anyMatch(opening -> Bytes.indexOf(line, 0, line.length, opening) >= 0);
  }

  /** Why there is no genuine {@code ai_log}. */
  private AiLog aiLogNotInPrefix(boolean whole, boolean cut) {
    int field = layout.fieldOf(Role.AI_LOG);
    if (field != Layout.ABSENT && occurrences[field] > 1) {
      return cut ? AiLog.without(State.UNCERTAIN, -1) : contested(layout, line);
    }
    byte[] start = layout.literal(0);
    boolean cutAtStart =
        line.length > 0
            && line.length < start.length
            && Bytes.startsWith(start, 0, start.length, line);
    boolean ours = false;
    for (int count : occurrences) {
      ours |= count > 0;
    }
    if (field == Layout.ABSENT && ours && whole) {
      return AiLog.without(State.NONE, -1);
    }
    return AiLog.without(ours || cutAtStart ? State.CUT : State.MISSING, -1);
  }

  /**
   * The latest of a line's start times that can be true; null if there is none. A client can forge
   * any, but none later than the truth changes a bill by more than the request took, and the true
   * one is among them.
   *
   * @param end what is after it cannot be true
   */
  static @Nullable Instant latestStart(Layout layout, byte[] line, Instant end) {
    byte[] opening = layout.field(layout.fieldOf(Role.START_TIME)).opening();
    Instant latest = null;
    int at = Bytes.indexOf(line, 0, line.length, opening);
    while (at >= 0) {
      int from = at + opening.length;
      int to = Bytes.indexOf(line, from, line.length, '"');
      Instant start = to < 0 ? null : Numbers.instant(line, from, to);
      if (start != null
          && !start.isBefore(Instant.EPOCH)
          && !start.isAfter(end)
          && (latest == null || start.isAfter(latest))) {
        latest = start;
      }
      at = Bytes.indexOf(line, from, line.length, opening);
    }
    return latest;
  }

  /** Of all upstreams that the line names, the counts of the one whose dialect bills most. */
  static Counted most(Layout layout, byte[] line, Dialects dialects, ReportedCounts counts) {
    byte[] opening = layout.field(layout.fieldOf(Role.UPSTREAM_CLUSTER)).opening();
    Counted most = null;
    int at = Bytes.indexOf(line, 0, line.length, opening);
    while (at >= 0) {
      int from = at + opening.length;
      int to = Bytes.indexOf(line, from, line.length, '"');
      if (to >= 0) {
        Counted counted = dialects.of(line, from, to).count(counts);
        most = most == null ? counted : most.orMore(counted);
      }
      at = Bytes.indexOf(line, from, line.length, opening);
    }
    // None means that the line was cut before: any upstream may have answered.
    return most == null ? dialects.most(counts) : most;
  }

  /**
   * Where a line begins for the second time in what should be one, or -1 if only once. Whoever
   * writes a further beginning behind it does not hide it.
   */
  static int secondObject(Layout layout, byte[] line) {
    byte[] start = layout.literal(0);
    int first = Bytes.indexOf(line, 0, line.length, start);
    return first < 0 ? -1 : Bytes.indexOf(line, first + start.length, line.length, start);
  }
}
