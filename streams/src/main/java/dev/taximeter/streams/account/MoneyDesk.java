package dev.taximeter.streams.account;

import dev.taximeter.contract.catalog.Account.Billing;
import dev.taximeter.contract.catalog.AccountTerms;
import dev.taximeter.contract.event.AccountState.Charge;
import dev.taximeter.contract.event.AccountState.CreditKind;
import dev.taximeter.contract.event.AccountState.ReRated;
import dev.taximeter.contract.event.CommandResult;
import dev.taximeter.contract.event.CommandResult.Refusal;
import dev.taximeter.contract.event.FinalBill;
import dev.taximeter.contract.event.Instruction;
import dev.taximeter.contract.event.LedgerPosting;
import dev.taximeter.contract.event.LedgerPosting.Entry;
import dev.taximeter.contract.event.LedgerPosting.Kind;
import dev.taximeter.contract.event.LedgerPosting.LedgerAccount;
import dev.taximeter.contract.event.Order;
import dev.taximeter.contract.json.Json;
import dev.taximeter.contract.money.Decimals;
import dev.taximeter.streams.account.MoneyDecision.StoredBill;
import dev.taximeter.streams.account.policy.Credit;
import dev.taximeter.streams.account.policy.PeriodBook;
import dev.taximeter.streams.account.policy.ReRating;
import dev.taximeter.streams.account.policy.Wallet;
import dev.taximeter.streams.topology.parts.Defects;
import dev.taximeter.streams.topology.parts.Marks;
import dev.taximeter.streams.topology.parts.Outgoing;
import dev.taximeter.streams.topology.parts.Outlets;
import dev.taximeter.streams.topology.parts.OversizedRecordException;
import dev.taximeter.streams.topology.parts.PendingEmissions;
import dev.taximeter.streams.topology.parts.Problems;
import dev.taximeter.streams.topology.parts.StoreBuilders;
import dev.taximeter.streams.topology.parts.StoreKeys;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Credits, ledger and bills: the part of an account's task that decides commands about money, each
 * once, and keeps the ledger up to date with usage.
 *
 * <p>The ledger follows usage in steps: at most one posting of usage per account and sweep, and one
 * before each command's own, so that a command's posting always stands behind all usage before it.
 */
final class MoneyDesk {
  /** Answers to commands, by account and command. */
  static final String COMMANDS = "account-commands";

  /** Final bills, by account and number. */
  static final String BILLS = "account-bills";

  /** What of the lines of billed months stands on bills. */
  static final String BILLED_LINES = "account-billed-lines";

  /** What was spent by quarters of an hour. */
  static final String SPENDING = "account-spending";

  /** Commands of an account whose answers are remembered: a sender repeats one within minutes. */
  private static final int MOST_COMMANDS = 10_000;

  /** Accounts that a sweep looks at: it is over within milliseconds. */
  private static final int ACCOUNTS_PER_SWEEP = 500;

  private static final Logger LOG = LoggerFactory.getLogger(MoneyDesk.class);

  private final ProcessorContext<byte[], byte[]> context;
  private final AccountBooks books;
  private final Function<String, @Nullable AccountTerms> terms;
  private final KeyValueStore<String, Decided> commands;
  private final BillDesk bills;
  private final PendingEmissions pendingPostings;
  private final Changes changes;
  private final Problems problems;
  private final int listedCredits;
  private @Nullable String sweptTo;

  /** Hears of what is to be published. */
  interface Changes {
    void ofAccount(String account);

    void ofMonth(String account, YearMonth period);
  }

  /**
   * A command that was decided.
   *
   * @param order null in entries that only tell in which order commands were decided, or that one
   *     was carried out whose answer is forgotten
   * @param reason null in those, and in entries from before it was kept
   */
  record Decided(
      String commandId,
      @Nullable Order order,
      @Nullable CommandResult result,
      @Nullable String reason) {
    boolean isOf(Order.OfAccount other, Instruction instruction) {
      return order != null
          && other.repeats(order)
          && (reason == null || reason.equals(instruction.reason()));
    }
  }

  /**
   * @param marks of accounts whose ledger is behind
   * @param terms an account's terms; null if they have not come
   */
  MoneyDesk(
      ProcessorContext<byte[], byte[]> context,
      AccountBooks books,
      Marks marks,
      Function<String, @Nullable AccountTerms> terms,
      BillingSettings settings,
      Changes changes) {
    this.context = context;
    this.books = books;
    this.terms = terms;
    this.commands = context.getStateStore(COMMANDS);
    this.bills =
        new BillDesk(
            books,
            context.getStateStore(BILLS),
            settings.grace(),
            new Completeness(context.getStateStore(Completeness.STORE)));
    this.pendingPostings = new PendingEmissions(marks, "ledger");
    this.changes = changes;
    this.problems = Problems.of(context.appConfigs());
    this.listedCredits = settings.listedCredits();
  }

