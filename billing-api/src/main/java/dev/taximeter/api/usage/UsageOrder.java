package dev.taximeter.api.usage;

import dev.taximeter.api.web.Cursors;
import dev.taximeter.api.web.Page;
import dev.taximeter.api.web.ProblemException;
import dev.taximeter.contract.json.Json;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * The order of rows of usage. Rows that are alike in what they are sorted by stand by bucket,
 * account, team, key and model, so the order has no ties and each row is a place to go on from.
 *
 * @param sort what comes first
 * @param descending whether the order is turned round
 */
record UsageOrder(Sort sort, boolean descending) {
  /** What rows can be sorted by. */
  enum Sort {
    START(sum -> BigDecimal.ZERO),
    COST(UsageSum::cost),
    REQUESTS(sum -> BigDecimal.valueOf(sum.requests())),
    TOKENS(
        sum ->
            BigDecimal.valueOf(sum.tokens().inputTokens())
                .add(BigDecimal.valueOf(sum.tokens().outputTokens())));

    private final Function<UsageSum, BigDecimal> value;

    Sort(Function<UsageSum, BigDecimal> value) {
      this.value = value;
    }

    String code() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Where a row stands. Columns that are not shown are empty. */
  private record Place(
      BigDecimal value, long start, String account, String team, String key, String model) {
    private static final Comparator<Place> ORDER =
        Comparator.comparing(Place::value)
            .thenComparing(Place::start)
            .thenComparing(Place::account)
            .thenComparing(Place::team)
            .thenComparing(Place::key)
            .thenComparing(Place::model);

    static Place of(UsageSum sum, Sort sort) {
      return new Place(
          sort.value.apply(sum),
          sum.start(),
          sum.account(),
          sum.team() == null ? "" : sum.team(),
          sum.key() == null ? "" : sum.key(),
          sum.model() == null ? "" : sum.model());
    }
  }

  /**
   * Reads the parameter {@code sort}.
   *
   * @param code null for the time
   */
  static Sort sort(@Nullable String code) {
    return code == null
        ? Sort.START
        : Arrays.stream(Sort.values())
            .filter(sort -> sort.code().equals(code))
            .findFirst()
            .orElseThrow(
                () ->
                    ProblemException.parameter(
                        "sort",
                        "must be one of "
                            + Arrays.stream(Sort.values())
                                .map(Sort::code)
                                .collect(Collectors.joining(", "))));
  }

  /**
   * Sorts rows and cuts a page.
   *
   * @param size of a full page; null for all rows
   * @param cursor the previous page's next; null for the first
   */
  Page<UsageSum> page(List<UsageSum> all, @Nullable Integer size, @Nullable String cursor) {
    Comparator<Place> order = descending ? Place.ORDER.reversed() : Place.ORDER;
    Place after = cursor == null ? null : place(cursor);
    List<UsageSum> following =
        all.stream()
            .filter(sum -> after == null || order.compare(Place.of(sum, sort), after) > 0)
            .sorted(Comparator.comparing(sum -> Place.of(sum, sort), order))
            .toList();
    return size == null
        ? new Page<>(following, null)
        : Page.of(
            following,
            size,
            sum -> Cursors.encoded(Json.MAPPER.writeValueAsString(Place.of(sum, sort))));
  }

  private static Place place(String cursor) {
    try {
      Place place = Json.MAPPER.readValue(Cursors.decoded(cursor), Place.class);
      if (place != null
          && place.value() != null
          && place.account() != null
          && place.team() != null
          && place.key() != null
          && place.model() != null) {
        return place;
      }
    } catch (JacksonException e) {
      // Reported below.
    }
    throw ProblemException.parameter("cursor", "must be the previous page's next");
  }
}
