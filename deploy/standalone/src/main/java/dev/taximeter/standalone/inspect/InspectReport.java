package dev.taximeter.standalone.inspect;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.taximeter.contract.catalog.PriceBook;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.Reason;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.json.Json;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What {@code inspect --json} prints: one object, decimals as strings, times in RFC 3339 and UTC,
 * fields without a value left out. Fields may be added, never changed.
 *
 * @param files what was read
 * @param lines all lines; the sum of the fates
 * @param bytes of all files, decompressed
 * @param seconds that reading took
 * @param from earliest completion
 * @param to latest completion
 * @param fates lines by fate. Without a catalogue {@code billed} is every line with usage and a key
 * @param reasons why lines are not billed, and how many
 * @param duplicates what kinds of copies there are
 * @param tampered lines that do not match their template, by what became of them
 * @param total all usage
 * @param models usage by model, the first ones
 * @param otherModels the rest
 * @param keys usage by key, the first ones; a key is named by its account and name in the
 *     catalogue, else by a tag that is good for this run only and its last four characters
 * @param otherKeys the rest
 * @param cost at list prices; absent without a catalogue that has a price book
 * @param leakage answers that the provider charges for and the log has no counts of, by reason
 * @param mismatches where tampered lines first differ from the template, the most frequent first
 * @param advice what this log's configuration loses or risks, the worst first
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record InspectReport(
    List<Inspection.FileRead> files,
    long lines,
    long bytes,
    BigDecimal seconds,
    @Nullable Instant from,
    @Nullable Instant to,
    Map<String, Long> fates,
    Map<String, Long> reasons,
    Duplicates duplicates,
    Map<String, Long> tampered,
    Usage total,
    List<Usage> models,
    @Nullable Usage otherModels,
    List<Usage> keys,
    @Nullable Usage otherKeys,
    @Nullable Cost cost,
    Map<String, Long> leakage,
    List<TemplateMismatches.Mismatch> mismatches,
    List<Advice> advice) {
  /** Kinds of mismatch in a report. */
  private static final int MOST_MISMATCHES = 5;

  /**
   * Copies.
   *
   * @param inOneFile the same bytes stand in the same file before
   * @param acrossFiles the same bytes stand in an earlier file
   * @param complete whether all lines were remembered; if not, later copies went unseen
   */
  record Duplicates(long inOneFile, long acrossFiles, boolean complete) {}

  /**
   * Usage of a group.
   *
   * @param name of the model or key; absent for sums over several
   * @param requests lines with usage
   * @param inputTokens cached and cache-written ones included
   * @param outputTokens reasoning included
   * @param cost at list prices, exact; absent if there are none
   * @param unpriced requests of which something has no price
   * @param leakage answers without counts
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Usage(
      @Nullable String name,
      long requests,
      long inputTokens,
      long cachedInputTokens,
      long cacheWriteTokens,
      long outputTokens,
      long reasoningTokens,
      @Nullable BigDecimal cost,
      @Nullable Long unpriced,
      long leakage) {
    private static Usage of(@Nullable String name, Sum sum, boolean priced) {
      TokenCounts tokens = sum.tokens();
      return new Usage(
          name,
          sum.requests(),
          tokens.inputTokens(),
          tokens.cachedInput(),
          tokens.cacheWrite(),
          tokens.outputTokens(),
          tokens.reasoning(),
          priced ? sum.cost() : null,
          priced ? sum.unpriced() : null,
          sum.leakage());
    }
  }

  /**
   * Cost of everything at the prices of one book, tiers applied to the whole log by UTC month.
   *
   * @param priceBook its id
   * @param currency ISO 4217 code
   */
  record Cost(String priceBook, String currency, BigDecimal total, long unpricedRequests) {}

  static InspectReport of(Inspection inspection, BigDecimal seconds, int most) {
    ListPrices prices = inspection.prices();
    boolean priced = prices != null;
    Groups.Ranking models = inspection.models().ranking(most);
    Groups.Ranking keys = inspection.keys().ranking(most);
    List<TemplateMismatches.Mismatch> mismatches = inspection.mismatches();
    return new InspectReport(
        inspection.files(),
        inspection.lines(),
        inspection.files().stream().mapToLong(Inspection.FileRead::bytes).sum(),
        seconds,
        inspection.earliest(),
        inspection.latest(),
        fates(inspection),
        codes(inspection.reasons()),
        new Duplicates(
            inspection.duplicatesInOneFile(),
            inspection.duplicatesAcrossFiles(),
            inspection.sawAllDuplicates()),
        tampered(inspection),
        Usage.of(null, inspection.total(), priced),
        rows(models, priced),
        rest(models, priced),
        rows(keys, priced),
        rest(keys, priced),
        prices == null ? null : cost(prices.book(), inspection.total()),
        codes(inspection.leakageByReason()),
        mismatches.subList(0, Math.min(MOST_MISMATCHES, mismatches.size())),
        Diagnosis.of(inspection));
  }

  String toJson() {
    return Json.MAPPER.writeValueAsString(this);
  }

  private static Map<String, Long> fates(Inspection inspection) {
    Map<String, Long> fates = new LinkedHashMap<>();
    for (Fate fate : Fate.values()) {
      fates.put(fate.code(), inspection.lines(fate));
    }
    return fates;
  }

  private static Map<String, Long> tampered(Inspection inspection) {
    Map<String, Long> fates = new LinkedHashMap<>();
    for (Fate fate : Fate.values()) {
      if (inspection.tampered(fate) > 0) {
        fates.put(fate.code(), inspection.tampered(fate));
      }
    }
    return fates;
  }

  private static Map<String, Long> codes(Map<Reason, Long> counts) {
    Map<String, Long> codes = new LinkedHashMap<>();
    counts.forEach((reason, lines) -> codes.put(reason.code(), lines));
    return codes;
  }

  private static List<Usage> rows(Groups.Ranking ranking, boolean priced) {
    List<Usage> rows = new ArrayList<>();
    ranking.first().forEach(e -> rows.add(Usage.of(e.getKey(), e.getValue(), priced)));
    return rows;
  }

  private static @Nullable Usage rest(Groups.Ranking ranking, boolean priced) {
    return ranking.restGroups() == 0 && !ranking.restIsMore()
        ? null
        : Usage.of(null, ranking.rest(), priced);
  }

  private static Cost cost(PriceBook book, Sum total) {
    return new Cost(book.id(), book.currency(), total.cost(), total.unpriced());
  }
}
