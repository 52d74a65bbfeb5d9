package dev.taximeter.api.bills;

import dev.taximeter.api.accounts.AccountDirectory;
import dev.taximeter.api.web.Freshness;
import dev.taximeter.api.web.Parameters;
import dev.taximeter.api.web.ProblemException;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Clock;
import java.time.YearMonth;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** Bills. */
@RestController
@Tag(name = "Bills")
public final class BillsController {
  /** Months outside have no bounds that an instant could hold well. */
  private static final int FIRST_YEAR = 1970;

  private static final int LAST_YEAR = 9998;

  private final AccountDirectory directory;
  private final Freshness freshness;
  private final Clock clock;

  public BillsController(AccountDirectory directory, Freshness freshness, Clock clock) {
    this.directory = directory;
    this.freshness = freshness;
    this.clock = clock;
  }

  @Operation(
      summary = "List bills",
      description = "Every month with usage, and the current one; newest first.")
  @GetMapping("/v1/accounts/{account}/bills")
  Bills.BillList list(
      @Parameter(description = "Account id.", example = "acme") @PathVariable("account")
          String account) {
    return Bills.list(directory.state(account), clock.instant(), freshness);
  }

  @Operation(
      summary = "Read a bill",
      description =
          "The usage of a calendar month in the account's zone: a pure function of the account's"
              + " live state, so it agrees with the balance at the same sequence number to the last"
              + " digit. A month without usage has no lines.")
  @GetMapping("/v1/accounts/{account}/bills/{month}")
  Bills.Bill get(
      @Parameter(description = "Account id.", example = "acme") @PathVariable("account")
          String account,
      @Parameter(description = "Calendar month, YYYY-MM.", example = "2026-11")
          @PathVariable("month")
          String month) {
    YearMonth period = Parameters.month("month", month);
    if (period.getYear() < FIRST_YEAR || period.getYear() > LAST_YEAR) {
      throw ProblemException.parameter(
          "month", "must lie between %d-01 and %d-12".formatted(FIRST_YEAR, LAST_YEAR));
    }
    return Bills.of(directory.state(account), period, clock.instant(), freshness);
  }
}
