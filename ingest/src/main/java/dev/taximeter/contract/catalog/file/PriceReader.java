package dev.taximeter.contract.catalog.file;

import dev.taximeter.contract.catalog.PriceEntry;
import dev.taximeter.contract.catalog.PriceSchedule;
import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.money.Decimals;
import dev.taximeter.contract.yaml.Fields;
import dev.taximeter.contract.yaml.Value;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads the entries of price books and cost books. */
final class PriceReader {
  private static final int MOST_TIERS = 32;

  /** Longer than any prompt, and a bound all the same. */
  private static final long MOST_PROMPT_TOKENS = 1_000_000_000;

  private static final long MOST_TOKENS = 1_000_000_000_000_000L;

  /** Prices up to here keep the cost of any number of tokens within a column. */
  private static final BigDecimal MOST_PER_MILLION = BigDecimal.TEN.pow(12);

  /** Charges up to here keep the cost of any number of requests within a column. */
  static final BigDecimal MOST_PER_REQUEST = BigDecimal.TEN.pow(6);

  private static final List<TokenClass> TOKEN_CLASSES =
      Arrays.stream(TokenClass.values()).filter(c -> c != TokenClass.REQUEST).toList();

  /** Kinds of tokens that some providers price and no usage record counts apart. */
  private static final List<String> NOT_COUNTED =
      List.of("audioInput", "audioOutput", "imageInput", "imageOutput");

  private static final String[] TOKEN_CLASS_CODES =
      Stream.concat(TOKEN_CLASSES.stream().map(TokenClass::code), NOT_COUNTED.stream())
          .toArray(String[]::new);

  private static final String[] PRICE_FIELDS = {
    "perMillion", "graduated", "volume", "package", "free", "perRequest"
  };

  private PriceReader() {}

  private interface ScheduleReader {
    @Nullable PriceSchedule read(Value value);
  }

  /**
   * @param book id of the book; null if it has none, which is reported elsewhere
   * @param seen models and instants of the book's entries so far
   */
  static @Nullable PriceEntry entry(Value element, @Nullable String book, Set<String> seen) {
    Fields fields =
        element.fields("a price entry", withPrices("model", "effectiveFrom", "contextTiers"));
    if (fields == null) {
      return null;
    }
    Value modelValue = fields.required("model");
    String model = modelValue == null ? null : modelValue.text(Value.LONGEST_TEXT);
    Value fromValue = fields.required("effectiveFrom");
    Instant from = fromValue == null ? null : fromValue.instant();
    Map<TokenClass, PriceSchedule> prices = prices(fields);
    List<PriceEntry.ContextTier> tiers = contextTiers(fields.elements("contextTiers"), prices);
    if (model == null || from == null) {
      return null;
    }
    if (!seen.add(model + '\n' + from)) {
      fields.problem("has the same model and effectiveFrom as an earlier entry");
    }
    return book == null ? null : new PriceEntry(book, model, from, 0, prices, tiers);
  }

  private static String[] withPrices(String... others) {
    return Stream.concat(Arrays.stream(others), Arrays.stream(PRICE_FIELDS)).toArray(String[]::new);
  }

  private static List<PriceEntry.ContextTier> contextTiers(
      List<Value> elements, Map<TokenClass, PriceSchedule> prices) {
    List<PriceEntry.ContextTier> tiers = new ArrayList<>();
    long reached = 0;
    for (Value element : elements) {
      Fields fields = element.fields("a context tier", withPrices("above"));
      if (fields == null) {
        continue;
      }
      Value aboveValue = fields.required("above");
      Long above = aboveValue == null ? null : aboveValue.wholeNumber(1, MOST_PROMPT_TOKENS);
      Map<TokenClass, PriceSchedule> own = prices(fields);
      if (!own.isEmpty() && !own.keySet().equals(prices.keySet())) {
        fields.problem(
            "must have a price for the same classes as its entry, %s: it prices all of a request"
                .formatted(codes(prices)));
      }
      if (aboveValue != null && above != null && above <= reached) {
        aboveValue.problem("must be above the tier before, which begins above " + reached);
      }
      if (above != null) {
        reached = above;
        tiers.add(new PriceEntry.ContextTier(above, own));
      }
    }
    if (tiers.size() > MOST_TIERS) {
      elements.get(MOST_TIERS).problem("is one tier too many: at most " + MOST_TIERS);
    }
    return tiers;
  }

  private static String codes(Map<TokenClass, PriceSchedule> prices) {
    return String.join(", ", prices.keySet().stream().map(TokenClass::code).sorted().toList());
  }

  private static Map<TokenClass, PriceSchedule> prices(Fields fields) {
    Map<TokenClass, PriceSchedule> prices = new EnumMap<>(TokenClass.class);
    Value perRequest = fields.optional("perRequest");
    boolean any = perRequest != null;
    any |= byClass(fields.optional("perMillion"), prices, PriceReader::flat);
    any |= byClass(fields.optional("graduated"), prices, PriceReader::graduated);
    any |= byClass(fields.optional("volume"), prices, PriceReader::volume);
    any |= byClass(fields.optional("package"), prices, PriceReader::ofPackage);
    if (!any) {
      fields.problem("must have perMillion, graduated, volume, package or perRequest");
    }
    free(fields.optional("free"), prices);
    BigDecimal price =
        perRequest == null ? null : perRequest.decimal(Decimals.SCALE, true, MOST_PER_REQUEST);
    if (price != null) {
      prices.put(TokenClass.REQUEST, new PriceSchedule.Flat(price.multiply(Decimals.MILLION)));
    }
    return prices;
  }

