package dev.taximeter.contract.event;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.taximeter.contract.event.AccountState.CreditKind;
import dev.taximeter.contract.money.Decimals;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.YearMonth;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Something a person wants done that is not a change of the catalogue alone. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "order")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Order.Claim.class, name = "claim"),
  @JsonSubTypes.Type(value = Order.Resolve.class, name = "resolve"),
  @JsonSubTypes.Type(value = Order.RetireSource.class, name = "retire-source"),
  @JsonSubTypes.Type(value = Order.Replay.class, name = "replay"),
  @JsonSubTypes.Type(value = Order.GrantCredit.class, name = "grant-credit"),
  @JsonSubTypes.Type(value = Order.Adjust.class, name = "adjust"),
  @JsonSubTypes.Type(value = Order.Debit.class, name = "debit"),
  @JsonSubTypes.Type(value = Order.FinalizeBill.class, name = "finalize-bill"),
  @JsonSubTypes.Type(value = Order.VoidBill.class, name = "void-bill"),
  @JsonSubTypes.Type(value = Order.NoteCredit.class, name = "note-credit"),
  @JsonSubTypes.Type(value = Order.ReRate.class, name = "re-rate")
})
public sealed interface Order {
  /** As much as the catalogue's credits may be, in units of the currency. */
  BigDecimal MOST_AMOUNT = BigDecimal.TEN.pow(15);

  /**
   * Gives an unknown key to an account, for good: what was metered of it, and all that follows.
   *
   * @param fingerprint of the key, 64 hex digits
   * @param account who pays from now on
   * @param keyName the key's name in the catalogue
   * @param from usage that completed earlier stays unclaimed; null claims all of it
   */
  record Claim(String fingerprint, String account, String keyName, @Nullable Instant from)
      implements Order {}

  /**
   * Decides a line in suspense, once.
   *
   * @param lineId the line's identity, 32 hex digits
   * @param account who pays; null writes the usage off
   * @param keyName the account's key it counts under; null if written off
   */
  record Resolve(String lineId, @Nullable String account, @Nullable String keyName)
      implements Order {}

  /** A source that will send no more: completeness does not wait for it any longer. */
  record RetireSource(LineSource source) implements Order {}

  /**
   * Sends dead letters through metering again.
   *
   * @param lineIds identities of the lines, 1 to 1,000
   */
  record Replay(List<String> lineIds) implements Order {
    /** What one transaction reads and sends. */
    public static final int MOST_LINES = 1_000;

    public Replay {
      lineIds = List.copyOf(lineIds);
    }
  }

  /** What the single writer of an account's money decides. */
  sealed interface OfAccount extends Order {
    /** {@return the account's id} */
    String account();

    /**
     * @return whether the sender asks for the same once more, under the same command id
     */
    default boolean repeats(Order other) {
      return equals(other);
    }
  }

  /**
   * Gives an account a credit.
   *
   * @param kind a grant or a top-up
   * @param amount above 0, in the account's currency
   * @param priority 0 to {@value #LAST_PRIORITY}; lower ones are drawn down first
   * @param effectiveFrom pays only for usage completed then or later; null for all that is not
   *     billed yet
   * @param expiresAt pays only for usage completed before; null if it never expires
   */
  record GrantCredit(
      String account,
      CreditKind kind,
      BigDecimal amount,
      int priority,
      @Nullable Instant effectiveFrom,
      @Nullable Instant expiresAt)
      implements OfAccount {
    public static final int LAST_PRIORITY = 1_000;

    /** Of credits that name none, and of those of the catalogue. */
    public static final int USUAL_PRIORITY = 100;

    public GrantCredit {
      amount = Decimals.canonical(amount);
    }
  }

  /**
   * Corrects an account's money.
   *
   * @param amount above 0 to the account's advantage, below 0 to its disadvantage
   */
  record Adjust(String account, BigDecimal amount) implements OfAccount {
    public Adjust {
      amount = Decimals.canonical(amount);
    }
  }

  /**
   * Charges an account for something that is no usage. Of a prepaid account, at most its balance.
   *
   * @param amount above 0
   */
  record Debit(String account, BigDecimal amount) implements OfAccount {
    public Debit {
      amount = Decimals.canonical(amount);
    }
  }

  /**
   * Makes the bill of a month that has ended final.
   *
   * @param period calendar month in the account's zone
   */
  record FinalizeBill(String account, YearMonth period) implements OfAccount {}

  /**
   * Takes the account's newest final bill out of force. Its month is open again until somebody
   * finalises it.
   *
   * @param number of the bill
   */
  record VoidBill(String account, long number) implements OfAccount {}

  /**
   * Makes less due for a final bill.
   *
   * @param number of the bill
   * @param amount above 0; all notes together at most the amount due
   */
  record NoteCredit(String account, long number, BigDecimal amount) implements OfAccount {
    public NoteCredit {
      amount = Decimals.canonical(amount);
    }
  }

  /**
   * Posts the difference between what a month's usage costs at the prices and plans known now, and
   * what it was charged: usage keeps the price that it was rated with. What earlier re-ratings of
   * the month posted is taken off.
   *
   * @param period calendar month in the account's zone
   * @param basis the account's sequence number up to which usage was priced again
   * @param termsVersion catalogue version of the terms that it was priced by
   * @param charged what the usage up to there was charged when it was rated
   * @param reRated what it costs by those terms
   */
  record ReRate(
      String account,
      YearMonth period,
      long basis,
      long termsVersion,
      BigDecimal charged,
      BigDecimal reRated)
      implements OfAccount {
    public ReRate {
      charged = Decimals.canonical(charged);
      reRated = Decimals.canonical(reRated);
    }

    /** Whoever asks again finds more usage, or other prices; it is the same question. */
    @Override
    public boolean repeats(Order other) {
      return other instanceof ReRate reRate
          && reRate.account.equals(account)
          && reRate.period.equals(period);
    }
  }
}
