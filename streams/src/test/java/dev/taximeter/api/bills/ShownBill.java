package dev.taximeter.api.bills;

import dev.taximeter.api.accounts.AccountDirectory;
import dev.taximeter.api.catalog.CatalogSnapshot;
import dev.taximeter.api.catalog.CatalogView;
import dev.taximeter.api.catalog.PriceVersions;
import dev.taximeter.api.web.AsOf;
import dev.taximeter.api.web.Freshness;
import dev.taximeter.contract.event.AccountState;
import dev.taximeter.contract.event.FinalBill;
import dev.taximeter.contract.json.Json;
import java.time.Instant;
import java.time.YearMonth;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** Bills as the API shows them, less what only a final one has. */
public final class ShownBill {
  private static final List<String> ONLY_FINAL =
      List.of("status", "number", "covers", "finalizedAt", "finalizedBy", "contentHash", "asOf");

  /** What a bill has only if it was asked for as it was known. */
  private static final List<String> ONLY_KNOWN = List.of("asOf", "knownAt", "knownSequence");

  /** Of lines of a final bill: it goes by instants, which the clock of a test leaves out. */
  private static final List<String> EXPLAINED = List.of("unitPrice", "tiers", "formula");

  private ShownBill() {}

  /** The preview of a month. */
  public static String preview(AccountState state, YearMonth month, Instant now) {
    return shown(Bills.preview(state, month, now, freshness()), ONLY_FINAL);
  }

  /** A bill that is final. */
  public static String of(FinalBill bill, Instant now) {
    return shown(Bills.of(bill, asOf(bill, now)), ONLY_FINAL);
  }

  /**
   * What is shown of a month: its bill, or the preview of one.
   *
   * @param bills of the account, by number
   */
  public static String now(
      AccountState state,
      List<FinalBill> bills,
      PriceVersions prices,
      YearMonth month,
      Instant now) {
    long number = Bills.finalNumber(state, month);
    Bills.Bill shown =
        bills.stream()
            .filter(bill -> bill.number() == number)
            .findFirst()
            .map(bill -> Bills.of(bill, asOf(bill, now)))
            .orElseGet(() -> Bills.preview(state, month, now, freshness()));
    return shown(new Explanations(view(prices), finals(bills)).explain(shown), ONLY_KNOWN);
  }

  /**
   * What is shown of a month as it was known.
   *
   * @param state the account's of now
   * @param bills of the account, by number
   */
  public static String known(
      AccountState state,
      List<FinalBill> bills,
      PriceVersions prices,
      LandedUsage usage,
      LandedMoney money,
      YearMonth month,
      Instant now) {
    FinalBills finals = finals(bills);
    CatalogView catalog = view(prices);
    KnownBills known =
        new KnownBills(
            finals,
            usage,
            money,
            new MonthPricing(new AccountDirectory(catalog, null), catalog, usage),
            new Explanations(catalog, finals),
            freshness());
    return shown(known.at(state, month, now, now), ONLY_KNOWN);
  }

  private static FinalBills finals(List<FinalBill> bills) {
    return new FinalBills() {
      @Override
      public FinalBill find(String account, long number) {
        return bills.stream().filter(bill -> bill.number() == number).findFirst().orElse(null);
      }

      @Override
      public List<FinalBill> of(String account) {
        return bills;
      }
    };
  }

  private static CatalogView view(PriceVersions prices) {
    return new CatalogView() {
      @Override
      public CatalogSnapshot snapshot() {
        return CatalogSnapshot.EMPTY;
      }

      @Override
      public PriceVersions priceVersions() {
        return prices;
      }
    };
  }

  private static Freshness freshness() {
    return new Freshness(() -> null);
  }

  private static AsOf asOf(FinalBill bill, Instant now) {
    return freshness().of(bill.content().covers().sequenceTo(), now);
  }

  private static String shown(Bills.Bill bill, List<String> without) {
    ObjectNode document = Json.MAPPER.valueToTree(bill);
    document.remove(without);
    if (bill.number() != null) {
      for (String lines : List.of("lines", "lateLines")) {
        document.path(lines).forEach(line -> ((ObjectNode) line).remove(EXPLAINED));
      }
    }
    return document.toPrettyString();
  }
}
