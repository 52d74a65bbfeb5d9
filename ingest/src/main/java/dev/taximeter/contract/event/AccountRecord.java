package dev.taximeter.contract.event;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.taximeter.contract.event.AccountState.BillLine;
import dev.taximeter.contract.event.AccountState.Books;
import dev.taximeter.contract.event.AccountState.CreditState;
import dev.taximeter.contract.event.AccountState.PeriodBilling;
import dev.taximeter.contract.money.Decimals;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.YearMonth;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code account.states.v1} holds of an account: a summary, and a record of its own for the
 * bill lines of each month, so that no record grows with the account's age. What changed together
 * is written in one transaction, months before the summary that names them; {@link AccountAssembly}
 * puts them together again.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = AccountRecord.Summary.class, name = "summary"),
  @JsonSubTypes.Type(value = AccountRecord.Month.class, name = "month")
})
public sealed interface AccountRecord {
  /** Id of the account; holds no tab. */
  String account();

  /**
   * @return what the record replaces earlier ones by
   */
  String recordKey();

  /**
   * An account at one sequence number, without bill lines. The components are those of {@link
   * AccountState}. Key: the account's id.
   *
   * @param periods every month with usage or a bill, oldest first
   */
  record Summary(
      String account,
      long sequence,
      long termsVersion,
      String currency,
      String zone,
      BigDecimal spent,
      long requests,
      List<CreditState> credits,
      List<MonthTotals> periods,
      @Nullable Instant lastCompletion,
      Books books)
      implements AccountRecord {
    public Summary {
      spent = Decimals.canonical(spent);
      credits = List.copyOf(credits);
      periods = List.copyOf(periods);
      books = books == null ? Books.NONE : books;
    }

    /** An account without ledger and bills. */
    public Summary(
        String account,
        long sequence,
        long termsVersion,
        String currency,
        String zone,
        BigDecimal spent,
        long requests,
        List<CreditState> credits,
        List<MonthTotals> periods,
        @Nullable Instant lastCompletion) {
      this(
          account,
          sequence,
          termsVersion,
          currency,
          zone,
          spent,
          requests,
          credits,
          periods,
          lastCompletion,
          Books.NONE);
    }

    @Override
    public String recordKey() {
      return account;
    }
  }

  /**
   * A month without its bill lines.
   *
   * @param period calendar month in the account's zone
   * @param requests events that completed in it
   * @param unpriced how many of them had no price
   * @param merged how many of them stand on the line of their price entry's pattern, because the
   *     month had too many models for lines of their own; amounts are exact all the same
   * @param sequence the account's sequence number of the month's last event: that of the {@link
   *     Month} that has its lines
   * @param billing where its bill stands
   */
  record MonthTotals(
      YearMonth period,
      long requests,
      long unpriced,
      long merged,
      long sequence,
      PeriodBilling billing) {
    public MonthTotals {
      billing = billing == null ? PeriodBilling.OPEN : billing;
    }

    /** A month that is not billed. */
    public MonthTotals(YearMonth period, long requests, long unpriced, long merged, long sequence) {
      this(period, requests, unpriced, merged, sequence, PeriodBilling.OPEN);
    }
  }

  /**
   * The bill lines of a month. Key: account, tab, month.
   *
   * @param period calendar month in the account's zone
   * @param sequence the account's sequence number of the month's last event
   * @param lines all usage of the month, billed or not
   * @param revision {@link PeriodBilling#revision}
   * @param late what came after the month's final bill and is not billed yet
   */
  record Month(
      String account,
      YearMonth period,
      long sequence,
      List<BillLine> lines,
      long revision,
      List<BillLine> late)
      implements AccountRecord {
    public Month {
      lines = List.copyOf(lines);
      late = late == null ? List.of() : List.copyOf(late);
    }

    /** A month that is not billed. */
    public Month(String account, YearMonth period, long sequence, List<BillLine> lines) {
      this(account, period, sequence, lines, 0, List.of());
    }

    @Override
    public String recordKey() {
      return account + '\t' + period;
    }
  }
}
