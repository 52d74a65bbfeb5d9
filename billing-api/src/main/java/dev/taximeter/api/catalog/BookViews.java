package dev.taximeter.api.catalog;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.taximeter.contract.catalog.PriceBook;
import dev.taximeter.contract.catalog.PriceEntry;
import dev.taximeter.contract.catalog.PriceSchedule;
import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.money.Decimals;
import io.swagger.v3.oas.annotations.media.Schema;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Price books as the catalogue file writes them, so that what was read can be written again. */
final class BookViews {
  private BookViews() {}

  @Schema(name = "PriceTier", description = "Part of a tiered price.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record TierView(
      @Schema(description = "Last token of the month in it; absent of the last tier.")
          @Nullable Long upTo,
      @Schema(description = "Price of a million tokens.", example = "0.40") String perMillion) {}

  @Schema(name = "PricePackage", description = "Every started package costs the same.")
  record PackageView(
      @Schema(description = "Tokens of a package.", example = "1000000") long tokens,
      @Schema(description = "Price of a package.", example = "5") String price) {}

  @Schema(description = "Prices by token class; each class has one kind of price.")
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  record Prices(
      @Schema(
              description = "Price of a million tokens, by class.",
              example = "{\"input\":\"0.40\",\"output\":\"1.20\"}")
          Map<String, String> perMillion,
      @Schema(description = "Each tier prices the tokens that fall into it.")
          Map<String, List<TierView>> graduated,
      @Schema(description = "The tier that the month has reached prices all of its tokens.")
          Map<String, List<TierView>> volume,
      @JsonProperty("package") @Schema(description = "Every started package costs the same.")
          Map<String, PackageView> packages,
      @Schema(description = "Tokens of each month that are free, by class.") Map<String, Long> free,
      @Schema(description = "Price of a request by itself.", example = "0.001")
          @Nullable String perRequest) {
    static Prices of(Map<TokenClass, PriceSchedule> schedules) {
      Map<String, String> perMillion = new TreeMap<>();
      Map<String, List<TierView>> graduated = new TreeMap<>();
      Map<String, List<TierView>> volume = new TreeMap<>();
      Map<String, PackageView> packages = new TreeMap<>();
      Map<String, Long> free = new TreeMap<>();
      String perRequest = null;
      for (Map.Entry<TokenClass, PriceSchedule> of : schedules.entrySet()) {
        String code = of.getKey().code();
        PriceSchedule schedule = of.getValue();
        if (schedule instanceof PriceSchedule.Allowance allowance) {
          free.put(code, allowance.free());
          schedule = allowance.rest();
        }
        if (schedule instanceof PriceSchedule.Flat flat) {
          if (of.getKey() == TokenClass.REQUEST) {
            perRequest = text(flat.perMillion().movePointLeft(6));
          } else {
            perMillion.put(code, text(flat.perMillion()));
          }
        } else if (schedule instanceof PriceSchedule.Graduated tiers) {
          graduated.put(code, tiers(tiers.tiers()));
        } else if (schedule instanceof PriceSchedule.Volume tiers) {
          volume.put(code, tiers(tiers.tiers()));
        } else if (schedule instanceof PriceSchedule.Package one) {
          packages.put(code, new PackageView(one.size(), text(one.price())));
        }
      }
      return new Prices(perMillion, graduated, volume, packages, free, perRequest);
    }

    private static List<TierView> tiers(List<PriceSchedule.Tier> tiers) {
      return tiers.stream()
          .map(tier -> new TierView(tier.upTo(), text(tier.perMillion())))
          .toList();
    }

    private static String text(BigDecimal price) {
      return Decimals.plain(price);
    }
  }

  @Schema(name = "PriceContextTier", description = "Prices of requests with longer prompts.")
  record ContextTierView(
      @Schema(description = "Input tokens that the prompt has to exceed.", example = "128000")
          long above,
      @JsonUnwrapped Prices prices) {}

  @Schema(name = "PriceEntry", description = "Prices of the models that a pattern matches.")
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  record EntryView(
      @Schema(
              description = "Exact name, or a glob in which * stands for any characters.",
              requiredMode = Schema.RequiredMode.REQUIRED,
              example = "qwen-*")
          String model,
      @Schema(description = "First instant it applies to.", example = "2026-01-01T00:00:00Z")
          Instant effectiveFrom,
      @Schema(
              description = "What bills name these prices; passed over when it is written.",
              example = "list:qwen-*:2026-01-01T00:00:00Z:v7")
          @Nullable String priceVersion,
      @JsonUnwrapped Prices prices,
      @Schema(description = "Ascending.") List<ContextTierView> contextTiers) {
    static EntryView of(PriceEntry entry) {
      return new EntryView(
          entry.model(),
          entry.effectiveFrom(),
          entry.version(),
          Prices.of(entry.prices()),
          entry.contextTiers().stream()
              .map(tier -> new ContextTierView(tier.above(), Prices.of(tier.prices())))
              .toList());
    }
  }

  @Schema(name = "PriceBook", description = "Prices in one currency.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record BookView(
      @Schema(
              description = "1 to 64 of a-z 0-9 - _ . beginning with a letter or digit.",
              example = "list")
          @Nullable String id,
      @Schema(description = "ISO 4217 code.", example = "USD") String currency,
      @Schema(description = "Of a cost book: whether it is for all accounts that name none.")
          @Nullable Boolean everyone,
      List<EntryView> prices,
      @Schema(
              description =
                  "Catalogue version that changed it last, as in its ETag; passed over when it is"
                      + " written.",
              example = "7")
          @Nullable Long version) {
    static BookView of(PriceBook book, long version) {
      return new BookView(
          book.id(),
          book.currency(),
          book.isCost() ? book.purpose() == PriceBook.Purpose.COMMON_COST : null,
          book.prices().stream().map(EntryView::of).toList(),
          version);
    }
  }

  @Schema(name = "PriceBookSummary", description = "A book without its prices.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record SummaryView(
      @Schema(example = "list") String id,
      @Schema(example = "USD") String currency,
      @Schema(description = "Of a cost book: whether it is for all accounts that name none.")
          @Nullable Boolean everyone,
      @Schema(description = "Price entries.", example = "12") int entries,
      @Schema(description = "Catalogue version that changed it last.", example = "7")
          long version) {
    static SummaryView of(PriceBook book, long version) {
      return new SummaryView(
          book.id(),
          book.currency(),
          book.isCost() ? book.purpose() == PriceBook.Purpose.COMMON_COST : null,
          book.prices().size(),
          version);
    }
  }

  @Schema(name = "PriceBookPage", description = "One page of books, by id.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record BookPage(
      List<SummaryView> items,
      @Schema(description = "Pass as cursor for the next page; absent on the last.")
          @Nullable String next) {}
}
