package dev.taximeter.standalone.inspect;

import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.Reason;
import dev.taximeter.parse.TemplateReport;
import dev.taximeter.standalone.inspect.Advice.Weight;
import dev.taximeter.standalone.inspect.TemplateMismatches.Kind;
import dev.taximeter.standalone.inspect.TemplateMismatches.Mismatch;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Turns what was seen into advice. Each method is one thing that can be wrong; it adds nothing if
 * it is not.
 */
final class Diagnosis {
  /** Of so many lines one must differ in the same way before it is the template's fault. */
  private static final int MISMATCH_ONE_IN = 100;

  private static final Set<Kind> OF_SHAPE = EnumSet.of(Kind.WRAPPED, Kind.OTHER_BEGINNING);

  private static final String BUILT_IN_HEADER = "%REQ(vjsp-api-key)%";
  private static final String OWN_HEADER = "%REQ(YOUR-KEY-HEADER)%";

  private static final Set<TemplateReport.Kind> ORDER =
      EnumSet.of(
          TemplateReport.Kind.USAGE_AFTER_CLIENT,
          TemplateReport.Kind.PAYER_AFTER_CLIENT,
          TemplateReport.Kind.OUTCOME_AFTER_CLIENT);

  private final Inspection log;
  private final List<Advice> advice = new ArrayList<>();

  private Diagnosis(Inspection log) {
    this.log = log;
  }

  /** {@return what this log's configuration loses or risks, the worst first} */
  static List<Advice> of(Inspection log) {
    Diagnosis diagnosis = new Diagnosis(log);
    if (diagnosis.isReadable()) {
      diagnosis.ofWhatWasRead();
    } else {
      diagnosis.ofShape();
    }
    diagnosis.advice.sort(Comparator.comparing(Advice::weight));
    return List.copyOf(diagnosis.advice);
  }

  /** Whether lines could be read, or at least look as if they were of the access log. */
  private boolean isReadable() {
    boolean anyRead = log.lines() > log.lines(Fate.QUARANTINED) + log.lines(Fate.DUPLICATE);
    List<Mismatch> mismatches = log.mismatches();
    boolean strange =
        log.lines(Trait.PRETTY_PRINTED) > 0
            || (!mismatches.isEmpty() && OF_SHAPE.contains(mismatches.get(0).kind()));
    return anyRead || !strange;
  }

  /** What lines seem to show that are pieces, wrapped, or of another log, they do not. */
  private void ofShape() {
    if (log.lines(Trait.PRETTY_PRINTED) > 0) {
      prettyPrinted();
    } else {
      templateMismatch();
    }
  }

  private void ofWhatWasRead() {
    prettyPrinted();
    templateMismatch();
    noAiLog();
    streamsWithoutUsage();
    otherLeakage();
    usageWithoutKey();
    honestTwins();
    doubtfulBeginnings();
    partsOfLines();
    clockAhead();
    textEncoding();
    fieldOrder();
    otherFindingsOnTemplates();
    tampered();
    promptsInLog();
    keysInQueries();
    oldPlugin();
    noCacheCounts();
    cutValues();
    noConsumer();
    coarseStart();
  }

  private void prettyPrinted() {
    if (log.lines(Trait.PRETTY_PRINTED) > 0) {
      add(
          "pretty-printed",
          Weight.LOSES,
          "A brace stands alone on a line: the template spans several lines, and so does each"
              + " record. Nothing of such records can be read.",
          "Put accessLogFormat on one line in the ConfigMap higress-config:",
          "  kubectl edit configmap higress-config -n higress-system");
    }
  }

