package dev.taximeter.contract.catalog.community;

import dev.taximeter.contract.catalog.PriceEntry;
import dev.taximeter.contract.catalog.PriceEntry.ContextTier;
import dev.taximeter.contract.catalog.PriceSchedule;
import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.catalog.community.CommunityPrices.LeftOut;
import dev.taximeter.contract.catalog.community.CommunityPrices.Refusal;
import dev.taximeter.contract.catalog.community.CommunityPrices.Wish;
import dev.taximeter.contract.money.Decimals;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** One model of the file. Used once. */
final class CommunityEntry {
  private static final int LONGEST_MODEL = 200;
  private static final long THOUSAND = 1_000;

  /** The context tier of an entry's own prices. */
  private static final long ANY_LENGTH = 0;

  /** More digits before or after the point than any price has. */
  private static final int MOST_DIGITS = 40;

  private static final Map<String, TokenClass> CLASSES =
      Map.of(
          "input_cost_per_token", TokenClass.INPUT,
          "output_cost_per_token", TokenClass.OUTPUT,
          "cache_read_input_token_cost", TokenClass.CACHED_INPUT,
          "input_cost_per_token_cache_hit", TokenClass.CACHED_INPUT,
          "cache_creation_input_token_cost", TokenClass.CACHE_WRITE,
          "output_cost_per_reasoning_token", TokenClass.REASONING,
          "input_cost_per_request", TokenClass.REQUEST);

  /** Kinds of tokens that usage does not count apart, and what they are counted as. */
  private static final Map<String, TokenClass> PARTS =
      Map.of(
          "input_cost_per_audio_token", TokenClass.INPUT,
          "input_cost_per_image_token", TokenClass.INPUT,
          "input_cost_per_video_token", TokenClass.INPUT,
          "output_cost_per_audio_token", TokenClass.OUTPUT,
          "output_cost_per_image_token", TokenClass.OUTPUT,
          "output_cost_per_video_token", TokenClass.OUTPUT,
          "cache_read_input_audio_token_cost", TokenClass.CACHED_INPUT,
          "cache_read_input_image_token_cost", TokenClass.CACHED_INPUT,
          "cache_creation_input_audio_token_cost", TokenClass.CACHE_WRITE,
          "cache_creation_input_token_cost_above_1hr", TokenClass.CACHE_WRITE);

  private static final Pattern SIZED = Pattern.compile("(.+)_above_([0-9]{1,6})k_tokens");
  private static final Pattern SERVICE = Pattern.compile(".*_(priority|flex|batches)");

  /** Names that can hold a price; all others describe the model. */
  private static final Pattern MONEY =
      Pattern.compile(
          ".*(cost|price|pricing|uplift|multiplier|_per_(token|request|query|image|second|page|pixel)).*"
              + "|provider_specific_entry");

  private final String model;
  private final JsonNode node;
  private final Set<String> twice;
  private final Wish wish;
  private final List<Refusal> refusals = new ArrayList<>();
  private final List<LeftOut> leftOut = new ArrayList<>();

  /** Prices per token or request, by the prompt's length that they begin above. */
  private final TreeMap<Long, Map<TokenClass, BigDecimal>> prices = new TreeMap<>();

  /** Fields that may be passed over if they have the price of what they are a part of. */
  private record Part(String field, String base, long above, TokenClass whole, BigDecimal price) {}

  private final List<Part> parts = new ArrayList<>();

  CommunityEntry(String model, CommunityFile.Description description, Wish wish) {
    this.model = model;
    this.node = description.node();
    this.twice = description.twice();
    this.wish = wish;
  }

  List<Refusal> refusals() {
    return List.copyOf(refusals);
  }

  List<LeftOut> leftOut() {
    return List.copyOf(leftOut);
  }