  static Set<StoreBuilder<?>> stores() {
    return Set.of(
        StoreBuilders.writeThrough(COMMANDS, Serdes.String(), Json.serde(Decided.class)),
        FoldedCredits.builder(),
        StoreBuilders.writeThrough(BILLS, Serdes.String(), Json.serde(StoredBill.class)),
        StoreBuilders.writeThrough(
            BILLED_LINES, Serdes.String(), Json.serde(AccountBooks.BilledLines.class)),
        StoreBuilders.writeThrough(SPENDING, Serdes.String(), Serdes.ByteArray()));
  }

  /** The account's ledger will have to follow usage. */
  void used(String account) {
    pendingPostings.mark(account);
  }

  /** Takes the credits of new terms in. */
  void accept(String account, AccountTerms changed, Instant at) {
    MoneyDecision decision = begin(account, changed, at, null);
    Wallet wallet = decision.wallet;
    Instant start = billingStart(changed, wallet, at);
    boolean starts = !start.equals(wallet.opened);
    wallet.opened = start;
    List<Credit> fresh = new ArrayList<>();
    for (dev.taximeter.contract.catalog.Credit granted : changed.credits()) {
      Credit known = wallet.credit(granted.id());
      BigDecimal before = known == null ? BigDecimal.ZERO : known.amount();
      if (before.compareTo(granted.amount()) != 0) {
        fresh.add(
            Credit.of(
                granted.id(),
                CreditKind.GRANT,
                Order.GrantCredit.USUAL_PRIORITY,
                granted.amount(),
                null,
                granted.expiresAt()));
      }
    }
    if (!starts && fresh.isEmpty()) {
      return;
    }
    if (!fresh.isEmpty()) {
      decision.catchUp();
    }
    Wallet.Spending spending = books.spending().of(account);
    for (Credit credit : fresh) {
      take(decision, withKnownEnd(decision, credit, spending), spending);
    }
    decision.catchUp();
    write(decision, encode(decision, List.of()));
  }

  /**
   * What the catalogue says; else it stays what it was: when metering first heard of the account.
   */
  private static Instant billingStart(AccountTerms terms, Wallet wallet, Instant now) {
    Instant stated = terms.account().details().billingStart();
    if (stated != null) {
      return stated;
    }
    return wallet.opened == null ? now : wallet.opened;
  }

  /**
   * A credit of the catalogue that is over by the time it comes here, within a quarter of an hour
   * whose usage is counted already: on which side of its end that usage lies is not known, so that
   * it ends with the quarter before. It is in the ledger like that, and in the account's state.
   */
  private static Credit withKnownEnd(
      MoneyDecision decision, Credit credit, Wallet.Spending spending) {
    Wallet wallet = decision.wallet;
    Instant end = credit.expiresAt();
    if (end == null
        || wallet.credit(credit.id()) != null
        || wallet.blurredBoundary(credit, spending) == null
        || decision.isBeforeAll(end)) {
      return credit;
    }
    return credit.endingAt(SpendHistory.quarterOf(end));
  }

  private static void take(MoneyDecision decision, Credit credit, Wallet.Spending spending) {
    Credit known = decision.wallet.credit(credit.id());
    BigDecimal more = known == null ? credit.amount() : credit.amount().subtract(known.amount());
    decision.postGrant(
        known == null ? credit : known,
        List.of(
            new Entry(LedgerAccount.PROMOTION, null, credit.id(), more),
            new Entry(LedgerAccount.CREDITS, null, credit.id(), more.negate())));
    if (known == null) {
      decision.wallet.add(credit, spending);
    } else {
      decision.wallet.setAmount(known, credit.amount());
    }
  }

  private MoneyDecision begin(
      String account, AccountTerms known, Instant at, @Nullable Instruction instruction) {
    Wallet current = books.wallet(account);
    if (books.folded().unfoldAsOf(account, current, at)) {
      // It may have waited since before they expired; the ledger goes by its instant.
      books.put(account, current);
    }
    return new MoneyDecision(
        account,
        known,
        current.copy(),
        books.head(account),
        at,
        Instant.ofEpochMilli(context.currentSystemTimeMs()),
        instruction);
  }

