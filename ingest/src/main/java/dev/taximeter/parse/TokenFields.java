package dev.taximeter.parse;

import dev.taximeter.parse.AiLog.ModelName;
import dev.taximeter.parse.AiLog.State;

/**
 * Reads usage that has fields of its own, as Envoy AI Gateway writes it, into the same form as
 * {@code ai_log}.
 */
final class TokenFields {
  private final LineFields fields;
  private boolean impossible;
  private boolean any;

  private TokenFields(LineFields fields) {
    this.fields = fields;
  }

  /** What the fields say. */
  static AiLog read(Layout layout, LineFields fields) {
    for (Role role : Role.TOKENS) {
      if (layout.fieldOf(role) != Layout.ABSENT && !fields.knows(role)) {
        // The template has it and the line may not be believed about it.
        return AiLog.without(State.UNCERTAIN, -1);
      }
    }
    return new TokenFields(fields).read();
  }

  private AiLog read() {
    ReportedCounts counts =
        new ReportedCounts(
            count(Role.INPUT_TOKENS),
            count(Role.OUTPUT_TOKENS),
            count(Role.TOTAL_TOKENS),
            count(Role.CACHE_READ_TOKENS),
            count(Role.CACHE_WRITE_TOKENS),
            count(Role.REASONING_TOKENS),
            Numbers.ABSENT,
            Numbers.ABSENT);
    ModelName model = model();
    return new AiLog(
        any ? State.OBJECT : State.NONE,
        -1,
        impossible ? ReportedCounts.NONE : counts,
        impossible,
        model.text(),
        model.truncated(),
        false,
        false);
  }

  private long count(Role role) {
    if (!fields.knows(role) || fields.isAbsent(role)) {
      return Numbers.ABSENT;
    }
    any = true;
    Long count = fields.read(role, Numbers::count);
    if (count == null || count == Numbers.IMPOSSIBLE) {
      impossible = true;
      return Numbers.ABSENT;
    }
    return count;
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
