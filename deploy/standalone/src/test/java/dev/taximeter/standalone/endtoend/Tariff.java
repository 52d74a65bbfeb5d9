package dev.taximeter.standalone.endtoend;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;

/**
 * Accounts and prices of the end-to-end tests, and the catalogue file that says the same. Prices
 * are looked up and applied here by code of its own, written from the acceptance page; nothing of
 * the product's rating is used.
 */
record Tariff(List<Customer> customers, List<Book> books, List<Grant> grants) {
  /** A token class, by its name on a bill. */
  enum Kind {
    INPUT("input"),
    CACHED_INPUT("cachedInput"),
    CACHE_WRITE("cacheWrite"),
    OUTPUT("output"),
    REASONING("reasoning"),
    REQUEST("request");

    final String billName;

    Kind(String billName) {
      this.billName = billName;
    }

    /** What a class without a price of its own is counted and priced as. */
    Kind parent() {
      return switch (this) {
        case CACHED_INPUT, CACHE_WRITE -> INPUT;
        case REASONING -> OUTPUT;
        default -> this;
      };
    }
  }

  record Customer(
      String id,
      String currency,
      ZoneId zone,
      String book,
      BigDecimal perRequest,
      List<Key> keys) {}

  record Key(String name, String secret) {}

  record Book(String id, String currency, List<Price> prices) {
    boolean hasCatchAll() {
      return prices.stream().anyMatch(price -> price.model.equals("*"));
    }
  }

  /**
   * @param model exact name, or a prefix followed by an asterisk
   * @param tiers by class: one tier without end if the price is flat
   */
  record Price(String model, Instant from, boolean graduated, Map<Kind, List<Tier>> tiers) {
    boolean matches(String name) {
      return model.endsWith("*")
          ? name.startsWith(model.substring(0, model.length() - 1))
          : model.equals(name);
    }

    /** Higher is more specific. */
    int rank() {
      return model.endsWith("*") ? model.length() - 1 : Integer.MAX_VALUE;
    }

    Kind priced(Kind kind) {
      return tiers.containsKey(kind) ? kind : kind.parent();
    }

    /** The price of so many tokens of a class, counted from the first. */
    BigDecimal of(Kind kind, long tokens) {
      BigDecimal sum = BigDecimal.ZERO;
      long from = 0;
      for (Tier tier : tiers.get(kind)) {
        long inTier = Math.min(tokens, tier.upTo) - from;
        if (inTier <= 0) {
          break;
        }
        sum = sum.add(new BigDecimal(tier.perMillion).multiply(BigDecimal.valueOf(inTier)));
        from = tier.upTo;
      }
      return sum.movePointLeft(6);
    }
  }

  record Tier(long upTo, String perMillion) {}

  record Grant(String id, String account, String amount) {}

  /** The best match's entry in force at an instant; null if nothing matches. */
  Price price(Customer customer, String model, Instant at) {
    Price best = null;
    for (Price price : book(customer).prices) {
      if (!price.matches(model) || price.from.isAfter(at)) {
        continue;
      }
      if (best == null
          || price.rank() > best.rank()
          || (price.rank() == best.rank() && price.from.isAfter(best.from))) {
        best = price;
      }
    }
    return best;
  }

  Book book(Customer customer) {
    return books.stream().filter(b -> b.id.equals(customer.book)).findFirst().orElseThrow();
  }

  /**
   * The tests' usual tariff.
   *
   * @param change when the price of one model family drops
   */
  static Tariff usual(Instant change) {
    Instant start = Instant.parse("2026-01-01T00:00:00Z");
    Book list =
        new Book(
            "list",
            "USD",
            List.of(
                flat("qwen-*", start, "0.40", "0.10", null, "1.20", "1.25"),
                flat("qwen-max", start, "1.60", "0.64", null, "6.40", null),
                flat("gpt-4o*", start, "2.50", "1.25", null, "10.00", null),
                flat("gpt-4o*", change, "2.00", "1.00", null, "8.00", null),
                flat("gpt-4o-mini*", start, "0.15", "0.075", null, "0.60", null),
                flat("claude-*", start, "3.00", "0.30", "3.75", "15.00", null),
                flat("*", start, "0.333333", null, null, "0.000001", null)));
    Book tiered =
        new Book(
            "tiered",
            "USD",
            List.of(
                new Price(
                    "*",
                    start,
                    true,
                    Map.of(
                        Kind.INPUT,
                        List.of(
                            new Tier(1_000_000, "1.00"),
                            new Tier(3_000_000, "0.80"),
                            new Tier(Long.MAX_VALUE, "0.50")),
                        Kind.OUTPUT,
                        List.of(new Tier(400_000, "3.00"), new Tier(Long.MAX_VALUE, "2.00"))))));
    // No entry for every model: some usage has no price.
    Book yuan =
        new Book(
            "yuan",
            "CNY",
            List.of(
                flat("qwen-*", start, "2.40", "0.96", null, "9.60", null),
                flat("claude-*", start, "21.00", "2.10", "26.25", "105.00", null)));
    return new Tariff(
        List.of(
            customer("alpha", "USD", "Europe/Berlin", "list", "0", 3),
            customer("beta", "USD", "UTC", "tiered", "0.0001", 2),
            customer("gamma", "USD", "Asia/Kolkata", "list", "0.00000001", 2),
            customer("delta", "CNY", "Asia/Shanghai", "yuan", "0", 2),
            customer("epsilon", "USD", "America/New_York", "list", "0", 1)),
        List.of(list, tiered, yuan),
        List.of(
            new Grant("alpha-welcome", "alpha", "5.00"),
            new Grant("alpha-more", "alpha", "0.123456789012"),
            new Grant("delta-welcome", "delta", "300.00")));
  }