  /** Decides a command, or gives the answer that it was given. */
  void carryOut(Instruction instruction) {
    if (!(instruction.order() instanceof Order.OfAccount order)) {
      throw new IllegalStateException("an order that no account carries out");
    }
    String account = order.account();
    Decided before = commands.get(commandKey(account, instruction.commandId()));
    if (before != null) {
      answer(repeated(before, order, instruction))
          .forward(context, instruction.at().toEpochMilli());
      return;
    }
    AccountTerms known = terms.apply(account);
    if (known == null) {
      answer(
              refusal(
                  instruction,
                  Refusal.NOT_POSSIBLE,
                  "account %s has no terms yet; try again".formatted(account)))
          .forward(context, instruction.at().toEpochMilli());
      return;
    }
    unfold(order, known.account().timezone(), instruction.at());
    MoneyDecision decision = begin(account, known, instruction.at(), instruction);
    decide(decision, order);
    CommandResult result =
        decision.refusal == null
            ? acceptance(instruction, decision)
            : refusal(instruction, decision.refusal, decision.problem);
    if (decision.refusal != null) {
      // What it would have changed is left behind with its copy of the wallet.
      decision = begin(account, known, instruction.at(), instruction);
    }
    List<Outgoing> records;
    try {
      records = encode(decision, List.of(answer(result)));
    } catch (OversizedRecordException tooLarge) {
      decision = begin(account, known, instruction.at(), instruction);
      result = refusal(instruction, Refusal.NOT_POSSIBLE, tooLarge(account, tooLarge));
      records = encode(decision, List.of(answer(result)));
    }
    decision.wallet.commands++;
    write(decision, records);
    remember(
        account,
        decision.wallet.commands,
        new Decided(instruction.commandId(), order, result, instruction.reason()));
  }

  /** Fetches credits that are over and that the command may concern. */
  private void unfold(Order.OfAccount order, ZoneId zone, Instant at) {
    String account = order.account();
    Wallet wallet = books.wallet(account);
    if (!wallet.hasFolded()) {
      return;
    }
    if (order instanceof Order.Debit || order instanceof Order.Adjust) {
      books.folded().unfold(account, wallet, YearMonth.from(at.atZone(zone)), at);
    } else if (order instanceof Order.ReRate reRate) {
      Instant last = lastOf(reRate.period(), zone);
      books.folded().unfold(account, wallet, reRate.period(), at.isBefore(last) ? at : last);
    } else if (order instanceof Order.NoteCredit note) {
      bills.unfold(account, wallet, zone, note.number());
    } else if (order instanceof Order.VoidBill voided) {
      bills.unfold(account, wallet, zone, voided.number());
    }
    books.put(account, wallet);
  }

  /** What is over leaves the account's state. */
  private void fold(String account, Instant now) {
    Wallet wallet = books.wallet(account);
    if (wallet.creditsOfPeople() > listedCredits
        && books.folded().fold(account, wallet, listedCredits, now)) {
      books.put(account, wallet);
      changes.ofAccount(account);
    }
  }

  private static String tooLarge(String account, OversizedRecordException record) {
    return "what would be decided about account %s does not fit one record: %s"
        .formatted(account, record.getMessage());
  }

  private static CommandResult repeated(
      Decided before, Order.OfAccount order, Instruction instruction) {
    CommandResult result = before.result();
    if (result == null) {
      return refusal(
          instruction,
          Refusal.REUSED_KEY,
          "this Idempotency-Key was used before, and what it asked for was done; the answer is forgotten by now, the ledger of account %s has it; choose a new key for another request"
              .formatted(order.account()));
    }
    if (!before.isOf(order, instruction)) {
      return refusal(
          instruction,
          Refusal.REUSED_KEY,
          "this Idempotency-Key was used before for another request about account %s; choose a new key"
              .formatted(order.account()));
    }
    return result;
  }

  private static Outgoing answer(CommandResult result) {
    return Outlets.ORDER_RESULTS.encode(result.id(), result);
  }

  private static CommandResult refusal(Instruction instruction, Refusal kind, String sentence) {
    return new CommandResult(
        instruction.commandId(),
        false,
        instruction.catalogVersion(),
        List.of(),
        List.of(sentence),
        kind,
        null,
        null);
  }

