package dev.taximeter.streams.account;

import dev.taximeter.contract.catalog.PriceSchedule;
import dev.taximeter.contract.event.AccountState.Charge;
import dev.taximeter.contract.event.AccountState.CreditKind;
import dev.taximeter.contract.event.AccountState.ReRated;
import dev.taximeter.contract.event.LedgerPosting;
import dev.taximeter.contract.json.Json;
import dev.taximeter.contract.packed.PackedReader;
import dev.taximeter.contract.packed.PackedWriter;
import dev.taximeter.streams.account.policy.Credit;
import dev.taximeter.streams.account.policy.PeriodBook;
import dev.taximeter.streams.account.policy.TieredUsage;
import dev.taximeter.streams.account.policy.Wallet;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.YearMonth;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

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
    packed.number(book.tiered.size());
    book.tiered.forEach(
        (line, usage) -> {
          packed.text(line).text(written(usage)).number(usage.billed).number(usage.unbilled.size());
          usage.unbilled.forEach((from, quantity) -> packed.instant(from).number(quantity));
        });
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

  /** It does not change, and is stored at every commit. */
  private static String written(TieredUsage usage) {
    String written = usage.written;
    if (written == null) {
      written = Json.MAPPER.writerFor(PriceSchedule.class).writeValueAsString(usage.schedule);
      usage.written = written;
    }
    return written;
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
              packed.decimal(),
              BigDecimal.ZERO,
              ""));
    }
    int periods = packed.size();
    for (int i = 0; i < periods; i++) {
      YearMonth period = YearMonth.of(packed.size(), packed.size());
      unpack(period, wallet.period(period), packed);
    }
    return wallet;
  }

  /** What stands behind all else, because heads from before it was kept lack it. */
  static void packLater(Wallet wallet, PackedWriter packed) {
    packed.number(wallet.reRated.size());
    wallet.reRated.forEach(
        (period, reRated) ->
            packed
                .number(period.getYear())
                .number(period.getMonthValue())
                .decimal(reRated.posted())
                .number(reRated.basis())
                .number(reRated.termsVersion()));
    List<YearMonth> paid =
        wallet.periods().keySet().stream()
            .filter(period -> !wallet.period(period).paid.isEmpty())
            .toList();
    packed.number(paid.size());
    for (YearMonth period : paid) {
      Map<String, BigDecimal> credits = wallet.period(period).paid;
      packed.number(period.getYear()).number(period.getMonthValue()).number(credits.size());
      credits.forEach((credit, amount) -> packed.text(credit).decimal(amount));
    }
    List<Credit> reasons =
        wallet.credits().stream().filter(credit -> !credit.reason().isEmpty()).toList();
    packed.number(reasons.size());
    reasons.forEach(credit -> packed.text(credit.id()).text(credit.reason()));
    packNotes(wallet, packed);
    packBeyond(wallet, packed);
    packOver(wallet, packed);
  }

  /** Credits that are over are stored elsewhere; their ends, and what they gave, are needed. */
  private static void packOver(Wallet wallet, PackedWriter packed) {
    List<YearMonth> folded =
        wallet.periods().keySet().stream().filter(period -> wallet.period(period).folded).toList();
    packed.decimal(wallet.over).instant(wallet.overUntil).number(folded.size());
    folded.forEach(period -> packed.number(period.getYear()).number(period.getMonthValue()));
    TreeSet<Instant> cuts = new TreeSet<>(wallet.cuts());
    for (Credit credit : wallet.credits()) {
      // These come with the credit.
      cuts.remove(credit.effectiveFrom() == null ? Instant.EPOCH : credit.effectiveFrom());
      cuts.remove(credit.expiresAt() == null ? Instant.EPOCH : credit.expiresAt());
    }
    packed.number(cuts.size());
    cuts.forEach(packed::instant);
  }

  private static void unpackOver(Wallet wallet, PackedReader packed) {
    if (packed.isAtEnd()) {
      return;
    }
    wallet.over = packed.decimal();
    wallet.overUntil = packed.optionalInstant();
    int folded = packed.size();
    for (int i = 0; i < folded; i++) {
      wallet.period(YearMonth.of(packed.size(), packed.size())).folded = true;
    }
    int cuts = packed.size();
    for (int i = 0; i < cuts; i++) {
      wallet.cuts().add(packed.instant());
    }
  }

  private static void packBeyond(Wallet wallet, PackedWriter packed) {
    List<Credit> lowered =
        wallet.credits().stream().filter(credit -> credit.postedBeyond().signum() != 0).toList();
    packed.number(lowered.size());
    lowered.forEach(credit -> packed.text(credit.id()).decimal(credit.postedBeyond()));
  }

  private static void unpackBeyond(Wallet wallet, PackedReader packed) {
    int lowered = packed.isAtEnd() ? 0 : packed.size();
    for (int i = 0; i < lowered; i++) {
      Credit credit = wallet.credit(packed.text());
      BigDecimal beyond = packed.decimal();
      if (credit != null) {
        wallet.restore(credit.withPostedBeyond(beyond));
      }
    }
  }

  private static void packNotes(Wallet wallet, PackedWriter packed) {
    List<YearMonth> unknown =
        wallet.periods().keySet().stream()
            .filter(period -> wallet.period(period).charged == null)
            .toList();
    packed.number(unknown.size());
    unknown.forEach(period -> packed.number(period.getYear()).number(period.getMonthValue()));
    List<YearMonth> known =
        wallet.periods().keySet().stream()
            .filter(period -> hasNotes(wallet.period(period)))
            .toList();
    packed.number(known.size());
    for (YearMonth period : known) {
      PeriodBook book = wallet.period(period);
      packed
          .number(period.getYear())
          .number(period.getMonthValue())
          .decimal(book.charged == null ? BigDecimal.ZERO : book.charged)
          .decimal(book.noted)
          .decimal(book.kept)
          .decimal(book.postedKept)
          .instant(book.end);
    }
  }

  private static boolean hasNotes(PeriodBook book) {
    boolean charged = book.charged != null && book.charged.signum() != 0;
    return charged || book.end != null;
  }

  private static void chargedBefore(PeriodBook book) {
    boolean billed = book.bill != 0 || book.revision != 0;
    book.charged =
        billed
            ? null
            : book.charges.stream()
                .map(charge -> charge.amount())
                .reduce(BigDecimal.ZERO, BigDecimal::add);
  }

  private static void unpackNotes(Wallet wallet, PackedReader packed) {
    if (packed.isAtEnd()) {
      // Charges that were billed before it was kept are known to their bills only.
      wallet.periods().values().forEach(WalletPacking::chargedBefore);
      return;
    }
    int unknown = packed.size();
    for (int i = 0; i < unknown; i++) {
      wallet.period(YearMonth.of(packed.size(), packed.size())).charged = null;
    }
    int known = packed.size();
    for (int i = 0; i < known; i++) {
      PeriodBook book = wallet.period(YearMonth.of(packed.size(), packed.size()));
      BigDecimal charged = packed.decimal();
      book.charged = book.charged == null ? null : charged;
      book.noted = packed.decimal();
      book.kept = packed.decimal();
      book.postedKept = packed.decimal();
      book.end = packed.optionalInstant();
    }
  }

  static void unpackLater(Wallet wallet, PackedReader packed) {
    int months = packed.isAtEnd() ? 0 : packed.size();
    for (int i = 0; i < months; i++) {
      wallet.reRated.put(
          YearMonth.of(packed.size(), packed.size()),
          new ReRated(packed.decimal(), packed.number(), packed.number()));
    }
    int paid = packed.isAtEnd() ? 0 : packed.size();
    for (int i = 0; i < paid; i++) {
      PeriodBook book = wallet.period(YearMonth.of(packed.size(), packed.size()));
      int credits = packed.size();
      for (int credit = 0; credit < credits; credit++) {
        book.paid.put(packed.text(), packed.decimal());
      }
    }
    int reasons = packed.isAtEnd() ? 0 : packed.size();
    for (int i = 0; i < reasons; i++) {
      Credit credit = wallet.credit(packed.text());
      String reason = packed.text();
      if (credit != null) {
        wallet.restore(credit.withReason(reason));
      }
    }
    unpackNotes(wallet, packed);
    unpackBeyond(wallet, packed);
    unpackOver(wallet, packed);
  }

  private static void unpack(YearMonth period, PeriodBook book, PackedReader packed) {
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
    int tiered = packed.size();
    for (int i = 0; i < tiered; i++) {
      String line = packed.text();
      String written = packed.text();
      TieredUsage usage =
          new TieredUsage(Json.MAPPER.readValue(written, PriceSchedule.class), packed.number());
      usage.written = written;
      int parts = packed.size();
      for (int part = 0; part < parts; part++) {
        usage.unbilled.put(packed.instant(), packed.number());
      }
      book.tiered.put(line, usage);
    }
    int charges = packed.size();
    for (int i = 0; i < charges; i++) {
      book.charges.add(unpackCharge(period, packed));
    }
  }

  /** Only a re-rating is about the usage of its month. */
  private static Charge unpackCharge(YearMonth period, PackedReader packed) {
    String id = packed.text();
    LedgerPosting.Kind kind = KINDS[packed.size()];
    return new Charge(
        id,
        kind,
        packed.instant(),
        packed.decimal(),
        packed.text(),
        kind == LedgerPosting.Kind.RE_RATING ? period : null);
  }
}
