package dev.taximeter.contract.catalog.community;

import dev.taximeter.contract.catalog.PriceEntry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The community's {@code model_prices_and_context_window.json}: prices of models in USD, without
 * dates.
 *
 * <p>An entry is taken over as a whole or not at all. What this catalogue cannot represent is
 * refused by entry and field: an entry without its price for audio would charge audio as text.
 *
 * @param entries what can be taken over, by model
 * @param refusals what cannot
 * @param leftOut price fields that were passed over because the reader asked for it
 */
public record CommunityPrices(
    List<PriceEntry> entries, List<Refusal> refusals, List<LeftOut> leftOut) {
  /** All prices of the file are in it. */
  public static final String CURRENCY = "USD";

  private static final Set<String> NO_MODELS = Set.of("sample_spec", "fallback_generalizations");

  public CommunityPrices {
    entries = List.copyOf(entries);
    refusals = List.copyOf(refusals);
    leftOut = List.copyOf(leftOut);
  }

  /**
   * Something that cannot be represented. Its entry is not taken over.
   *
   * @param entry the model
   * @param field of the entry
   * @param reason continues a sentence that begins with the field
   */
  public record Refusal(String entry, String field, String reason) {}

  /** A price that was passed over. */
  public record LeftOut(String entry, String field) {}

  /**
   * What to read.
   *
   * @param book id of the book that the entries are for
   * @param effectiveFrom first instant that they apply to
   * @param models which models
   * @param without price fields to pass over, although they have a price
   */
  public record Wish(
      String book, Instant effectiveFrom, Predicate<String> models, Predicate<String> without) {}

  /**
   * @param json the file's content
   * @throws IllegalArgumentException with a sentence for people, if it is no such file
   */
  public static CommunityPrices read(byte[] json, Wish wish) {
    List<PriceEntry> entries = new ArrayList<>();
    Set<Refusal> refusals = new LinkedHashSet<>();
    Set<LeftOut> leftOut = new LinkedHashSet<>();
    CommunityFile.read(json)
        .forEach(
            (model, descriptions) -> {
              if (NO_MODELS.contains(model) || !wish.models().test(model)) {
                return;
              }
              List<@Nullable PriceEntry> read = new ArrayList<>();
              for (CommunityFile.Description description : descriptions) {
                CommunityEntry entry = new CommunityEntry(model, description, wish);
                read.add(entry.read());
                refusals.addAll(entry.refusals());
                leftOut.addAll(entry.leftOut());
              }
              PriceEntry first = read.get(0);
              if (read.stream().anyMatch(other -> !Objects.equals(first, other))) {
                refusals.add(new Refusal(model, "(name)", "is there twice, with other prices"));
              } else if (first != null) {
                entries.add(first);
              }
            });
    entries.sort(Comparator.comparing(PriceEntry::model));
    return new CommunityPrices(entries, List.copyOf(refusals), List.copyOf(leftOut));
  }
}