  private static CommandResult acceptance(Instruction instruction, MoneyDecision decision) {
    List<String> changed = new ArrayList<>();
    if (decision.answer != null) {
      changed.add("ledger/%s/%d".formatted(decision.account, decision.answer.number()));
    }
    if (decision.bill != null) {
      changed.add("bill/%s/%d".formatted(decision.account, decision.bill.bill().number()));
    }
    return new CommandResult(
        instruction.commandId(),
        true,
        instruction.catalogVersion(),
        changed,
        List.of(),
        null,
        decision.answer,
        decision.billNumber);
  }

  private void decide(MoneyDecision decision, Order.OfAccount order) {
    try {
      if (order instanceof Order.GrantCredit grant) {
        grant(decision, grant);
      } else if (order instanceof Order.Adjust adjust) {
        adjust(decision, adjust);
      } else if (order instanceof Order.Debit debit) {
        debit(decision, debit);
      } else if (order instanceof Order.FinalizeBill finalize) {
        bills.finalizeBill(decision, finalize.period());
      } else if (order instanceof Order.VoidBill voidBill) {
        bills.voidBill(decision, voidBill.number());
      } else if (order instanceof Order.NoteCredit note) {
        bills.note(decision, note.number(), note.amount());
      } else if (order instanceof Order.ReRate reRate) {
        reRate(decision, reRate);
      }
    } catch (KafkaException storeFailed) {
      throw storeFailed;
    } catch (RuntimeException defect) {
      LOG.error("A command cannot be decided: {}", Defects.describe(defect));
      decision.refuse(Refusal.NOT_POSSIBLE, "the command cannot be decided; see metering's log");
    }
  }

  private void grant(MoneyDecision decision, Order.GrantCredit grant) {
    decision.catchUp();
    addCredit(
        decision,
        grant.kind() == CreditKind.TOP_UP ? Kind.TOP_UP : Kind.GRANT,
        grant.kind() == CreditKind.TOP_UP ? LedgerAccount.CASH : LedgerAccount.PROMOTION,
        Credit.of(
            idOf(decision),
            grant.kind(),
            grant.priority(),
            grant.amount(),
            grant.effectiveFrom(),
            grant.expiresAt()));
  }

  /** Does not depend on when the command came between usage: bills name it. */
  private static String idOf(MoneyDecision decision) {
    return "ledger:" + decision.commandId();
  }

  private void addCredit(MoneyDecision decision, Kind kind, LedgerAccount from, Credit credit) {
    Wallet wallet = decision.wallet;
    if (wallet.credit(credit.id()) != null || books.folded().has(decision.account, credit.id())) {
      // Commands are forgotten one day; the credit that one gave is not.
      decision.refuse(
          Refusal.REUSED_KEY,
          "this Idempotency-Key was used before and gave account %s a credit; choose a new key for another one"
              .formatted(decision.account));
      return;
    }
    if (wallet.credits().size() >= Wallet.MOST_CREDITS) {
      decision.refuse(
          Refusal.NOT_POSSIBLE,
          "account %s has %d credits that are neither used up by final bills nor expired, and no room for more; give one of a larger amount, or wait for the month's bill"
              .formatted(decision.account, Wallet.MOST_CREDITS));
      return;
    }
    Wallet.Spending spending = books.spending().of(decision.account);
    Instant blurred = wallet.blurredBoundary(credit, spending);
    if (blurred != null) {
      decision.refuse(
          Refusal.NOT_POSSIBLE,
          "%s lies within a quarter of an hour whose usage is counted already; choose a full quarter, such as %s"
              .formatted(blurred, SpendHistory.quarterOf(blurred)));
      return;
    }
    decision.postCredit(
        kind,
        credit,
        new Entry(from, null, credit.id(), credit.amount()),
        new Entry(LedgerAccount.CREDITS, null, credit.id(), credit.amount().negate()));
    wallet.add(credit.withReason(decision.reason()), spending);
    decision.catchUp();
  }

  private void adjust(MoneyDecision decision, Order.Adjust adjust) {
    decision.catchUp();
    if (adjust.amount().signum() > 0) {
      addCredit(
          decision,
          Kind.ADJUSTMENT,
          LedgerAccount.ADJUSTMENTS,
          Credit.of(
              idOf(decision),
              CreditKind.ADJUSTMENT,
              Order.GrantCredit.USUAL_PRIORITY,
              adjust.amount(),
              null,
              null));
    } else {
      charge(
          decision,
          LedgerAccount.ADJUSTMENTS,
          charge(decision, Kind.ADJUSTMENT, adjust.amount().negate(), null));
    }
  }