  private void templateMismatch() {
    Set<Kind> told = EnumSet.noneOf(Kind.class);
    for (Mismatch mismatch : log.mismatches()) {
      if (mismatch.lines() * MISMATCH_ONE_IN < log.lines()) {
        return;
      }
      Kind kind = mismatch.kind() == Kind.LINE_GOES_ON ? Kind.OTHER_FIELD : mismatch.kind();
      if (told.add(kind)) {
        switch (kind) {
          case WRAPPED -> wrapped(mismatch);
          case OTHER_BEGINNING -> foreign(mismatch);
          case OTHER_FIELD, LINE_GOES_ON -> otherTemplate(mismatch);
          case VALUE_BREAKS_OUT, LINE_ENDS -> {}
        }
      }
    }
  }

  private void wrapped(Mismatch mismatch) {
    add(
        "collector-prefix",
        Weight.LOSES,
        "A collector has wrapped the gateway's line on %s (first: %s), and nothing says so."
            .formatted(lines(mismatch.lines()), place(mismatch)),
        "Name the collector in a file for --gateway:",
        "  sources:",
        "  - path: \"*\"",
        "    format: " + mismatch.found());
  }

  private void foreign(Mismatch mismatch) {
    boolean nothingElse = log.lines() == log.lines(Fate.QUARANTINED) + log.lines(Fate.DUPLICATE);
    add(
        "foreign-lines",
        nothingElse ? Weight.LOSES : Weight.LACKS,
        "No line of the access log, by its beginning, on %s (first: %s): another program's output, or the gateway's own messages. Such lines are quarantined."
            .formatted(lines(mismatch.lines()), place(mismatch)),
        "Let the access log have a file of its own, in the ConfigMap higress-config, under mesh:",
        "  accessLogFile: /var/log/proxy/access.log");
  }

  private void otherTemplate(Mismatch mismatch) {
    add(
        "template-mismatch",
        Weight.LOSES,
        "Another template: on %s %s (first: %s). Such lines are salvaged as if tampered with. %s"
            .formatted(
                lines(mismatch.lines()),
                difference(mismatch),
                place(mismatch),
                fatesOfMismatches()),
        "Name the template that your gateway has in a file for --gateway; this shows it:",
        "  kubectl get configmap higress-config -n higress-system -o yaml | grep -A3"
            + " accessLogFormat");
  }

  private static String place(Mismatch mismatch) {
    return "%s line %,d, character %,d"
        .formatted(mismatch.firstFile(), mismatch.firstLine(), mismatch.firstByte());
  }

  private static String difference(Mismatch mismatch) {
    if (mismatch.kind() == Kind.LINE_GOES_ON) {
      return "there is more after the template's last field";
    }
    String found =
        mismatch.isShape()
            ? "another field (its name has the shape %s)".formatted(mismatch.found())
            : mismatch.found();
    return "there is %s where the template has %s".formatted(found, mismatch.field());
  }

  private String fatesOfMismatches() {
    return "Of all lines that do not match: billed %,d, in suspense %,d, in quarantine %,d."
        .formatted(
            log.tampered(Fate.BILLED) + log.tampered(Fate.UNATTRIBUTED),
            log.tampered(Fate.SUSPENSE),
            log.tampered(Fate.QUARANTINED));
  }

  private void noAiLog() {
    if (log.lines() > 0 && log.lines(Trait.AI_LOG) == 0) {
      add(
          "no-ai-log",
          Weight.LOSES,
          "No line has anything in ai_log: the plugin that counts tokens did not run, or its field"
              + " is not in the template. There is nothing to bill.",
          "Switch on the plugin ai-statistics for the AI routes, and have in accessLogFormat, first"
              + " of all fields:",
          "  \"ai_log\":\"%FILTER_STATE(wasm.ai_log:PLAIN)%\"");
    }
  }

  private void streamsWithoutUsage() {
    long streams = log.streamsWithoutUsage();
    if (streams > 0) {
      add(
          "include-usage-off",
          Weight.LOSES,
          "No counts came with %s that ended well: the client sent stream_options.include_usage false, or the route's protocol is original. The provider charges for that; nobody pays."
              .formatted(count(streams, "streaming answer")),
          "Take the client's stream_options away, so that the gateway adds its own. Plugin"
              + " transformer:",
          "  reroute: false",
          "  reqRules:",
          "  - operate: remove",
          "    body:",
          "    - key: stream_options",
          "and set the provider's protocol to openai in ai-proxy.");
    }
  }

