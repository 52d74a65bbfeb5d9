package dev.taximeter.contract.rating;

import dev.taximeter.contract.catalog.PriceSchedule;
import dev.taximeter.contract.money.Decimals;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How the amount of a bill line follows from its price and quantity, so that anybody can do the sum
 * again by hand.
 *
 * @param unitPrice the price, if it is the same for every token or request; else null
 * @param parts how the quantity splits over a price that is not; empty if it is. Their quantities
 *     add up to the line's, their amounts to its amount
 * @param formula the sum as text, exact
 */
public record Explanation(@Nullable UnitPrice unitPrice, List<Part> parts, String formula) {
  private static final long MILLION = Decimals.MILLION.longValueExact();

  public Explanation {
    parts = List.copyOf(parts);
  }

  /**
   * A price.
   *
   * @param amount exact
   * @param per tokens or requests that it is for
   */
  public record UnitPrice(BigDecimal amount, long per) {
    public UnitPrice {
      amount = Decimals.canonical(amount);
    }
  }

  /**
   * What lies in a tier, or in packages.
   *
   * @param above the tier begins after so many tokens of the month
   * @param upTo and ends with so many; null if it has no end
   * @param quantity tokens of the line in it; below 0 where a volume price has changed for tokens
   *     that an earlier bill has: they are taken back at the old price and stand in the new tier
   */
  public record Part(
      long above, @Nullable Long upTo, long quantity, UnitPrice unitPrice, BigDecimal amount) {
    public Part {
      amount = Decimals.canonical(amount);
    }

    private Part behind(long free) {
      return new Part(
          Math.addExact(above, free),
          upTo == null ? null : Math.addExact(upTo, free),
          quantity,
          unitPrice,
          amount);
    }
  }

  /**
   * Usage at an entry's price.
   *
   * @param price with the plan's discount or markup
   * @param before what earlier bills have of the line; 0 for the first
   * @param quantity of the line
   */
  public static Explanation of(PriceSchedule price, long before, long quantity) {
    long after = Math.addExact(before, quantity);
    return price instanceof PriceSchedule.Flat flat
        ? new Explanation(perMillion(flat.perMillion()), List.of(), formula(price, before, after))
        : new Explanation(null, parts(price, before, after), formula(price, before, after));
  }

  /**
   * Requests that cost the same each.
   *
   * @param price of one
   */
  public static Explanation ofRequests(BigDecimal price, long quantity) {
    return new Explanation(
        new UnitPrice(price, 1), List.of(), count(quantity) + " × " + Decimals.plain(price));
  }

  /**
   * @return what it comes to
   */
  public BigDecimal amount(long quantity) {
    UnitPrice price = unitPrice;
    if (price == null) {
      return parts.stream().map(Part::amount).reduce(BigDecimal.ZERO, BigDecimal::add);
    }
    BigDecimal whole = price.amount().multiply(BigDecimal.valueOf(quantity));
    return price.per() == 1 ? whole : Price.perMillion(price.amount(), quantity);
  }

  /**
   * @param percent a discount or markup that the prices contain, as bills name it
   */
  public Explanation including(String percent) {
    return new Explanation(unitPrice, parts, formula + " (" + percent + " included)");
  }

  private static UnitPrice perMillion(BigDecimal price) {
    return new UnitPrice(price, MILLION);
  }

  private static List<Part> parts(PriceSchedule price, long before, long after) {
    if (price instanceof PriceSchedule.Flat flat) {
      return List.of(part(0, null, after - before, flat.perMillion()));
    } else if (price instanceof PriceSchedule.Graduated graduated) {
      return graduated(graduated, before, after);
    } else if (price instanceof PriceSchedule.Volume volume) {
      return volume(volume, before, after);
    } else if (price instanceof PriceSchedule.Package ofPackage) {
      return List.of(
          new Part(
              0,
              null,
              after - before,
              new UnitPrice(ofPackage.price(), ofPackage.size()),
              Price.of(price, after).subtract(Price.of(price, before))));
    } else if (price instanceof PriceSchedule.Allowance allowance) {
      return allowance(allowance, before, after);
    }
    throw new IllegalArgumentException("unknown kind of price");
  }