  private void debit(MoneyDecision decision, Order.Debit debit) {
    decision.catchUp();
    BigDecimal balance = decision.wallet.balance(decision.head.spent(), decision.at);
    if (decision.terms.account().billing() == Billing.PREPAID
        && debit.amount().compareTo(balance) > 0) {
      decision.refuse(
          Refusal.INSUFFICIENT_BALANCE,
          "account %s is prepaid and has %s %s left, less than the debit of %s; top it up first"
              .formatted(
                  decision.account,
                  Decimals.plain(balance),
                  decision.terms.account().currency(),
                  Decimals.plain(debit.amount())));
      return;
    }
    charge(decision, LedgerAccount.DEBITS, charge(decision, Kind.DEBIT, debit.amount(), null));
  }

  /**
   * The difference is a charge of the month that was re-rated. So it stands on the next bill that
   * becomes final: the month's own, or if it has one, the first after it.
   */
  private void reRate(MoneyDecision decision, Order.ReRate order) {
    YearMonth period = order.period();
    PeriodBook book = decision.wallet.periods().get(period);
    ReRated before = decision.wallet.reRated.get(period);
    String objection =
        ReRating.objection(
            order,
            new ReRating.Known(
                decision.head.sequence(),
                decision.terms.catalogVersion(),
                books.lastSequence(decision.account, period),
                book == null ? BigDecimal.ZERO : book.cost,
                before));
    if (objection != null) {
      decision.refuse(Refusal.NOT_POSSIBLE, objection);
      return;
    }
    decision.catchUp();
    BigDecimal difference = ReRating.difference(order, before);
    if (difference.signum() != 0) {
      charge(decision, LedgerAccount.USAGE, charge(decision, Kind.RE_RATING, difference, period));
    }
    decision.wallet.reRated.put(period, ReRating.after(order));
  }

  /**
   * @param period the month whose usage it is about; null if it is about none
   */
  private static Charge charge(
      MoneyDecision decision, Kind kind, BigDecimal amount, @Nullable YearMonth period) {
    String reason = Credit.shown(decision.reason());
    return new Charge(idOf(decision), kind, decision.at, amount, reason, period);
  }

  /** A re-rating is about the usage of its month: what was valid then pays for it. */
  private static Instant countsAt(Charge charge, ZoneId zone) {
    YearMonth period = charge.period();
    Instant last = period == null ? charge.at() : lastOf(period, zone);
    return charge.at().isBefore(last) ? charge.at() : last;
  }

  private static Instant lastOf(YearMonth period, ZoneId zone) {
    return dev.taximeter.streams.account.policy.Billing.end(period, zone).minusMillis(1);
  }

  private static void charge(MoneyDecision decision, LedgerAccount earns, Charge charge) {
    if (!decision.wallet.hasRoomForCharge(charge)) {
      decision.refuse(
          Refusal.NOT_POSSIBLE,
          "%d debits of account %s wait for a bill, as many as one bill has room for; make the bill of a month that has ended final, or post one debit for many things until this month ends"
              .formatted(Wallet.MOST_CHARGES, decision.account));
      return;
    }
    YearMonth month = charge.period() == null ? decision.month() : charge.period();
    decision.post(
        charge.kind(),
        0,
        new Entry(LedgerAccount.UNBILLED, month, null, charge.amount()),
        new Entry(earns, month, null, charge.amount().negate()));
    Instant countsAt = countsAt(charge, decision.zone());
    decision.wallet.charge(month, charge, countsAt);
    decision.kept = decision.wallet.keep(month);
    decision.charge = charge;
    decision.chargedMonth = month;
    decision.chargedAt = countsAt;
    decision.catchUp();
  }

  /** Everything is encoded before anything is written. */
  private static List<Outgoing> encode(MoneyDecision decision, List<Outgoing> answers) {
    List<Outgoing> records = new ArrayList<>();
    for (LedgerPosting posting : decision.postings) {
      records.add(Outlets.LEDGER_ENTRIES.encode(posting.recordKey(), posting));
    }
    StoredBill changedBill = decision.bill;
    if (changedBill != null) {
      FinalBill bill = changedBill.bill();
      records.add(Outlets.BILLS.encode(bill.recordKey(), bill));
    }
    records.addAll(answers);
    return records;
  }