  private void otherLeakage() {
    long others =
        log.leakageByReason().getOrDefault(Reason.SUCCESS_WITHOUT_USAGE, 0L)
            - log.streamsWithoutUsage();
    if (others > 0) {
      add(
          "answers-without-counts",
          Weight.LOSES,
          "No counts came with %s on AI paths that ended well. The provider charges for that; nobody pays."
              .formatted(count(others, "other answer")),
          "Switch on ai-statistics for these routes, at version 2.2.4 or newer: earlier ones lose a"
              + " usage event that",
          "the network cut in two. This shows the image's version:",
          "  kubectl get wasmplugins -n higress-system -o yaml | grep ai-statistics");
    }
    long left = log.leakageByReason().getOrDefault(Reason.CLIENT_LEFT, 0L);
    if (left > 0) {
      add(
          "clients-left",
          Weight.LOSES,
          "The counts were still to come when %s broke off. The provider may charge for that; no setting brings the counts back."
              .formatted(count(left, "answer")),
          "Watch which keys do this often: they stand in the column \"leaked\".");
    }
  }

  private void usageWithoutKey() {
    long missing = log.usageWithoutKey();
    if (missing > 0) {
      add(
          "usage-without-key",
          Weight.LOSES,
          "No key is on %s of %s: nobody pays for that. Nothing in such a line tells whose it is, so nobody can claim it later either."
              .formatted(lines(missing), count(log.total().requests(), "line") + " with usage"),
          "Log the very header that the gateway authenticates (never AUTHORIZATION: by then it"
              + " holds the provider's key),",
          "or, if the log has it under another name already, name that field as payer in a file for"
              + " --gateway:",
          "  \"user_api_key\":\"" + OWN_HEADER + "\"");
    }
  }

  private void honestTwins() {
    long twins = log.duplicatesInOneFile();
    if (twins > 0) {
      add(
          "twins",
          Weight.LOSES,
          "The same, byte for byte, as an earlier line of the same file: %s. Such lines count as copies; two requests that look the same to the millisecond are billed once."
              .formatted(lines(twins)),
          "Let start_time carry nanoseconds, so that no two requests look the same:",
          "  \"start_time\":\"%START_TIME(%Y-%m-%dT%H:%M:%S.%9fZ)%\"");
    }
  }

  private void doubtfulBeginnings() {
    long doubtful = log.reasons().getOrDefault(Reason.UNCERTAIN_BEGINNING, 0L);
    if (doubtful > 0) {
      add(
          "uncertain-beginning",
          Weight.LACKS,
          "Whether %s whole cannot be told: the first of a collector's file, without the file before it, may be the end of a longer one. It waits for a person's decision and is not billed by itself."
              .formatted(doubtful == 1 ? "one line is" : "%,d lines are".formatted(doubtful)),
          "Give the rotated files together, as in:",
          "  taximeter inspect --gateway gateway.yaml my.log my.log.20261103-081406");
    }
  }

  private void clockAhead() {
    long future = log.reasons().getOrDefault(Reason.ABSURD_FUTURE, 0L);
    if (future > 0) {
      add(
          "clock-ahead",
          Weight.LOSES,
          "The clock of this gateway is ahead of this machine's by %,d minutes: %s to have been completed more than 10 minutes from now, and such lines are quarantined."
              .formatted(
                  log.clockAhead().toMinutes(),
                  future == 1 ? "one line claims" : "%,d lines claim".formatted(future)),
          "Compare the clocks, and let both be set by a time server:",
          "  date -u; chronyc tracking",
          "Lines that were quarantined can be replayed once their time has passed.");
    }
  }

