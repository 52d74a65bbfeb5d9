package dev.taximeter.api.catalog;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.taximeter.api.signin.Caller;
import dev.taximeter.api.web.Parameters;
import dev.taximeter.api.web.ProblemException;
import dev.taximeter.api.web.ProblemType;
import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.catalog.PriceBook;
import dev.taximeter.contract.catalog.PriceEntry;
import dev.taximeter.contract.catalog.PriceSchedule;
import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.catalog.community.BookDifference;
import dev.taximeter.contract.catalog.community.CommunityPrices;
import dev.taximeter.contract.gateway.Glob;
import dev.taximeter.contract.money.Decimals;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Takes over the community's list of model prices. */
@RestController
@Tag(name = "Catalogue")
public final class PriceImportController {
  private static final Pattern ID = Pattern.compile("[a-z0-9][a-z0-9_.-]{0,63}");
  private static final int MOST_GLOBS = 50;

  private final CatalogView catalog;
  private final CatalogWriter writer;
  private final Clock clock;

  public PriceImportController(CatalogView catalog, CatalogWriter writer, Clock clock) {
    this.catalog = catalog;
    this.writer = writer;
    this.clock = clock;
  }

  @Schema(name = "ImportedPrice", description = "The prices of a model.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record PriceChange(
      @Schema(example = "qwen-max") String model,
      @Schema(
              description =
                  "Prices now, per million tokens or requests, by class; absent if there are none.")
          @Nullable Map<String, String> before,
      @Schema(description = "Prices from effectiveFrom on.") Map<String, String> after) {}

  @Schema(description = "A price that cannot be represented; its entry is not imported.")
  record RefusedPrice(
      @Schema(example = "gpt-4o-audio-preview") String entry,
      @Schema(example = "input_cost_per_audio_token") String field,
      @Schema(description = "Continues a sentence that begins with the field.") String reason) {}

  @Schema(description = "A price field that was passed over, as asked for.")
  record PassedOver(
      @Schema(example = "gpt-4o") String entry,
      @Schema(example = "input_cost_per_token_priority") String field) {}

  @Schema(name = "PriceImport", description = "What the file changes in the book.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Difference(
      @Schema(example = "provider") String book,
      @Schema(example = "USD") String currency,
      @Schema(description = "First instant that imported prices apply to.") Instant effectiveFrom,
      @Schema(description = "Whether it was done.", example = "false") boolean applied,
      @Schema(description = "The catalogue's version, once it was done.", example = "12")
          @Nullable Long catalogVersion,
      @Schema(description = "Models that the book had no price of by name.")
          List<PriceChange> added,
      @Schema(description = "Models whose price is another.") List<PriceChange> changed,
      @Schema(description = "How many models have the price already.", example = "42")
          int unchanged,
      @Schema(description = "What cannot be represented, by entry and field.")
          List<RefusedPrice> refused,
      @Schema(description = "What was passed over because it was asked for.")
          List<PassedOver> leftOut) {}

  @Operation(
      summary = "Import the community's price file",
      description =
          """
          Compares the file (model_prices_and_context_window.json) with a price book or cost book and \
          says what would change; with apply=true it is done. Entries are taken over as a whole: what \
          cannot be represented is refused by entry and field, and its entry stays out, unless the \
          field is left out by name. What the book has besides stays. The same file again changes \
          nothing.""")
  @PostMapping(path = "/v1/price-books/{book}/imports", consumes = "application/json")
  Difference importPrices(
      @Parameter(description = "Id of the book.", example = "provider") @PathVariable("book")
          String id,
      @RequestBody byte[] file,
      @Parameter(description = "Whether to do it; otherwise it is only compared.")
          @RequestParam(name = "apply", defaultValue = "false")
          boolean apply,
      @Parameter(
              description =
                  "First instant that the prices apply to, because the file has no dates; now if not"
                      + " given.",
              example = "2026-12-01T00:00:00Z")
          @RequestParam(name = "effectiveFrom", required = false)
          @Nullable String effectiveFrom,
      @Parameter(
              description = "price, cost or common-cost: makes the book if there is none.",
              example = "common-cost")
          @RequestParam(name = "kind", required = false)
          @Nullable String kind,
      @Parameter(
              description = "Globs of the models to import; all if not given.",
              example = "qwen*")
          @RequestParam(name = "models", required = false)
          @Nullable String models,
      @Parameter(
              description = "Globs of price fields to pass over: what they price is not used here.",
              example = "*_priority,*_flex,*_batches")
          @RequestParam(name = "leaveOut", required = false)
          @Nullable String leaveOut,
      @Parameter(description = "Why; kept in the book's history.")
          @RequestParam(name = "reason", defaultValue = "")
          String reason,
      @Parameter(hidden = true) @RequestAttribute("dev.taximeter.api.signin.Caller")
          Caller caller) {
    // Before the book is read: what is written over it later is of this version or refused.
    long known = catalog.snapshot().versionOf("priceBook/" + id);
    PriceBook book = book(id, kind);
    Instant given = Parameters.instant("effectiveFrom", effectiveFrom);
    if (given != null && !given.truncatedTo(ChronoUnit.MILLIS).equals(given)) {
      // As the catalogue's writer will have it.
      throw ProblemException.parameter("effectiveFrom", "must be a time with at most milliseconds");
    }
    Instant from = given == null ? clock.instant() : given;
    Predicate<String> everything = text -> true;
    CommunityPrices prices =
        read(
            file,
            new CommunityPrices.Wish(
                id,
                from,
                models == null ? everything : globs("models", models),
                leaveOut == null ? everything.negate() : globs("leaveOut", leaveOut)));
    BookDifference difference = BookDifference.of(book, prices.entries());
    Long version = null;
    if (apply) {
      version =
          writer
              .write(
                  Catalog.of(difference.after()),
                  caller.name(),
                  Revisions.reason(reason),
                  Map.of("priceBook/" + id, known))
              .catalogVersion();
    }
    return view(book, from, difference, prices, version);
  }