  private void write(MoneyDecision decision, List<Outgoing> records) {
    records.forEach(record -> record.forward(context, decision.at.toEpochMilli()));
    Charge charge = decision.charge;
    YearMonth month = decision.chargedMonth;
    Instant at = decision.chargedAt;
    if (charge != null && month != null && at != null) {
      PeriodBook book = decision.wallet.period(month);
      books
          .spending()
          .add(
              decision.account,
              month,
              book.revision,
              Wallet.Spending.FLAT,
              at,
              decision.wallet.cutBefore(at),
              charge.amount());
      Wallet.Kept kept = decision.kept;
      if (kept != null) {
        books.spend(decision.account, decision.wallet, month, kept);
      }
      changes.ofMonth(decision.account, month);
    }
    bills.write(decision, period -> changes.ofMonth(decision.account, period));
    books.put(decision.account, decision.wallet);
    changes.ofAccount(decision.account);
  }

  private void remember(String account, long number, Decided decided) {
    commands.put(commandKey(account, decided.commandId()), decided);
    commands.put(numberKey(account, number), new Decided(decided.commandId(), null, null, null));
    Decided oldest = commands.delete(numberKey(account, number - MOST_COMMANDS));
    if (oldest != null) {
      forgetAnswer(account, oldest.commandId());
    }
  }

  /** What would be done twice if it came again is known for ever; what gave a credit, by that. */
  private void forgetAnswer(String account, String commandId) {
    Decided decided = commands.delete(commandKey(account, commandId));
    CommandResult result = decided == null ? null : decided.result();
    if (decided != null && result != null && result.accepted() && adds(decided.order())) {
      commands.put(commandKey(account, commandId), new Decided(commandId, null, null, null));
    }
  }

  private static boolean adds(@Nullable Order order) {
    return order instanceof Order.Debit
        || order instanceof Order.NoteCredit
        || (order instanceof Order.Adjust adjust && adjust.amount().signum() < 0);
  }

  private static String commandKey(String account, String commandId) {
    return StoreKeys.of(account, "command", commandId);
  }

  private static String numberKey(String account, long number) {
    return StoreKeys.of(account, "number", Long.toString(number));
  }

  /**
   * Brings ledgers up to date and finalises what is due, a bounded number of accounts at a time.
   *
   * @param keepsUp whether all input has been read, as far as one can tell
   */
  void sweep(Instant now, boolean keepsUp) {
    pendingPostings.drain(
        account -> {
          post(account, now);
          return 1;
        });
    List<String> accounts = books.accountsAfter(sweptTo, ACCOUNTS_PER_SWEEP);
    for (String account : accounts) {
      post(account, now);
      fold(account, now);
      if (keepsUp) {
        finalizeDue(account, now);
      }
    }
    sweptTo = accounts.size() < ACCOUNTS_PER_SWEEP ? null : accounts.get(accounts.size() - 1);
  }

  private void post(String account, Instant now) {
    Wallet wallet = books.wallet(account);
    AccountTerms known = wallet.isBehind(wallet.draws(), now) ? terms.apply(account) : null;
    if (known != null) {
      MoneyDecision decision = begin(account, known, now, null);
      writeUnasked(decision, decision::catchUp);
    }
  }

  private void finalizeDue(String account, Instant now) {
    Wallet wallet = books.wallet(account);
    AccountTerms known = bills.mayBeDue(wallet, now) ? terms.apply(account) : null;
    YearMonth due =
        known == null
            ? null
            : bills.due(
                wallet, known.account().timezone(), now, known.account().details().closing());
    if (known == null || due == null) {
      return;
    }
    MoneyDecision decision = begin(account, known, now, null);
    writeUnasked(decision, () -> bills.finalizeBill(decision, due));
  }

  /**
   * One account that nothing can be decided about must not keep the others of the sweep from their
   * postings and bills. It is named, and tried again with the next sweep.
   */
  private void writeUnasked(MoneyDecision decision, Runnable decide) {
    String name = "money of account " + decision.account;
    List<Outgoing> records;
    try {
      decide.run();
      records = encode(decision, List.of());
    } catch (KafkaException storeFailed) {
      throw storeFailed;
    } catch (RuntimeException defect) {
      String why =
          defect instanceof OversizedRecordException tooLarge
              ? tooLarge(decision.account, tooLarge)
              : Defects.describe(defect);
      String sentence =
          "Ledger and bills of account %s stand still: %s".formatted(decision.account, why);
      if (problems.report(name, sentence)) {
        LOG.error(sentence);
      }
      return;
    }
    problems.solved(name);
    if (decision.refusal == null) {
      write(decision, records);
    }
  }
}
