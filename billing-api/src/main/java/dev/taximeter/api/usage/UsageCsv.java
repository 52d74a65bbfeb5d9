package dev.taximeter.api.usage;

import dev.taximeter.api.web.Csv;
import dev.taximeter.contract.money.Decimals;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Usage as CSV. */
final class UsageCsv {
  private static final List<String> HEAD =
      List.of(
          "start",
          "account",
          "key",
          "team",
          "model",
          "requests",
          "inputTokens",
          "cachedInputTokens",
          "cacheWriteTokens",
          "outputTokens",
          "reasoningTokens",
          "cost",
          "currency");

  private UsageCsv() {}

  static String of(List<UsageController.Row> rows) {
    StringBuilder csv = new StringBuilder(Csv.row(HEAD));
    rows.forEach(row -> csv.append(Csv.row(cells(row))));
    return csv.toString();
  }

  private static List<String> cells(UsageController.Row row) {
    return List.of(
        row.start().toString(),
        Csv.text(row.account()),
        Csv.text(row.key()),
        Csv.text(row.team()),
        Csv.text(row.model()),
        Long.toString(row.requests()),
        Long.toString(row.inputTokens()),
        Long.toString(row.cachedInputTokens()),
        Long.toString(row.cacheWriteTokens()),
        Long.toString(row.outputTokens()),
        Long.toString(row.reasoningTokens()),
        Decimals.plain(row.cost()),
        absent(row.currency()));
  }

  private static String absent(@Nullable String code) {
    return code == null ? "" : code;
  }
}