  private PriceBook book(String id, @Nullable String kind) {
    if (!ID.matcher(id).matches()) {
      throw ProblemException.parameter(
          "book", "must be 1 to 64 of a-z 0-9 - _ . and begin with a letter or digit");
    }
    PriceBook.Purpose purpose = purpose(kind);
    PriceBook book = catalog.snapshot().priceBook(id);
    if (book == null && purpose == null) {
      throw ProblemException.of(
          ProblemType.NOT_FOUND,
          "There is no book %s; give kind=price, kind=cost or kind=common-cost to make it."
              .formatted(id));
    }
    if (book != null && purpose != null && book.purpose() != purpose) {
      throw ProblemException.parameter(
          "kind", "must be %s, as the book is".formatted(book.purpose().code()));
    }
    if (book != null && !book.currency().equals(CommunityPrices.CURRENCY)) {
      throw ProblemException.of(
          ProblemType.REFUSED,
          "The file's prices are in %s, the book %s is in %s."
              .formatted(CommunityPrices.CURRENCY, id, book.currency()));
    }
    return book != null || purpose == null
        ? existing(book)
        : new PriceBook(id, CommunityPrices.CURRENCY, List.of(), purpose);
  }

  private static PriceBook existing(@Nullable PriceBook book) {
    if (book == null) {
      throw new IllegalStateException("a book that is not there needs a kind");
    }
    return book;
  }

  private static PriceBook.@Nullable Purpose purpose(@Nullable String kind) {
    if (kind == null) {
      return null;
    }
    for (PriceBook.Purpose purpose : PriceBook.Purpose.values()) {
      if (purpose.code().equals(kind.toLowerCase(Locale.ROOT))) {
        return purpose;
      }
    }
    throw ProblemException.parameter("kind", "must be price, cost or common-cost");
  }

  private static Predicate<String> globs(String parameter, String list) {
    List<Glob> globs =
        Arrays.stream(list.split(",", -1)).filter(g -> !g.isBlank()).map(Glob::new).toList();
    if (globs.isEmpty() || globs.size() > MOST_GLOBS) {
      throw ProblemException.parameter(
          parameter, "must be 1 to %d globs with commas between".formatted(MOST_GLOBS));
    }
    return text -> globs.stream().anyMatch(glob -> glob.matches(text));
  }

  private static CommunityPrices read(byte[] file, CommunityPrices.Wish wish) {
    try {
      return CommunityPrices.read(file, wish);
    } catch (IllegalArgumentException e) {
      String sentence = e.getMessage();
      throw ProblemException.of(
          ProblemType.INVALID_BODY, sentence == null ? "The file cannot be read." : sentence);
    }
  }

  private static Difference view(
      PriceBook book,
      Instant from,
      BookDifference difference,
      CommunityPrices prices,
      @Nullable Long version) {
    return new Difference(
        book.id(),
        book.currency(),
        from,
        version != null,
        version,
        difference.added().stream()
            .map(entry -> new PriceChange(entry.model(), null, texts(entry)))
            .toList(),
        difference.changed().stream()
            .map(
                change ->
                    new PriceChange(
                        change.after().model(), texts(change.before()), texts(change.after())))
            .toList(),
        difference.unchanged(),
        prices.refusals().stream()
            .map(refusal -> new RefusedPrice(refusal.entry(), refusal.field(), refusal.reason()))
            .toList(),
        prices.leftOut().stream().map(left -> new PassedOver(left.entry(), left.field())).toList());
  }

  private static Map<String, String> texts(PriceEntry entry) {
    Map<String, String> texts = new TreeMap<>();
    addTexts(texts, "", entry.prices());
    for (PriceEntry.ContextTier tier : entry.contextTiers()) {
      addTexts(texts, " above " + tier.above(), tier.prices());
    }
    return texts;
  }

  private static void addTexts(
      Map<String, String> texts, String suffix, Map<TokenClass, PriceSchedule> prices) {
    prices.forEach(
        (tokenClass, schedule) ->
            texts.put(
                tokenClass.code() + suffix,
                schedule instanceof PriceSchedule.Flat flat
                    ? Decimals.plain(flat.perMillion())
                    : "not the same for all tokens"));
  }
}