  /** The same prices for other accounts with keys of their own. */
  Tariff copy(String name) {
    return new Tariff(
        customers.stream()
            .map(
                customer ->
                    new Customer(
                        customer.id + "-" + name,
                        customer.currency,
                        customer.zone,
                        customer.book,
                        customer.perRequest,
                        customer.keys.stream()
                            .map(key -> new Key(key.name + "-" + name, key.secret + "-" + name))
                            .toList()))
            .toList(),
        books,
        grants.stream()
            .map(
                grant -> new Grant(grant.id + "-" + name, grant.account + "-" + name, grant.amount))
            .toList());
  }

  /** Accounts of several copies in one catalogue. */
  static Tariff together(List<Tariff> copies) {
    return new Tariff(
        copies.stream().flatMap(copy -> copy.customers.stream()).toList(),
        copies.get(0).books,
        copies.stream().flatMap(copy -> copy.grants.stream()).toList());
  }

  private static Customer customer(
      String id, String currency, String zone, String book, String perRequest, int keys) {
    List<Key> names =
        java.util.stream.IntStream.range(0, keys)
            .mapToObj(i -> new Key(id + "-" + i, "sk-test-" + id + "-" + i + "-secret"))
            .toList();
    return new Customer(id, currency, ZoneId.of(zone), book, new BigDecimal(perRequest), names);
  }

  private static Price flat(
      String model,
      Instant from,
      String input,
      String cachedInput,
      String cacheWrite,
      String output,
      String reasoning) {
    Map<Kind, List<Tier>> tiers = new java.util.EnumMap<>(Kind.class);
    put(tiers, Kind.INPUT, input);
    put(tiers, Kind.CACHED_INPUT, cachedInput);
    put(tiers, Kind.CACHE_WRITE, cacheWrite);
    put(tiers, Kind.OUTPUT, output);
    put(tiers, Kind.REASONING, reasoning);
    return new Price(model, from, false, tiers);
  }

  private static void put(Map<Kind, List<Tier>> tiers, Kind kind, String perMillion) {
    if (perMillion != null) {
      tiers.put(kind, List.of(new Tier(Long.MAX_VALUE, perMillion)));
    }
  }

  /** The catalogue file. */
  String yaml() {
    StringBuilder yaml = new StringBuilder("accounts:\n");
    for (Customer customer : customers) {
      yaml.append("  - id: %s\n    name: %s\n".formatted(customer.id, customer.id))
          .append("    currency: %s\n".formatted(customer.currency))
          .append("    timezone: %s\n".formatted(customer.zone))
          .append("    plan: plan-%s\n    keys:\n".formatted(customer.id));
      for (Key key : customer.keys) {
        yaml.append("      - { name: %s, secret: %s }\n".formatted(key.name, key.secret));
      }
    }
    yaml.append("priceBooks:\n");
    for (Book book : books) {
      yaml.append("  - id: %s\n    currency: %s\n    prices:\n".formatted(book.id, book.currency));
      book.prices.forEach(price -> append(yaml, price));
    }
    yaml.append("plans:\n");
    for (Customer customer : customers) {
      yaml.append(
          "  - { id: plan-%s, priceBook: %s, perRequest: \"%s\" }\n"
              .formatted(customer.id, customer.book, customer.perRequest.toPlainString()));
    }
    yaml.append("credits:\n");
    for (Grant grant : grants) {
      yaml.append(
          "  - { id: %s, account: %s, amount: \"%s\" }\n"
              .formatted(grant.id, grant.account, grant.amount));
    }
    return yaml.toString();
  }

  private static void append(StringBuilder yaml, Price price) {
    yaml.append("      - model: \"%s\"\n".formatted(price.model))
        .append("        effectiveFrom: %s\n".formatted(price.from))
        .append(price.graduated ? "        graduated:\n" : "        perMillion:\n");
    price.tiers.forEach(
        (kind, tiers) -> {
          yaml.append("          ").append(kind.billName).append(": ");
          if (price.graduated) {
            yaml.append("[ ");
            for (Tier tier : tiers) {
              yaml.append(tiers.indexOf(tier) > 0 ? ", { " : "{ ");
              yaml.append(tier.upTo == Long.MAX_VALUE ? "" : "upTo: " + tier.upTo + ", ");
              yaml.append("perMillion: \"").append(tier.perMillion).append("\" }");
            }
            yaml.append(" ]\n");
          } else {
            yaml.append('"').append(tiers.get(0).perMillion).append("\"\n");
          }
        });
  }
}
