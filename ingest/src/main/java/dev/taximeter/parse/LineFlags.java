package dev.taximeter.parse;

/** What was unusual about a line: stable codes that travel with its usage. */
public final class LineFlags {
  /** The line does not match its template exactly; its genuine fields were salvaged. */
  public static final String TAMPERED = "tampered";

  /** A second log object begins inside a tampered line: forged, or two lines glued together. */
  public static final String SECOND_OBJECT = "second-object";

  /** A JSON line lacks fields of the template. */
  public static final String FIELDS_MISSING = "fields-missing";

  /** Parts exceed the count that should include them: counted beside it instead. */
  public static final String COUNTS_CONTRADICT_DIALECT = "counts-contradict-dialect";

  /** Only a total was reported; it is counted as input. */
  public static final String TOTAL_AS_INPUT = "total-as-input";

  /** Token details that cannot be read, so cached or reasoning tokens may be unknown. */
  public static final String DETAILS_UNREADABLE = "details-unreadable";

  /** The model's name was too long and is cut. */
  public static final String MODEL_TRUNCATED = "model-truncated";

  /** A tampered line without a believable start time; it counts at its arrival. */
  public static final String COMPLETION_AT_ARRIVAL = "completion-at-arrival";

  private LineFlags() {}
}
