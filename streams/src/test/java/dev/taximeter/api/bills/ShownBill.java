package dev.taximeter.api.bills;

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

  private ShownBill() {}

  /** The preview of a month. */
  public static String preview(AccountState state, YearMonth month, Instant now) {
    return shown(Bills.preview(state, month, now, new Freshness(() -> null)));
  }

  /** A bill that is final. */
  public static String of(FinalBill bill, Instant now) {
    AsOf asOf = new Freshness(() -> null).of(bill.content().covers().sequenceTo(), now);
    return shown(Bills.of(bill, asOf));
  }

  private static String shown(Bills.Bill bill) {
    ObjectNode document = Json.MAPPER.valueToTree(bill);
    document.remove(ONLY_FINAL);
    return document.toPrettyString();
  }
}