  /** Null if it has no price, or one that cannot be represented. */
  @Nullable PriceEntry read() {
    if (!node.isObject()) {
      refuse("(all of it)", "is no object");
      return null;
    }
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      if (MONEY.matcher(field.getKey()).matches()) {
        read(field.getKey(), field.getValue());
      }
    }
    if (prices.isEmpty() && parts.isEmpty() && refusals.isEmpty()) {
      return null;
    }
    if (model.isBlank()
        || model.length() > LONGEST_MODEL
        || model.indexOf('*') >= 0
        || model.chars().anyMatch(Character::isISOControl)) {
      refuse(
          "(name)",
          "is no name of one model: it is too long, or has a star that would match others");
    }
    completeTiers();
    checkParts();
    return refusals.isEmpty() ? entry() : null;
  }

  private void read(String field, JsonNode value) {
    boolean isTwice = twice.contains(field);
    if (!isTwice && (value.isNull() || isZero(value) && !isKnown(field))) {
      return;
    }
    if (wish.without().test(field)) {
      leftOut.add(new LeftOut(model, field));
      return;
    }
    if (isTwice) {
      refuse(field, "is there twice, with different values");
      return;
    }
    if (!isKnown(field)) {
      refuse(field, reason(field));
      return;
    }
    BigDecimal price = price(field, value);
    if (price == null) {
      return;
    }
    Matcher sized = SIZED.matcher(field);
    boolean hasSize = sized.matches();
    String base = hasSize ? sized.group(1) : field;
    long above = hasSize ? Long.parseLong(sized.group(2)) * THOUSAND : ANY_LENGTH;
    TokenClass part = PARTS.get(base);
    TokenClass tokenClass = CLASSES.get(base);
    if (part != null) {
      parts.add(new Part(field, base, above, part, price));
    } else if (tokenClass != null) {
      BigDecimal other =
          prices
              .computeIfAbsent(above, first -> new EnumMap<>(TokenClass.class))
              .putIfAbsent(tokenClass, price);
      if (other != null && other.compareTo(price) != 0) {
        refuse(field, "differs from another price of the same tokens");
      }
    }
  }

  private static boolean isKnown(String field) {
    Matcher sized = SIZED.matcher(field);
    String base = sized.matches() ? sized.group(1) : field;
    return PARTS.containsKey(base) || CLASSES.containsKey(base);
  }

  private static boolean isZero(JsonNode value) {
    return value.isNumber() && value.decimalValue().signum() == 0;
  }

  private static String reason(String field) {
    if (SERVICE.matcher(field).matches()) {
      return "is the price of another service tier, which no log line tells";
    }
    return switch (field) {
      case "tiered_pricing" -> "has tiers of the provider's own kind";
      case "off_peak_pricing" -> "changes with the time of day";
      case "provider_specific_entry" -> "holds the provider's own terms";
      default ->
          field.contains("uplift") || field.contains("multiplier")
              ? "changes prices by region or circumstance"
              : "is a price of something that usage does not count";
    };
  }

  private @Nullable BigDecimal price(String field, JsonNode value) {
    BigDecimal price = null;
    try {
      price =
          value.isNumber()
              ? value.decimalValue()
              : value.isString() && value.stringValue().length() <= MOST_DIGITS
                  ? new BigDecimal(value.stringValue().strip())
                  : null;
    } catch (NumberFormatException e) {
      // Reported below.
    }
    if (price == null
        || Math.abs((long) price.scale()) > MOST_DIGITS
        || price.precision() > MOST_DIGITS) {
      refuse(field, "is no price");
      return null;
    }
    if (price.signum() < 0) {
      refuse(field, "is below 0");
      return null;
    }
    BigDecimal perMillion = Decimals.canonical(price.multiply(Decimals.MILLION));
    if (perMillion.scale() > Decimals.PER_MILLION_SCALE) {
      refuse(
          field,
          "has more digits than the %d after the point of a price per million that are kept exactly"
              .formatted(Decimals.PER_MILLION_SCALE));
      return null;
    }
    return perMillion;
  }

  /**
   * A class without a price for long prompts keeps its own there. If it has another one for prompts
   * that are not quite as long, the file does not say which of the two goes on.
   */
  private void completeTiers() {
    Map<TokenClass, BigDecimal> own = prices.getOrDefault(ANY_LENGTH, Map.of());
    Map<TokenClass, BigDecimal> shorter = new EnumMap<>(TokenClass.class);
    prices
        .tailMap(ANY_LENGTH, false)
        .forEach(
            (above, ofTier) -> {
              for (TokenClass tokenClass : ofTier.keySet()) {
                if (!own.containsKey(tokenClass)) {
                  refuse(
                      "%s above %d tokens".formatted(tokenClass.code(), above),
                      "has no price for shorter prompts");
                }
              }
              own.forEach(
                  (tokenClass, price) -> {
                    BigDecimal before = shorter.getOrDefault(tokenClass, price);
                    if (!ofTier.containsKey(tokenClass) && before.compareTo(price) != 0) {
                      refuse(
                          "%s above %d tokens".formatted(tokenClass.code(), above),
                          "has no price, and another one for shorter prompts than its own");
                    }
                    ofTier.putIfAbsent(tokenClass, price);
                  });
              shorter.putAll(ofTier);
            });
  }

  /**
   * What is counted as part of a class costs what the class costs, or cannot be represented. It
   * keeps its price for long prompts, too, unless it has another one there.
   */
  private void checkParts() {
    for (Part part : parts) {
      Set<Long> others =
          parts.stream()
              .filter(other -> other.base().equals(part.base()) && other.above() > part.above())
              .map(Part::above)
              .collect(Collectors.toSet());
      boolean same = prices.containsKey(part.above());
      for (Map.Entry<Long, Map<TokenClass, BigDecimal>> tier :
          prices.tailMap(part.above(), true).entrySet()) {
        BigDecimal whole = tier.getValue().get(part.whole());
        if (whole == null) {
          whole = tier.getValue().get(parent(part.whole()));
        }
        boolean hasOther = others.contains(tier.getKey());
        same &= hasOther || whole != null && whole.compareTo(part.price()) == 0;
      }
      if (!same) {
        refuse(
            part.field(),
            "is another price than that of %s, and usage does not count these tokens apart"
                .formatted(part.whole().code()));
      }
    }
  }

  private static TokenClass parent(TokenClass tokenClass) {
    return tokenClass == TokenClass.OUTPUT ? TokenClass.OUTPUT : TokenClass.INPUT;
  }

  private void refuse(String field, String reason) {
    refusals.add(new Refusal(model, field, reason));
  }

  private @Nullable PriceEntry entry() {
    Map<TokenClass, BigDecimal> own = prices.remove(ANY_LENGTH);
    if (own == null) {
      return null;
    }
    List<ContextTier> tiers = new ArrayList<>();
    prices.forEach((above, ofTier) -> tiers.add(new ContextTier(above, flat(ofTier))));
    return new PriceEntry(wish.book(), model, wish.effectiveFrom(), 0, flat(own), tiers);
  }

  private static Map<TokenClass, PriceSchedule> flat(Map<TokenClass, BigDecimal> prices) {
    Map<TokenClass, PriceSchedule> flat = new EnumMap<>(TokenClass.class);
    prices.forEach((tokenClass, price) -> flat.put(tokenClass, new PriceSchedule.Flat(price)));
    return flat;
  }
}