  /** Returns whether there is anything to read. */
  private static boolean byClass(
      @Nullable Value value, Map<TokenClass, PriceSchedule> prices, ScheduleReader reader) {
    Fields fields = value == null ? null : value.fields("prices by token class", TOKEN_CLASS_CODES);
    if (fields == null) {
      return value != null;
    }
    refuseNotCounted(fields);
    for (TokenClass tokenClass : TOKEN_CLASSES) {
      Value ofClass = fields.optional(tokenClass.code());
      PriceSchedule schedule = ofClass == null ? null : reader.read(ofClass);
      PriceSchedule earlier = schedule == null ? null : prices.putIfAbsent(tokenClass, schedule);
      if (ofClass != null && earlier != null) {
        ofClass.problem("is priced by %s too; a class has one of both".formatted(fieldOf(earlier)));
      }
    }
    return true;
  }

  private static String fieldOf(PriceSchedule schedule) {
    if (schedule instanceof PriceSchedule.Flat) {
      return "perMillion";
    } else if (schedule instanceof PriceSchedule.Graduated) {
      return "graduated";
    }
    return schedule instanceof PriceSchedule.Volume ? "volume" : "package";
  }

  private static void refuseNotCounted(Fields fields) {
    for (String name : NOT_COUNTED) {
      Value value = fields.optional(name);
      if (value != null) {
        value.problem(
            "cannot be charged: no usage record counts these tokens apart; they are part of %s"
                .formatted(name.endsWith("Input") ? "input" : "output"));
      }
    }
  }

  private static void free(@Nullable Value value, Map<TokenClass, PriceSchedule> prices) {
    Fields fields = value == null ? null : value.fields("free tokens by class", TOKEN_CLASS_CODES);
    if (fields == null) {
      return;
    }
    refuseNotCounted(fields);
    for (TokenClass tokenClass : TOKEN_CLASSES) {
      Value freeValue = fields.optional(tokenClass.code());
      Long free = freeValue == null ? null : freeValue.wholeNumber(1, MOST_TOKENS);
      PriceSchedule rest = prices.get(tokenClass);
      if (freeValue != null && rest == null) {
        freeValue.problem("is free of a price that is not there: the class has none of its own");
      } else if (free != null && rest != null) {
        prices.put(tokenClass, new PriceSchedule.Allowance(free, rest));
      }
    }
  }

  private static @Nullable PriceSchedule flat(Value value) {
    BigDecimal price = perMillion(value);
    return price == null ? null : new PriceSchedule.Flat(price);
  }

  private static PriceSchedule graduated(Value value) {
    return new PriceSchedule.Graduated(tiers(value));
  }

  private static PriceSchedule volume(Value value) {
    return new PriceSchedule.Volume(tiers(value));
  }

  private static @Nullable PriceSchedule ofPackage(Value value) {
    Fields fields = value.fields("a package", "tokens", "price");
    if (fields == null) {
      return null;
    }
    Value sizeValue = fields.required("tokens");
    Long size = sizeValue == null ? null : sizeValue.wholeNumber(1, MOST_TOKENS);
    Value priceValue = fields.required("price");
    BigDecimal price =
        priceValue == null ? null : priceValue.decimal(Decimals.SCALE, true, MOST_PER_REQUEST);
    return size == null || price == null ? null : new PriceSchedule.Package(size, price);
  }

  private static List<PriceSchedule.Tier> tiers(Value value) {
    List<Value> elements = value.elements();
    if (elements.isEmpty() || elements.size() > MOST_TIERS) {
      value.problem("must be a list of 1 to %d tiers".formatted(MOST_TIERS));
    }
    List<PriceSchedule.Tier> tiers = new ArrayList<>();
    long reached = 0;
    for (int i = 0; i < elements.size(); i++) {
      Fields fields = elements.get(i).fields("a tier", "upTo", "perMillion");
      if (fields == null) {
        continue;
      }
      Value price = fields.required("perMillion");
      BigDecimal perMillion = price == null ? null : perMillion(price);
      boolean last = i == elements.size() - 1;
      Long upTo = upTo(fields, last, reached);
      reached = upTo == null ? reached : upTo;
      if (perMillion != null) {
        tiers.add(new PriceSchedule.Tier(upTo, perMillion));
      }
    }
    return tiers;
  }

  private static @Nullable Long upTo(Fields tier, boolean last, long reached) {
    Value value = tier.optional("upTo");
    if (value == null) {
      if (!last) {
        tier.problem("must have upTo: only the last tier is open");
      }
      return null;
    }
    if (last) {
      value.problem("must be left out: the last tier is open");
      return null;
    }
    Long upTo = value.wholeNumber(1, MOST_TOKENS);
    if (upTo != null && upTo <= reached) {
      value.problem("must be above the tier before, which ends at " + reached);
    }
    return upTo;
  }

  private static @Nullable BigDecimal perMillion(Value value) {
    return value.decimal(Decimals.PER_MILLION_SCALE, true, MOST_PER_MILLION);
  }
}
