package dev.taximeter.streams.account;

import dev.taximeter.contract.catalog.AccountTerms;
import dev.taximeter.contract.catalog.PriceSchedule;
import dev.taximeter.contract.event.AccountState.Charge;
import dev.taximeter.contract.event.AccountState.CreditUse;
import dev.taximeter.contract.event.CommandResult.Refusal;
import dev.taximeter.contract.event.FinalBill;
import dev.taximeter.contract.event.Instruction;
import dev.taximeter.contract.event.LedgerPosting;
import dev.taximeter.contract.event.LedgerPosting.CreditTerms;
import dev.taximeter.contract.event.LedgerPosting.Entry;
import dev.taximeter.contract.event.LedgerPosting.Kind;
import dev.taximeter.streams.account.policy.AccountHead;
import dev.taximeter.streams.account.policy.Credit;
import dev.taximeter.streams.account.policy.Draws;
import dev.taximeter.streams.account.policy.Wallet;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A decision about an account's money that is being made: it works on a copy of the wallet and
 * gathers what is to be written. Nothing of it exists before {@link MoneyDesk} writes it.
 */
final class MoneyDecision {
  final String account;
  final AccountTerms terms;
  final Wallet wallet;
  final AccountHead head;
  final Instant at;
  private final Instant recorded;
  final List<LedgerPosting> postings = new ArrayList<>();
  private final @Nullable Instruction instruction;

  /** The posting that answers the command. */
  @Nullable LedgerPosting answer;

  /** The bill that was made or changed. */
  @Nullable StoredBill bill;

  /** Number of the bill that the command was about. */
  @Nullable Long billNumber;

  /** Months whose unbilled part went onto the bill. */
  List<YearMonth> billed = List.of();

  /** What a voided bill gives back. */
  @Nullable StoredBill undone;

  /** A new charge. */
  @Nullable Charge charge;

  /** The month that it is of. */
  @Nullable YearMonth chargedMonth;

  /** Credits that cover this instant pay for it. */
  @Nullable Instant chargedAt;

  /** What is charged besides, because credit notes gave it back before. */
  Wallet.@Nullable Kept kept;

  @Nullable Refusal refusal;
  String problem = "";

  /**
   * @param wallet a copy
   * @param at when it was asked for, or now
   * @param recorded now
   * @param instruction null if nobody asked
   */
  MoneyDecision(
      String account,
      AccountTerms terms,
      Wallet wallet,
      AccountHead head,
      Instant at,
      Instant recorded,
      @Nullable Instruction instruction) {
    this.account = account;
    this.terms = terms;
    this.wallet = wallet;
    this.head = head;
    this.at = at;
    this.recorded = recorded;
    this.instruction = instruction;
  }

  /**
   * A final bill with what it takes to void it.
   *
   * @param settled the months that went onto it; none once it cannot be voided any more
   * @param sequenceBefore {@link Wallet#billedSequence} before
   */
  record StoredBill(FinalBill bill, List<Settled> settled, long sequenceBefore) {
    StoredBill {
      settled = List.copyOf(settled);
    }

    StoredBill with(FinalBill changed) {
      return new StoredBill(changed, settled, sequenceBefore);
    }

    StoredBill forGood() {
      return new StoredBill(bill, List.of(), sequenceBefore);
    }
  }

  /**
   * A month's unbilled part as it was before a bill took it.
   *
   * @param revision under which its usage is in {@link SpendHistory}
   * @param tiered by line
   * @param paid which credits the bill took for it, or gave something back to
   */
  record Settled(
      YearMonth period,
      long revision,
      long billedRequests,
      @Nullable Instant lateFrom,
      @Nullable Instant lateTo,
      List<Charge> charges,
      Map<String, Tiers> tiered,
      List<CreditUse> paid) {
    Settled {
      charges = List.copyOf(charges);
      tiered = Map.copyOf(tiered);
      // Absent in bills from before it was kept.
      paid = paid == null ? List.of() : List.copyOf(paid);
    }
  }

  /**
   * A line of a tiered price.
   *
   * @param billed what earlier final bills had of it
   */
  record Tiers(PriceSchedule schedule, long billed) {}

  ZoneId zone() {
    return terms.account().timezone();
  }

  YearMonth month() {
    return YearMonth.from(at.atZone(zone()));
  }

  /** Whether the instant is still to come, and nothing that was charged or used is of later. */
  boolean isBeforeAll(Instant instant) {
    Instant last = head.lastCompletion();
    return instant.isAfter(recorded)
        && instant.isAfter(at)
        && (last == null || last.isBefore(instant))
        && wallet.periods().values().stream()
            .flatMap(book -> book.charges.stream())
            .allMatch(charge -> charge.at().isBefore(instant));
  }

  String author() {
    return instruction == null ? "" : instruction.author();
  }

  String reason() {
    return instruction == null ? "" : instruction.reason();
  }

  /** Empty if nobody asked. */
  String commandId() {
    return instruction == null ? "" : instruction.commandId();
  }

  /** Posts usage, draw-down and expiry up to now, if they are behind. */
  void catchUp() {
    Draws draws = wallet.draws();
    postUnasked(Kind.USAGE, "", wallet.postUsage(draws));
    postUnasked(
        Kind.ADJUSTMENT, "credit notes gave this back before it became cheaper", wallet.postKept());
    postUnasked(Kind.EXPIRY, "", wallet.postExpiry(draws, at));
  }

  /** Posts what the command asked for: its answer. */
  void post(Kind kind, long billNumber, Entry... entries) {
    post(kind, billNumber, List.of(entries));
  }

  void post(Kind kind, long billNumber, List<Entry> entries) {
    answer = post(kind, billNumber, asked(), author(), reason(), entries, null);
  }

  /** Posts a credit that the command asked for: its answer. */
  void postCredit(Kind kind, Credit credit, Entry... entries) {
    answer = post(kind, 0, asked(), author(), reason(), List.of(entries), credit.terms());
  }

  /** Posts a credit of the catalogue. */
  void postGrant(Credit credit, List<Entry> entries) {
    post(Kind.GRANT, 0, null, "", "a credit of the catalogue", entries, credit.terms());
  }

  private @Nullable String asked() {
    return instruction == null ? null : instruction.commandId();
  }

  /** Posts what nobody asked for. */
  private void postUnasked(Kind kind, String reason, List<Entry> entries) {
    post(kind, 0, null, "", reason, entries, null);
  }

  private @Nullable LedgerPosting post(
      Kind kind,
      long billNumber,
      @Nullable String commandId,
      String author,
      String reason,
      List<Entry> entries,
      @Nullable CreditTerms given) {
    if (entries.isEmpty()) {
      return null;
    }
    LedgerPosting posting =
        new LedgerPosting(
            account,
            ++wallet.postings,
            kind,
            at,
            head.sequence(),
            terms.account().currency(),
            commandId,
            author,
            reason,
            billNumber,
            entries,
            recorded,
            given);
    postings.add(posting);
    return posting;
  }

  void refuse(Refusal kind, String sentence) {
    refusal = kind;
    problem = sentence;
  }
}
