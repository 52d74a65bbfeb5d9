package dev.taximeter.contract.catalog.community;

import dev.taximeter.contract.catalog.PriceEntry;
import dev.taximeter.contract.json.Json;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectReader;

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

  /** Of a model or a price that is there twice, one would be passed over without a word. */
  private static final ObjectReader READER =
      Json.MAPPER.reader(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY);

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
    JsonNode root;
    try {
      root = READER.readTree(json);
    } catch (JacksonException e) {
      // Nesting that is too deep has no place.
      String place =
          e.getLocation() == null
              ? ""
              : ": line %d, column %d"
                  .formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr());
      String what = e instanceof DatabindException ? "names something twice" : "is not JSON";
      throw new IllegalArgumentException("The file %s%s.".formatted(what, place), e);
    }
    if (!root.isObject()) {
      throw new IllegalArgumentException(
          "The file must be one JSON object from model names to prices.");
    }
    List<PriceEntry> entries = new ArrayList<>();
    List<Refusal> refusals = new ArrayList<>();
    List<LeftOut> leftOut = new ArrayList<>();
    for (Map.Entry<String, JsonNode> property : root.properties()) {
      String model = property.getKey();
      if (NO_MODELS.contains(model) || !wish.models().test(model)) {
        continue;
      }
      CommunityEntry entry = new CommunityEntry(model, property.getValue(), wish);
      PriceEntry read = entry.read();
      refusals.addAll(entry.refusals());
      leftOut.addAll(entry.leftOut());
      if (read != null) {
        entries.add(read);
      }
    }
    entries.sort(Comparator.comparing(PriceEntry::model));
    return new CommunityPrices(entries, refusals, leftOut);
  }
}
