package dev.taximeter.standalone.inspect;

import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.money.Decimals;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes a report for people, for a terminal of ordinary width. */
final class TextReport {
  private static final int NAME_WIDTH = 32;
  private static final int TEXT_WIDTH = 96;
  private static final double BYTES_PER_MEGABYTE = 1_000_000;
  private static final double PERCENT = 100;

  private final InspectReport report;
  private final boolean catalogued;
  private final PrintWriter out;

  private TextReport(InspectReport report, boolean catalogued, PrintWriter out) {
    this.report = report;
    this.catalogued = catalogued;
    this.out = out;
  }

  /**
   * @param catalogued whether a catalogue told which keys are known
   */
  static void write(InspectReport report, boolean catalogued, PrintWriter out) {
    TextReport text = new TextReport(report, catalogued, out);
    text.head();
    text.fates();
    text.usage("Models", report.models(), report.otherModels());
    text.usage("Keys", report.keys(), report.otherKeys());
    text.notes();
    text.advice();
    out.flush();
  }

  private void head() {
    String names =
        report.files().size() == 1
            ? report.files().get(0).name()
            : report.files().size() + " files";
    line(
        "%s: %,d lines, %,.1f MB, read in %s s",
        names,
        report.lines(),
        report.bytes() / BYTES_PER_MEGABYTE,
        Decimals.plain(report.seconds()));
    if (report.from() != null) {
      line("Completed from %s to %s", report.from(), report.to());
    }
  }

  private void fates() {
    heading("Lines");
    fate(Fate.BILLED, catalogued ? "usage of a key in the catalogue" : "usage with a key");
    fate(
        Fate.UNATTRIBUTED,
        catalogued ? "usage without a key in the catalogue" : "usage without a key");
    fate(Fate.UNBILLABLE, "nothing to bill");
    fate(Fate.DUPLICATE, "seen before");
    fate(Fate.SUSPENSE, "usage, but the payer is not certain");
    fate(Fate.QUARANTINED, "cannot be read, or cannot be true");
    if (!report.reasons().isEmpty()) {
      heading("Why lines are not billed");
      report
          .reasons()
          .forEach(
              (reason, lines) ->
                  line(
                      "  %-24s %,14d%s",
                      reason, lines, report.leakage().containsKey(reason) ? "  leakage" : ""));
    }
  }

  private void fate(Fate fate, String meaning) {
    long lines = report.fates().getOrDefault(fate.code(), 0L);
    double share = report.lines() == 0 ? 0 : lines * PERCENT / report.lines();
    line("  %-14s %,14d %6.2f %%  %s", fate.code(), lines, share, meaning);
  }

  private void usage(
      String title, List<InspectReport.Usage> rows, InspectReport.@Nullable Usage others) {
    if (rows.isEmpty()) {
      return;
    }
    InspectReport.Cost cost = report.cost();
    line("");
    line(
        "%-32s %10s %14s %13s %12s %13s %7s%s",
        title,
        "requests",
        "input",
        "cached",
        "output",
        "reasoning",
        "leaked",
        cost == null ? "" : "  cost " + cost.currency());
    rows.forEach(row -> row(shortened(String.valueOf(row.name())), row));
    if (others != null) {
      row("(others)", others);
    }
    row("(all)", report.total());
  }

  private void row(String name, InspectReport.Usage row) {
    BigDecimal cost = row.cost();
    line(
        "  %-30s %,10d %,14d %,13d %,12d %,13d %,7d%s",
        name,
        row.requests(),
        row.inputTokens(),
        row.cachedInputTokens(),
        row.outputTokens(),
        row.reasoningTokens(),
        row.leakage(),
        cost == null ? "" : "  " + Decimals.plain(cost));
  }

  private void notes() {
    line("");
    InspectReport.Cost cost = report.cost();
    if (cost == null) {
      line("Costs are open: name your prices with --catalog FILE (the README shows its format).");
    } else {
      line(
          "Cost at the list prices of %s: %s %s, the whole log taken as one account, months in UTC.",
          cost.priceBook(), Decimals.plain(cost.total()), cost.currency());
      if (cost.unpricedRequests() > 0) {
        line("Something of %,d requests has no price and costs 0.", cost.unpricedRequests());
      }
    }
    if (!report.keys().isEmpty()) {
      line(
          "Keys are shown by tags that mean nothing outside of this run, and their last four"
              + " characters.");
    }
    if (!report.duplicates().complete()) {
      line(
          "Copies were looked for among the first %,d different lines only.", SeenLines.MOST_LINES);
    }
    if (report.duplicates().acrossFiles() > 0) {
      line("%,d copies stand in an earlier file.", report.duplicates().acrossFiles());
    }
    tampered(report.tampered());
  }

  private void tampered(Map<String, Long> tampered) {
    if (!tampered.isEmpty()) {
      StringBuilder fates = new StringBuilder();
      tampered.forEach(
          (fate, lines) ->
              fates
                  .append(fates.isEmpty() ? "" : ", ")
                  .append(String.format(Locale.ROOT, "%s %,d", fate, lines)));
      line("Lines that do not match their template: %s.", fates);
    }
  }

  private void advice() {
    heading("What this log loses or risks");
    if (report.advice().isEmpty()) {
      line("  Nothing was found.");
    }
    for (Advice advice : report.advice()) {
      line("");
      wrapped("  %-6s %s".formatted(advice.weight().code(), advice.finding()));
      advice.fix().forEach(fix -> line("         | %s", fix));
    }
  }

  /** Breaks a text between words; later lines stand under the finding. */
  private void wrapped(String text) {
    String rest = text;
    String indent = "";
    while (indent.length() + rest.length() > TEXT_WIDTH) {
      int space = rest.lastIndexOf(' ', TEXT_WIDTH - indent.length());
      if (space <= indent.length()) {
        break;
      }
      line("%s%s", indent, rest.substring(0, space));
      rest = rest.substring(space + 1);
      indent = " ".repeat(9);
    }
    line("%s%s", indent, rest);
  }

  private void heading(String title) {
    line("");
    line("%s", title);
  }

  private void line(String format, @Nullable Object... values) {
    out.println(String.format(Locale.ROOT, format, values));
  }

  private static String shortened(String name) {
    int most = NAME_WIDTH - 2;
    return name.length() <= most ? name : name.substring(0, most - 1) + "…";
  }
}
