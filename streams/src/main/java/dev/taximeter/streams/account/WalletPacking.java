package dev.taximeter.streams.account;

import dev.taximeter.contract.event.AccountState.Charge;
import dev.taximeter.contract.event.AccountState.CreditKind;
import dev.taximeter.contract.event.LedgerPosting;
import dev.taximeter.streams.account.policy.Credit;
import dev.taximeter.streams.account.policy.PeriodBook;
import dev.taximeter.streams.account.policy.Wallet;
import dev.taximeter.streams.topology.parts.PackedReader;
import dev.taximeter.streams.topology.parts.PackedWriter;
import java.time.YearMonth;

/** The bytes of a {@link Wallet}, within those of an account's head. */
final class WalletPacking {
  private static final CreditKind[] CREDIT_KINDS = CreditKind.values();
  private static final LedgerPosting.Kind[] KINDS = LedgerPosting.Kind.values();

  private WalletPacking() {}

  static void pack(Wallet wallet, PackedWriter packed) {
    packed
        .instant(wallet.opened)
        .number(wallet.postings)
        .number(wallet.bills)
        .number(wallet.notes)
        .number(wallet.billedSequence)
        .number(wallet.commands)
        .decimal(wallet.charged)
        .decimal(wallet.noted)
        .number(wallet.credits().size());
    for (Credit credit : wallet.credits()) {
      packed
          .text(credit.id())
          .number(credit.kind().ordinal())
          .number(credit.priority())
          .decimal(credit.amount())
          .instant(credit.effectiveFrom())
          .instant(credit.expiresAt())
          .decimal(credit.applied())
          .decimal(credit.postedDrawn())
          .decimal(credit.postedExpired());
    }
    packed.number(wallet.periods().size());
    wallet.periods().forEach((period, book) -> pack(period, book, packed));
  }

  private static void pack(YearMonth period, PeriodBook book, PackedWriter packed) {
    packed
        .number(period.getYear())
        .number(period.getMonthValue())
        .decimal(book.cost)
        .decimal(book.postedCost)
        .number(book.bill)
        .number(book.revision)
        .number(book.billedRequests)
        .number(book.manual ? 1 : 0)
        .instant(book.lateFrom)
        .instant(book.lateTo)
        .number(book.unbilled.size());
    book.unbilled.forEach((from, cost) -> packed.instant(from).decimal(cost));
    packed.number(book.charges.size());
    for (Charge charge : book.charges) {
      packed
          .text(charge.id())
          .number(charge.kind().ordinal())
          .instant(charge.at())
          .decimal(charge.amount())
          .text(charge.reason());
    }
  }

  static Wallet unpack(PackedReader packed) {
    Wallet wallet = new Wallet();
    wallet.opened = packed.optionalInstant();
    wallet.postings = packed.number();
    wallet.bills = packed.number();
    wallet.notes = packed.number();
    wallet.billedSequence = packed.number();
    wallet.commands = packed.number();
    wallet.charged = packed.decimal();
    wallet.noted = packed.decimal();
    int credits = packed.size();
    for (int i = 0; i < credits; i++) {
      wallet.restore(
          new Credit(
              packed.text(),
              CREDIT_KINDS[packed.size()],
              packed.size(),
              packed.decimal(),
              packed.optionalInstant(),
              packed.optionalInstant(),
              packed.decimal(),
              packed.decimal(),
              packed.decimal()));
    }
    int periods = packed.size();
    for (int i = 0; i < periods; i++) {
      unpack(wallet.period(YearMonth.of(packed.size(), packed.size())), packed);
    }
    return wallet;
  }

  private static void unpack(PeriodBook book, PackedReader packed) {
    book.cost = packed.decimal();
    book.postedCost = packed.decimal();
    book.bill = packed.number();
    book.revision = packed.number();
    book.billedRequests = packed.number();
    book.manual = packed.number() != 0;
    book.lateFrom = packed.optionalInstant();
    book.lateTo = packed.optionalInstant();
    int segments = packed.size();
    for (int i = 0; i < segments; i++) {
      book.unbilled.put(packed.instant(), packed.decimal());
    }
    int charges = packed.size();
    for (int i = 0; i < charges; i++) {
      book.charges.add(
          new Charge(
              packed.text(),
              KINDS[packed.size()],
              packed.instant(),
              packed.decimal(),
              packed.text()));
    }
  }
}
