package dev.taximeter.contract.rating;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.catalog.PriceSchedule;
import dev.taximeter.contract.catalog.PriceSchedule.Tier;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class ExplanationTest {
  private static final Pattern TERM =
      Pattern.compile(
          "(?<sign>[+-] )?(?:(?<free>[0-9,]+) free"
              + "|(?<packages>[0-9,]+) packages? of (?<size>[0-9,]+) × (?<price>[0-9.]+)"
              + "|(?<count>[0-9,]+) × (?<per>[0-9.]+) / 1,000,000)");

  private static PriceSchedule flat(String price) {
    return new PriceSchedule.Flat(new BigDecimal(price));
  }

  private static Tier tier(Long upTo, String price) {
    return new Tier(upTo, new BigDecimal(price));
  }

  @Test
  void aFlatPriceIsAUnitPrice() {
    Explanation flat = Explanation.of(flat("0.40"), 0, 123_456);
    assertThat(flat.unitPrice())
        .isEqualTo(new Explanation.UnitPrice(new BigDecimal("0.4"), 1_000_000));
    assertThat(flat.parts()).isEmpty();
    assertThat(flat.formula()).isEqualTo("123,456 × 0.4 / 1,000,000");
    assertThat(flat.amount(123_456)).isEqualByComparingTo("0.0493824");
  }

  @Test
  void requestsCostTheSameEach() {
    Explanation requests = Explanation.ofRequests(new BigDecimal("0.0001"), 48_213);
    assertThat(requests.unitPrice())
        .isEqualTo(new Explanation.UnitPrice(new BigDecimal("0.0001"), 1));
    assertThat(requests.formula()).isEqualTo("48,213 × 0.0001");
    assertThat(requests.amount(48_213)).isEqualByComparingTo("4.8213");
  }

  @Test
  void graduatedTiersAddUp() {
    PriceSchedule graduated =
        new PriceSchedule.Graduated(List.of(tier(1_000_000L, "1.00"), tier(null, "0.80")));
    Explanation all = Explanation.of(graduated, 0, 1_000_234);
    assertThat(all.formula()).isEqualTo("1,000,000 × 1 / 1,000,000 + 234 × 0.8 / 1,000,000");
    assertThat(all.parts()).extracting(Explanation.Part::upTo).containsExactly(1_000_000L, null);
    Explanation late = Explanation.of(graduated, 999_990, 20);
    assertThat(late.formula()).isEqualTo("10 × 1 / 1,000,000 + 10 × 0.8 / 1,000,000");
    assertThat(late.parts()).extracting(Explanation.Part::above).containsExactly(0L, 1_000_000L);
  }

  @Test
  void aVolumePriceThatFallsTakesBackWhatWasBilled() {
    PriceSchedule volume =
        new PriceSchedule.Volume(List.of(tier(1_000_000L, "1"), tier(null, "0.8")));
    assertThat(Explanation.of(volume, 0, 1_200_000).formula())
        .isEqualTo("1,200,000 × 0.8 / 1,000,000");
    Explanation late = Explanation.of(volume, 900_000, 300_000);
    assertThat(late.formula()).isEqualTo("1,200,000 × 0.8 / 1,000,000 - 900,000 × 1 / 1,000,000");
    assertThat(late.parts())
        .extracting(Explanation.Part::quantity)
        .containsExactly(1_200_000L, -900_000L);
    assertThat(late.amount(300_000)).isEqualByComparingTo("0.06");
  }

  @Test
  void packagesAndAllowancesSayWhatIsFree() {
    PriceSchedule packages = new PriceSchedule.Package(1_000, new BigDecimal("0.02"));
    assertThat(Explanation.of(packages, 0, 2_001).formula())
        .isEqualTo("3 packages of 1,000 × 0.02");
    assertThat(Explanation.of(packages, 999, 2).formula()).isEqualTo("1 package of 1,000 × 0.02");
    PriceSchedule allowance = new PriceSchedule.Allowance(100, flat("2"));
    assertThat(Explanation.of(allowance, 0, 110).formula())
        .isEqualTo("100 free + 10 × 2 / 1,000,000");
    assertThat(Explanation.of(allowance, 0, 50).formula()).isEqualTo("50 free");
    assertThat(Explanation.of(allowance, 100, 7).formula()).isEqualTo("7 × 2 / 1,000,000");
    assertThat(Explanation.of(allowance, 0, 110).parts())
        .extracting(Explanation.Part::above)
        .containsExactly(0L, 100L);
  }

  /** Over all price models: the parts are the line, and the text says the same. */
  @Property(tries = 2_000)
  void everyLineIsTheSumOfItsParts(@ForAll long seed) {
    Random random = new Random(seed);
    PriceSchedule price = schedule(random);
    long before = random.nextInt(3) == 0 ? 0 : random.nextInt(20_000);
    long quantity = random.nextInt(20_000);
    BigDecimal amount = Price.of(price, before + quantity).subtract(Price.of(price, before));

    Explanation explanation = Explanation.of(price, before, quantity);

    assertThat(explanation.amount(quantity)).as(explanation.formula()).isEqualByComparingTo(amount);
    assertThat(evaluate(explanation.formula()))
        .as(explanation.formula())
        .isEqualByComparingTo(amount);
    if (explanation.unitPrice() == null) {
      assertThat(explanation.parts().stream().mapToLong(Explanation.Part::quantity).sum())
          .isEqualTo(quantity);
    }
  }

  private static BigDecimal evaluate(String formula) {
    BigDecimal sum = BigDecimal.ZERO;
    Matcher term = TERM.matcher(formula);
    int end = 0;
    while (term.find()) {
      assertThat(formula.substring(end, term.start())).isBlank();
      end = term.end();
      BigDecimal amount = BigDecimal.ZERO;
      if (term.group("packages") != null) {
        amount = number(term.group("packages")).multiply(new BigDecimal(term.group("price")));
      } else if (term.group("count") != null) {
        amount =
            number(term.group("count"))
                .multiply(new BigDecimal(term.group("per")))
                .divide(BigDecimal.valueOf(1_000_000));
      }
      sum = "- ".equals(term.group("sign")) ? sum.subtract(amount) : sum.add(amount);
    }
    assertThat(formula.substring(end)).isEmpty();
    return sum;
  }

  private static BigDecimal number(String grouped) {
    return new BigDecimal(grouped.replace(",", ""));
  }

  private static PriceSchedule schedule(Random random) {
    PriceSchedule schedule =
        switch (random.nextInt(4)) {
          case 0 -> flat(price(random));
          case 1 -> new PriceSchedule.Graduated(tiers(random));
          case 2 -> new PriceSchedule.Volume(tiers(random));
          default ->
              new PriceSchedule.Package(1 + random.nextInt(3_000), new BigDecimal(price(random)));
        };
    return random.nextInt(3) == 0
        ? new PriceSchedule.Allowance(1 + random.nextInt(20_000), schedule)
        : schedule;
  }

  private static List<Tier> tiers(Random random) {
    List<Tier> tiers = new ArrayList<>();
    long end = 0;
    for (int i = 0; i < random.nextInt(4); i++) {
      end += 1 + random.nextInt(10_000);
      tiers.add(tier(end, price(random)));
    }
    tiers.add(tier(null, price(random)));
    return tiers;
  }

  private static String price(Random random) {
    return BigDecimal.valueOf(random.nextInt(20_000), 2).toPlainString();
  }
}
