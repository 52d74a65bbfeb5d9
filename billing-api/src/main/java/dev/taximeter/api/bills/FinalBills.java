package dev.taximeter.api.bills;

import dev.taximeter.contract.event.FinalBill;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The final bills of all accounts, void ones included. */
public interface FinalBills {
  /**
   * @return null if there is no such bill, or it has not arrived here
   */
  @Nullable FinalBill find(String account, long number);

  /**
   * @return by number
   */
  List<FinalBill> of(String account);
}