  private static Part part(
      long above, @Nullable Long upTo, long quantity, BigDecimal pricePerMillion) {
    return new Part(
        above,
        upTo,
        quantity,
        perMillion(pricePerMillion),
        Price.perMillion(pricePerMillion, quantity));
  }

  private static List<Part> graduated(PriceSchedule.Graduated price, long before, long after) {
    List<Part> parts = new ArrayList<>();
    long above = 0;
    for (PriceSchedule.Tier tier : price.tiers()) {
      Long upTo = tier.upTo();
      long end = upTo == null ? after : Math.min(after, upTo);
      long quantity = end - Math.max(before, above);
      if (quantity > 0) {
        parts.add(part(above, upTo, quantity, tier.perMillion()));
      }
      above = upTo == null ? above : upTo;
    }
    return parts;
  }

  /** The tier that the total has reached prices all of it; what was billed at another is undone. */
  private static List<Part> volume(PriceSchedule.Volume price, long before, long after) {
    Part all = allOf(price, after);
    Part billed = allOf(price, before);
    if (all.above() == billed.above()) {
      return List.of(part(all.above(), all.upTo(), after - before, all.unitPrice().amount()));
    }
    return before == 0
        ? List.of(all)
        : List.of(all, part(billed.above(), billed.upTo(), -before, billed.unitPrice().amount()));
  }

  private static Part allOf(PriceSchedule.Volume price, long quantity) {
    long above = 0;
    for (PriceSchedule.Tier tier : price.tiers()) {
      Long upTo = tier.upTo();
      if (upTo == null || quantity <= upTo) {
        return part(above, upTo, quantity, tier.perMillion());
      }
      above = upTo;
    }
    throw new IllegalArgumentException("the last tier has an end");
  }

  private static List<Part> allowance(PriceSchedule.Allowance price, long before, long after) {
    long free = price.free();
    List<Part> parts = new ArrayList<>();
    long inside = Math.min(after, free) - Math.min(before, free);
    if (inside > 0) {
      parts.add(part(0, free, inside, BigDecimal.ZERO));
    }
    if (after > free) {
      parts(price.rest(), Math.max(0, before - free), after - free)
          .forEach(part -> parts.add(part.behind(free)));
    }
    return parts;
  }

  private static String formula(PriceSchedule price, long before, long after) {
    if (price instanceof PriceSchedule.Allowance allowance) {
      long free = allowance.free();
      long inside = Math.min(after, free) - Math.min(before, free);
      String rest =
          after > free ? formula(allowance.rest(), Math.max(0, before - free), after - free) : "";
      return inside == 0 ? rest : count(inside) + " free" + (rest.isEmpty() ? "" : " + " + rest);
    } else if (price instanceof PriceSchedule.Package ofPackage) {
      return packages(ofPackage, before, after);
    }
    StringBuilder text = new StringBuilder();
    for (Part part : parts(price, before, after)) {
      text.append(text.isEmpty() ? "" : part.quantity() < 0 ? " - " : " + ")
          .append(product(Math.abs(part.quantity()), part.unitPrice().amount()));
    }
    return text.toString();
  }

  private static String packages(PriceSchedule.Package price, long before, long after) {
    PriceSchedule each = new PriceSchedule.Package(price.size(), BigDecimal.ONE);
    BigDecimal begun = Price.of(each, after).subtract(Price.of(each, before));
    return "%s %s of %s × %s"
        .formatted(
            count(begun.longValueExact()),
            begun.compareTo(BigDecimal.ONE) == 0 ? "package" : "packages",
            count(price.size()),
            Decimals.plain(price.price()));
  }

  private static String product(long quantity, BigDecimal pricePerMillion) {
    return "%s × %s / %s"
        .formatted(count(quantity), Decimals.plain(pricePerMillion), count(MILLION));
  }

  private static String count(long count) {
    return String.format(Locale.ROOT, "%,d", count);
  }
}