  private void textEncoding() {
    long text = log.lines(Trait.TEXT_ENCODING);
    if (text > 0) {
      add(
          "text-encoding",
          Weight.RISKS,
          "TEXT encoding on %s: the gateway writes headers unescaped, so that a client can forge fields. What is forged is found and salvaged, but some of it can only be held in suspense."
              .formatted(lines(text)),
          "In the ConfigMap higress-config, under mesh:",
          "  accessLogEncoding: JSON");
    }
  }

  /** In TEXT, what stands before a field decides whether it can be believed. */
  private void fieldOrder() {
    if (log.lines(Trait.TEXT_ENCODING) == 0) {
      return;
    }
    for (TemplateReport template : log.templates()) {
      List<String> sentences =
          template.findings().stream()
              .filter(finding -> ORDER.contains(finding.kind()))
              .map(TemplateReport.Finding::sentence)
              .toList();
      if (!sentences.isEmpty()) {
        add(
            "field-order",
            Weight.RISKS,
            String.join(" ", sentences),
            withOwnHeader(
                "As long as the encoding is TEXT, put the fields into this order"
                    + " (accessLogFormat):",
                template.recommended()));
        return;
      }
    }
  }

  /** A built-in template names a header that this gateway may not have, and no line tells which. */
  private static String[] withOwnHeader(String introduction, String template) {
    String open = template.replace(BUILT_IN_HEADER, OWN_HEADER);
    return open.equals(template)
        ? new String[] {introduction, "  " + template}
        : new String[] {
          introduction,
          "  " + open,
          "YOUR-KEY-HEADER stands for the header that accessLogFormat has there now; the log does"
              + " not tell which."
        };
  }

  private void otherFindingsOnTemplates() {
    for (TemplateReport template : log.templates()) {
      for (TemplateReport.Finding finding : template.findings()) {
        boolean loses =
            finding.kind() == TemplateReport.Kind.NO_PAYER
                || finding.kind() == TemplateReport.Kind.NO_USAGE;
        if (loses
            || finding.kind() == TemplateReport.Kind.NO_DETAILS
            || finding.kind() == TemplateReport.Kind.UNKNOWN_OPERATOR) {
          add(
              "template-" + finding.kind().name().toLowerCase(Locale.ROOT).replace('_', '-'),
              loses ? Weight.LOSES : Weight.LACKS,
              finding.sentence(),
              finding.suggestion());
        }
      }
    }
  }

  private void tampered() {
    long broken =
        log.mismatches().stream()
            .filter(mismatch -> mismatch.kind() == Kind.VALUE_BREAKS_OUT)
            .mapToLong(Mismatch::lines)
            .sum();
    if (broken > 0) {
      add(
          "tampered",
          Weight.RISKS,
          "A quote or a backslash breaks out of its field on %s, honest or forged. %s"
              .formatted(lines(broken), fatesOfMismatches()),
          "accessLogEncoding: JSON rules this out.");
    }
  }

  private void promptsInLog() {
    long texts = Math.max(log.lines(Trait.PROMPT), log.lines(Trait.ANSWER));
    if (texts > 0) {
      add(
          "prompts-in-log",
          Weight.RISKS,
          "What people asked or were answered stands on %s (the console's default). Whoever reads the log reads that too. Taximeter drops it."
              .formatted(lines(texts)),
          "In the configuration of ai-statistics remove the attributes with these keys:",
          "  - key: question",
          "  - key: answer");
    }
  }

  private void keysInQueries() {
    long keys = log.lines(Trait.KEY_IN_QUERY);
    if (keys > 0) {
      add(
          "keys-in-queries",
          Weight.RISKS,
          "A query parameter that looks like a key stands on %s. Queries end up in the logs of every proxy on the way."
              .formatted(lines(keys)),
          "Take keys from headers only. Plugin key-auth:",
          "  in_query: false",
          "  in_header: true");
    }
  }

