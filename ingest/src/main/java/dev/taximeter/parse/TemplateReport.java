package dev.taximeter.parse;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What an access-log template loses or risks, and what to write instead.
 *
 * @param payerAlwaysCertain whether even a tampered line in TEXT encoding has a certain payer
 * @param findings the gravest first; empty if there is nothing to mend
 * @param recommended the same fields in the safe order, with nanoseconds; empty if the template
 *     cannot be used at all
 */
public record TemplateReport(
    boolean payerAlwaysCertain, List<Finding> findings, String recommended) {
  private static final String NANOSECONDS = "%START_TIME(%Y-%m-%dT%H:%M:%S.%9fZ)%";

  /** Roles whose values say whether and how much a line costs, and when. */
  private static final Set<Role> DECIDING =
      Set.of(
          Role.AI_LOG,
          Role.BYTES_SENT,
          Role.DURATION,
          Role.METHOD,
          Role.RESPONSE_CODE,
          Role.RESPONSE_CODE_DETAILS,
          Role.RESPONSE_FLAGS,
          Role.ROUTE_NAME,
          Role.START_TIME,
          Role.UPSTREAM_CLUSTER,
          Role.UPSTREAM_HOST);

  public TemplateReport {
    findings = List.copyOf(findings);
  }

  /** What can be wrong with a template; codes never change their meaning. */
  public enum Kind {
    /** It is no template at all. */
    UNUSABLE,
    /** It stands on several lines, and so would its records. */
    SEVERAL_LINES,
    /** The payer's fields are not in it. */
    NO_PAYER,
    /** Nothing says what was used. */
    NO_USAGE,
    /** A client can make the usage itself uncertain. */
    USAGE_AFTER_CLIENT,
    /** A client can make the payer uncertain: its usage is held, not billed. */
    PAYER_AFTER_CLIENT,
    /** A client can make fields uncertain that decide whether a line is billed, or when. */
    OUTCOME_AFTER_CLIENT,
    /** It is not known who writes a field; it counts as the client's. */
    UNKNOWN_OPERATOR,
    /** Answers of the gateway itself cannot be told from a provider's. */
    NO_DETAILS,
    /** Identical requests of one millisecond look like copies of one line. */
    NO_NANOSECONDS
  }

  /**
   * One thing to mend.
   *
   * @param fields the template's fields that it is about; may be empty
   * @param sentence what is wrong, for people
   * @param suggestion what to do
   */
  public record Finding(Kind kind, List<String> fields, String sentence, String suggestion) {
    public Finding {
      fields = List.copyOf(fields);
    }
  }

  /**
   * Examines a template.
   *
   * @param payer fields that name the payer's key, in order
   */
  public static TemplateReport of(String template, List<String> payer) {
    List<Finding> findings = new ArrayList<>();
    String text = template.strip();
    if (text.indexOf('\n') >= 0) {
      findings.add(
          new Finding(
              Kind.SEVERAL_LINES,
              List.of(),
              "The template stands on several lines, and so would every record of the log.",
              "Write it on one line."));
      text = text.lines().map(String::strip).collect(Collectors.joining());
    }
    Layout layout;
    try {
      layout = Layout.of(text);
    } catch (IllegalArgumentException e) {
      findings.add(
          new Finding(
              Kind.UNUSABLE,
              List.of(),
              "It cannot be used: %s.".formatted(e.getMessage()),
              "Paste the gateway's access-log format, a JSON object of text values."));
      return new TemplateReport(false, findings, "");
    }
    String problem = layout.payerProblem(payer);
    if (problem != null) {
      findings.add(
          new Finding(
              Kind.NO_PAYER,
              payer,
              "The payer %s.".formatted(problem),
              "Log the header that the gateway authenticates, and name its field as the payer."));
      return new Examination(layout, findings).report();
    }
    return new Examination(Layout.of(text, payer), findings).report();
  }

  /** One sentence for a log: how many findings, and the gravest of them. */
  public String summary() {
    return findings.isEmpty()
        ? "nothing to mend"
        : "%d to mend: %s"
            .formatted(
                findings.size(),
                findings.stream()
                    .map(f -> f.sentence() + " " + f.suggestion())
                    .collect(Collectors.joining(" | ")));
  }

  /** Looks at a template that can be read. */
  private static final class Examination {
    private static final String ORDER =
        "Set accessLogEncoding to JSON, or put the fields into the recommended order.";

    private final Layout layout;
    private final List<Finding> findings;
    private final int firstClient;

    Examination(Layout layout, List<Finding> findings) {
      this.layout = layout;
      this.findings = findings;
      firstClient =
          fields()
              .filter(i -> layout.field(i).clientControlled())
              .findFirst()
              .orElse(layout.size());
    }

    private IntStream fields() {
      return IntStream.range(0, layout.size());
    }

    TemplateReport report() {
      boolean payerCertain =
          layout.payers() > 0
              && IntStream.range(0, layout.payers())
                  .allMatch(rank -> layout.payerField(rank) <= firstClient);
      examineUsage();
      if (layout.payers() > 0 && !payerCertain) {
        find(
            Kind.PAYER_AFTER_CLIENT,
            namesBefore(lastPayer()),
            "In TEXT a client can forge the payer's field in what stands before it; its usage is"
                + " then held and not billed.",
            ORDER);
      }
      examineOutcome();
      examineOperators();
      examineDetails();
      return new TemplateReport(payerCertain, findings, recommended());
    }

    private int lastPayer() {
      return IntStream.range(0, layout.payers()).map(layout::payerField).max().orElse(0);
    }

    private void examineUsage() {
      int usage = layout.fieldOf(Role.AI_LOG);
      if (layout.hasTokenFields()) {
        usage = Role.TOKENS.stream().mapToInt(layout::fieldOf).max().orElse(Layout.ABSENT);
      }
      if (usage == Layout.ABSENT) {
        find(
            Kind.NO_USAGE,
            List.of(),
            "No field says how many tokens were used, so nothing can be billed.",
            "Add \"ai_log\":\"%FILTER_STATE(wasm.ai_log:PLAIN)%\" as the first field.");
      } else if (usage > firstClient) {
        find(
            Kind.USAGE_AFTER_CLIENT,
            namesBefore(usage),
            "In TEXT a client can forge the usage; its lines are then held at the most they name, or"
                + " quarantined if one of the values cannot be read, and not billed before a"
                + " person has decided.",
            ORDER);
      }
    }

    private void examineOutcome() {
      List<String> late =
          DECIDING.stream()
              .filter(role -> role != Role.AI_LOG && layout.fieldOf(role) > firstClient)
              .map(layout::fieldOf)
              .sorted()
              .map(i -> layout.field(i).name())
              .toList();
      if (!late.isEmpty()) {
        find(
            Kind.OUTCOME_AFTER_CLIENT,
            late,
            "In TEXT a client can make %s uncertain, because %s stands before them."
                .formatted(String.join(", ", late), layout.field(firstClient).name()),
            ORDER);
      }
    }

    private void examineOperators() {
      List<String> unknown =
          fields()
              .filter(i -> !layout.field(i).known())
              .mapToObj(i -> layout.field(i).name())
              .toList();
      if (!unknown.isEmpty()) {
        find(
            Kind.UNKNOWN_OPERATOR,
            unknown,
            "It is not known who writes %s, so a client is taken to."
                .formatted(String.join(", ", unknown)),
            "Move these fields to the end, or leave them out.");
      }
    }

    private void examineDetails() {
      if (layout.fieldOf(Role.RESPONSE_CODE_DETAILS) == Layout.ABSENT) {
        find(
            Kind.NO_DETAILS,
            List.of(),
            "Answers of the gateway itself, such as cache hits, cannot be told from a provider's,"
                + " nor can failed attempts before a fallback.",
            "Add \"response_code_details\":\"%RESPONSE_CODE_DETAILS%\".");
      }
      Layout.Field start = layout.field(layout.fieldOf(Role.START_TIME));
      if (!start.format().contains("%9f")) {
        find(
            Kind.NO_NANOSECONDS,
            List.of(start.name()),
            "Two requests whose lines are the same to the millisecond count as one.",
            "Write \"%s\":\"%s\".".formatted(start.name(), NANOSECONDS));
      }
    }

    private void find(Kind kind, List<String> fields, String sentence, String suggestion) {
      findings.add(new Finding(kind, fields, sentence, suggestion));
    }

    private List<String> namesBefore(int field) {
      return fields()
          .filter(i -> i < field && layout.field(i).clientControlled() && !isPayer(i))
          .mapToObj(i -> layout.field(i).name())
          .toList();
    }

    private boolean isPayer(int field) {
      return layout.slotOf(field) >= Role.COUNT;
    }

    /** Usage, what the gateway makes, the payer, and then all else that a client can write. */
    private String recommended() {
      return fields()
          .boxed()
          .sorted(Comparator.comparingInt(this::place))
          .map(layout::field)
          .map(field -> "\"%s\":\"%s\"".formatted(field.name(), format(field)))
          .collect(Collectors.joining(",", "{", "}"));
    }

    private int place(int field) {
      if (layout.plays(field, Role.AI_LOG)) {
        return 0;
      }
      if (!layout.field(field).clientControlled()) {
        return 1;
      }
      return isPayer(field) ? 2 : 3;
    }

    private static String format(Layout.Field field) {
      return field.call().equals("START_TIME") && !field.format().contains("%9f")
          ? NANOSECONDS
          : field.format();
    }
  }
}