  private void oldPlugin() {
    long old = log.usage(Trait.COUNTS_AS_TEXT);
    if (old > 0) {
      add(
          "old-plugin",
          Weight.LACKS,
          "Counts are text on %s, as ai-statistics writes them up to 2.0.4: without cached tokens, and unescaped inside."
              .formatted(lines(old)),
          "Update the image of ai-statistics to 2.2.4 or newer; this shows where it stands:",
          "  kubectl get wasmplugins -n higress-system -o yaml | grep ai-statistics");
    }
  }

  private void noCacheCounts() {
    if (log.total().requests() == 0 || log.usage(Trait.CACHE_COUNTS) > 0) {
      return;
    }
    boolean reporting = log.usage(Trait.DETAILS) > 0;
    add(
        "no-cached-counts",
        Weight.LACKS,
        reporting
            ? "The plugin reports details, but no line has cached or cache-written tokens: all"
                + " input is priced in full. That is right if your providers cache nothing."
            : "No line tells cached tokens: all input is priced in full, cached or not, and"
                + " reasoning cannot be told from output.",
        "ai-statistics logs input_token_details and output_token_details from 2.1.7 on; this shows"
            + " its version:",
        "  kubectl get wasmplugins -n higress-system -o yaml | grep ai-statistics");
  }

  private void cutValues() {
    long cut = log.lines(Trait.CUT_VALUE);
    if (cut > 0) {
      add(
          "cut-values",
          Weight.LACKS,
          "The plugin cut values at its limit on %s. If token details are among them, they cannot be read."
              .formatted(lines(cut)),
          "Log no prompts and answers, or raise the limit in ai-statistics:",
          "  value_length_limit: 32000");
    }
  }

  private void noConsumer() {
    if (log.total().requests() > 0 && log.usage(Trait.CONSUMER) == 0) {
      add(
          "no-consumer",
          Weight.LACKS,
          "No line names the consumer that the gateway has authenticated: the key is what the"
              + " client says, which is right only if it is the header that the gateway checks.",
          "In the configuration of ai-statistics:",
          "  attributes:",
          "  - key: consumer",
          "    value_source: request_header",
          "    value: x-mse-consumer",
          "    apply_to_log: true",
          "and let the gateway remove x-mse-consumer from requests that bring their own.");
    }
  }

  private void coarseStart() {
    long dated = log.lines(Trait.TEXT_ENCODING) + log.lines(Trait.JSON_ENCODING);
    if (dated > 0 && log.lines(Trait.FINE_START) == 0 && log.duplicatesInOneFile() == 0) {
      add(
          "milliseconds",
          Weight.LACKS,
          "start_time has milliseconds: two requests that are the same in every field to the"
              + " millisecond would count once.",
          "Let it carry nanoseconds:",
          "  \"start_time\":\"%START_TIME(%Y-%m-%dT%H:%M:%S.%9fZ)%\"");
    }
  }

  private void partsOfLines() {
    long parts = log.reasons().getOrDefault(Reason.LINE_TOO_LONG, 0L);
    if (parts > 0) {
      add(
          "line-too-long",
          Weight.LOSES,
          "%s: longer than a record can be (10 MB), or without a piece that is missing. No usage can be read of such a line, it cannot be replayed, and whoever can make one rides free."
              .formatted(
                  count(parts, "line") + (parts == 1 ? " is only a part" : " are only parts")),
          "Keep prompts and answers out of the log, which are all that makes a line so long, or"
              + " bound them in ai-statistics:",
          "  value_length_limit: 32000",
          "Give rotated files in one command, so that pieces of a line find each other.");
    }
  }

  private void add(String code, Weight weight, String finding, String... fix) {
    advice.add(new Advice(code, weight, finding, List.of(fix)));
  }

  private static String lines(long count) {
    return count(count, "line");
  }

  private static String count(long count, String what) {
    return String.format(Locale.ROOT, "%,d %s%s", count, what, count == 1 ? "" : "s");
  }
}
