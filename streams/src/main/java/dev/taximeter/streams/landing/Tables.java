package dev.taximeter.streams.landing;

import dev.taximeter.contract.catalog.Account;
import dev.taximeter.contract.catalog.CatalogRecord;
import dev.taximeter.contract.catalog.Credit;
import dev.taximeter.contract.catalog.Plan;
import dev.taximeter.contract.catalog.PlanChange;
import dev.taximeter.contract.catalog.PriceBook;
import dev.taximeter.contract.catalog.PriceEntry;
import dev.taximeter.contract.catalog.PriceSchedule;
import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.event.AccountRecord;
import dev.taximeter.contract.event.AccountState;
import dev.taximeter.contract.event.Alert;
import dev.taximeter.contract.event.AuditRecord;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.FinalBill;
import dev.taximeter.contract.event.LedgerPosting;
import dev.taximeter.contract.event.LineCount;
import dev.taximeter.contract.event.LineFate;
import dev.taximeter.contract.event.LineReplay;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.SourceState;
import dev.taximeter.contract.event.SuspenseItem;
import dev.taximeter.contract.event.UnattributedKey;
import dev.taximeter.contract.event.UsageEvent;
import dev.taximeter.contract.event.UsageEvent.Charge;
import dev.taximeter.contract.event.UsageWindow;
import dev.taximeter.contract.json.Json;
import java.time.Instant;
import java.time.YearMonth;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The tables that records land in. Columns and keys are those of the files in {@code schema/}. */
final class Tables {
  /** A bill line and the month it stands in. */
  record BilledLine(AccountRecord.Month month, AccountState.BillLine line) {}

  /** An account's summary and the JSON it came as. */
  record LandedState(AccountRecord.Summary state, String json) {}

  /** A resource of the catalogue and the version it came with. */
  record Versioned<T>(long version, T resource) {}

  /**
   * The price of one class of an entry, or of one of its context tiers.
   *
   * @param above the prompt's tokens that the context tier begins above; 0 for the entry's own
   */
  record ClassPrice(
      long version,
      PriceEntry entry,
      long above,
      String priceVersion,
      TokenClass tokenClass,
      PriceSchedule schedule) {
    /** All of an entry. */
    static List<ClassPrice> of(long version, PriceEntry entry) {
      List<ClassPrice> rows = new ArrayList<>();
      entry
          .prices()
          .forEach(
              (tokenClass, schedule) ->
                  rows.add(
                      new ClassPrice(version, entry, 0, entry.version(), tokenClass, schedule)));
      for (PriceEntry.ContextTier tier : entry.contextTiers()) {
        tier.prices()
            .forEach(
                (tokenClass, schedule) ->
                    rows.add(
                        new ClassPrice(
                            version,
                            entry,
                            tier.above(),
                            entry.version(tier),
                            tokenClass,
                            schedule)));
      }
      return rows;
    }

    long free() {
      return schedule instanceof PriceSchedule.Allowance allowance ? allowance.free() : 0;
    }

    private PriceSchedule rest() {
      return schedule instanceof PriceSchedule.Allowance allowance ? allowance.rest() : schedule;
    }

    String model() {
      PriceSchedule rest = rest();
      if (rest instanceof PriceSchedule.Flat) {
        return "flat";
      } else if (rest instanceof PriceSchedule.Graduated) {
        return "graduated";
      } else if (rest instanceof PriceSchedule.Volume) {
        return "volume";
      }
      return "package";
    }

    /** A flat price is one tier without end; a package is one that ends with its size. */
    List<PriceSchedule.Tier> tiers() {
      PriceSchedule rest = rest();
      if (rest instanceof PriceSchedule.Flat flat) {
        return List.of(new PriceSchedule.Tier(null, flat.perMillion()));
      } else if (rest instanceof PriceSchedule.Graduated graduated) {
        return graduated.tiers();
      } else if (rest instanceof PriceSchedule.Volume volume) {
        return volume.tiers();
      } else if (rest instanceof PriceSchedule.Package ofPackage) {
        return List.of(new PriceSchedule.Tier(ofPackage.size(), ofPackage.price()));
      }
      throw new IllegalArgumentException("unknown kind of price");
    }
  }

  /**
   * One entry of a posting.
   *
   * @param number 0, 1, 2 … within the posting
   */
  record PostedEntry(LedgerPosting posting, int number) {
    LedgerPosting.Entry entry() {
      return posting.entries().get(number);
    }

    /** Of the credit that the posting gives; -1 if it gives none. */
    long priority() {
      LedgerPosting.CreditTerms terms = posting.terms();
      return terms == null ? -1 : terms.priority();
    }

    @Nullable Instant from() {
      LedgerPosting.CreditTerms terms = posting.terms();
      return terms == null ? null : bound(terms.effectiveFrom());
    }

    @Nullable Instant until() {
      LedgerPosting.CreditTerms terms = posting.terms();
      return terms == null ? null : bound(terms.expiresAt());
    }
  }

  /** A bill line and the month it stands for: the bill's own, or an earlier one. */
  record FinalLine(YearMonth period, AccountState.BillLine line) {}

  /** A final bill and the JSON it came as. */
  record LandedBill(FinalBill bill, String json) {
    FinalBill.Content content() {
      return bill.content();
    }

    List<FinalLine> lines() {
      List<FinalLine> lines = new ArrayList<>();
      content().lines().forEach(line -> lines.add(new FinalLine(bill.period(), line)));
      content().lateLines().forEach(late -> lines.add(new FinalLine(late.period(), late.line())));
      return lines;
    }
  }

  /** A gap and the source that lacks it. */
  record SourceGap(LineSource source, SourceState.Gap gap) {}

  /** A catalogue record and its resource as JSON. */
  record CatalogRow(CatalogRecord record, String kind, String resource) {}

  /**
   * A record that could not be landed.
   *
   * @param offset the record's, or the first of a range that is gone
   */
  record Reject(String topic, int partition, long offset, String reason) {}

  static final Table<UsageEvent> USAGE_EVENTS =
      Table.<UsageEvent>monthly(
              "usage_events",
              e -> List.of(e.account(), e.usage().completion(), e.usage().id()),
              e -> e.usage().completion())
          .uuid("id", e -> e.usage().id())
          .text("account", UsageEvent::account)
          .number("sequence", UsageEvent::sequence)
          .text("fate", e -> e.usage().fate().code())
          .text("key", e -> e.usage().key())
          .text("key_fingerprint", e -> e.usage().keyFingerprint())
          .text("key_last_four", e -> e.usage().keyLastFour())
          .text("model", e -> e.usage().model())
          .number("input", e -> e.usage().tokens().input())
          .number("cached_input", e -> e.usage().tokens().cachedInput())
          .number("cache_write", e -> e.usage().tokens().cacheWrite())
          .number("output", e -> e.usage().tokens().output())
          .number("reasoning", e -> e.usage().tokens().reasoning())
          .millis("completion", e -> e.usage().completion())
          .millis("start", e -> e.usage().start())
          .millis("arrival", e -> e.usage().arrival())
          .millis("settled", e -> e.settled() == null ? e.usage().arrival() : e.settled())
          .text("host", e -> e.usage().source().host())
          .text("path", e -> e.usage().source().path())
          .signed("offset", e -> e.usage().offset())
          .text("shipment", e -> e.usage().shipment())
          .texts("flags", e -> e.usage().flags())
          .text("request_id", e -> e.usage().requestId())
          .text("currency", UsageEvent::currency)
          .decimal("cost", UsageEvent::cost)
          .flag("unpriced", UsageEvent::unpriced)
          .texts("charges.token_class", e -> each(e.charges(), c -> c.tokenClass().code()))
          .texts("charges.model", e -> each(e.charges(), Charge::model))
          .texts("charges.price_version", e -> each(e.charges(), c -> orEmpty(c.priceVersion())))
          .numbers("charges.quantity", e -> each(e.charges(), Charge::quantity))
          .decimals("charges.amount", e -> each(e.charges(), Charge::amount))
          .decimal("provider_cost", e -> providerCost(e).amount())
          .text("provider_currency", e -> providerCost(e).currency())
          .texts(
              "provider_charges.token_class",
              e -> each(providerCost(e).charges(), c -> c.tokenClass().code()))
          .texts("provider_charges.model", e -> each(providerCost(e).charges(), Charge::model))
          .texts(
              "provider_charges.price_version",
              e -> each(providerCost(e).charges(), c -> orEmpty(c.priceVersion())))
          .numbers(
              "provider_charges.quantity", e -> each(providerCost(e).charges(), Charge::quantity))
          .decimals(
              "provider_charges.amount", e -> each(providerCost(e).charges(), Charge::amount));

  static final Table<UsageWindow> USAGE_WINDOWS =
      Table.<UsageWindow>monthly(
              "usage_windows",
              w ->
                  List.of(
                      w.granularity(),
                      w.key() == null,
                      w.account(),
                      w.start(),
                      orEmpty(w.key()),
                      w.model(),
                      w.segment()),
              UsageWindow::start)
          .text("account", UsageWindow::account)
          .text("key", w -> orEmpty(w.key()))
          .flag("of_all_keys", w -> w.key() == null)
          .text("model", UsageWindow::model)
          .text("granularity", w -> w.granularity().name().toLowerCase(Locale.ROOT))
          .seconds("start", UsageWindow::start)
          .number("segment", UsageWindow::segment)
          .number("sequence", UsageWindow::sequence)
          .number("requests", UsageWindow::requests)
          .number("input", w -> w.tokens().input())
          .number("cached_input", w -> w.tokens().cachedInput())
          .number("cache_write", w -> w.tokens().cacheWrite())
          .number("output", w -> w.tokens().output())
          .number("reasoning", w -> w.tokens().reasoning())
          .text("currency", UsageWindow::currency)
          .decimal("cost", UsageWindow::cost);

  static final Table<LandedState> ACCOUNT_STATES =
      Table.<LandedState>of("account_states", s -> List.of(s.state().account()))
          .text("account", s -> s.state().account())
          .number("sequence", s -> s.state().sequence())
          .number("terms_version", s -> s.state().termsVersion())
          .text("currency", s -> s.state().currency())
          .text("zone", s -> s.state().zone())
          .decimal("spent", s -> s.state().spent())
          .number("requests", s -> s.state().requests())
          .millis("last_completion", s -> s.state().lastCompletion())
          .text("state", LandedState::json);

  static final Table<BilledLine> BILL_LINES =
      Table.<BilledLine>of(
              "bill_lines",
              b ->
                  List.of(
                      b.month().account(),
                      b.month().period().toString(),
                      b.line().model(),
                      b.line().tokenClass(),
                      b.line().priceVersion()))
          .text("account", b -> b.month().account())
          .text("period", b -> b.month().period().toString())
          .text("model", b -> b.line().model())
          .text("token_class", b -> b.line().tokenClass().code())
          .text("price_version", b -> b.line().priceVersion())
          .number("quantity", b -> b.line().quantity())
          .decimal("amount", b -> b.line().amount())
          .number("sequence", b -> b.month().sequence());

  static final Table<LineFate> LINE_FATES =
      Table.<LineFate>monthly("line_fates", f -> List.of(), LineFate::arrival)
          .uuid("id", LineFate::id)
          .text("fate", f -> f.fate().code())
          .text("reason", f -> f.reason().code())
          .flag("leakage", LineFate::leakage)
          .text("key_fingerprint", LineFate::keyFingerprint)
          .text("model", LineFate::model)
          .millis("completion", f -> representable(f.completion()))
          .millis("arrival", LineFate::arrival)
          .text("host", f -> f.source().host())
          .text("path", f -> f.source().path())
          .signed("offset", LineFate::offset)
          .text("shipment", LineFate::shipment)
          .text("request_id", LineFate::requestId);

  /**
   * A line that was seen as usage.
   *
   * @param kept whether it must never be forgotten
   */
  record SeenUsage(String id, Instant arrival, boolean kept) {}

  static final Table<SeenUsage> USAGE_IDENTITIES =
      Table.<SeenUsage>monthly("usage_identities", s -> List.of(s.id()), SeenUsage::arrival)
          .uuid("id", SeenUsage::id)
          .millis("arrival", SeenUsage::arrival)
          .flag("kept", SeenUsage::kept);

  static final Table<LineFate> FATE_IDENTITIES =
      Table.<LineFate>monthly("fate_identities", f -> List.of(f.id(), f.fate()), LineFate::arrival)
          .uuid("id", LineFate::id)
          .text("fate", f -> f.fate().code())
          .millis("arrival", LineFate::arrival)
          .flag("kept", f -> f.fate() == Fate.SUSPENSE);

  /** The tables that late lines are looked up in. */
  static final List<Table<?>> IDENTITIES = List.of(USAGE_IDENTITIES, FATE_IDENTITIES);

  /** A dead letter without its content. */
  record Letter(LineFate fate, String excerpt) {}

  static final Table<Letter> DEAD_LETTERS =
      Table.<Letter>monthly(
              "dead_letters",
              l -> List.of(l.fate().arrival(), l.fate().id()),
              l -> l.fate().arrival())
          .uuid("id", l -> l.fate().id())
          .text("fate", l -> l.fate().fate().code())
          .text("reason", l -> l.fate().reason().code())
          .text("excerpt", Letter::excerpt)
          .millis("completion", l -> representable(l.fate().completion()))
          .millis("arrival", l -> l.fate().arrival())
          .text("host", l -> l.fate().source().host())
          .text("path", l -> l.fate().source().path())
          .signed("offset", l -> l.fate().offset())
          .text("shipment", l -> l.fate().shipment());

  static final Table<LineReplay> LINE_REPLAYS =
      Table.<LineReplay>monthly(
              "line_replays", r -> List.of(r.id(), r.outcome()), LineReplay::arrival)
          .uuid("id", LineReplay::id)
          .text("outcome", r -> r.outcome().code())
          .text("fate", r -> r.fate() == null ? "" : r.fate().code())
          .text("reason", r -> r.reason() == null ? "" : r.reason().code())
          .text("problem", LineReplay::problem)
          .text("command_id", LineReplay::commandId)
          .text("author", LineReplay::author)
          .millis("at", LineReplay::at)
          .millis("arrival", LineReplay::arrival)
          .text("host", r -> r.source().host())
          .text("path", r -> r.source().path())
          .text("shipment", LineReplay::shipment);

  static final Table<LineCount> LINE_ACCOUNTING =
      Table.<LineCount>monthly(
              "line_accounting",
              c -> List.of(c.hour(), c.source(), c.shipment(), c.writer()),
              LineCount::hour)
          .text("writer", LineCount::writer)
          .text("shipment", LineCount::shipment)
          .text("host", c -> c.source().host())
          .text("path", c -> c.source().path())
          .seconds("hour", LineCount::hour)
          .number("read", LineCount::read)
          .signed("settled", LineCount::settled)
          .signed("billed", c -> lines(c, Fate.BILLED))
          .signed("unattributed", c -> lines(c, Fate.UNATTRIBUTED))
          .signed("unbillable", c -> lines(c, Fate.UNBILLABLE))
          .signed("duplicate", c -> lines(c, Fate.DUPLICATE))
          .signed("suspense", c -> lines(c, Fate.SUSPENSE))
          .signed("quarantined", c -> lines(c, Fate.QUARANTINED));

  static final Table<UnattributedKey> UNATTRIBUTED_KEYS =
      Table.<UnattributedKey>of("unattributed_keys", k -> List.of(k.recordKey()))
          .text("key_fingerprint", UnattributedKey::recordKey)
          .text("holder", UnattributedKey::holder)
          .text("key_last_four", UnattributedKey::lastFour)
          .millis("first_seen", UnattributedKey::firstSeen)
          .millis("last_seen", UnattributedKey::lastSeen)
          .number("received", k -> k.received().requests())
          .number("claimed", k -> k.claimed().requests())
          .number("held", k -> k.held().requests())
          .text("claim_account", k -> k.claim() == null ? null : k.claim().account())
          .text("claim_key", k -> k.claim() == null ? null : k.claim().keyName())
          .millis("claim_from", k -> k.claim() == null ? null : representable(k.claim().from()))
          .text("claim_command", k -> k.claim() == null ? null : k.claim().commandId())
          .text("claim_author", k -> k.claim() == null ? null : k.claim().author())
          .text("claim_reason", k -> k.claim() == null ? null : k.claim().reason())
          .millis("claim_at", k -> k.claim() == null ? null : k.claim().at());

  static final Table<SuspenseItem> SUSPENSE =
      Table.<SuspenseItem>of("suspense", i -> List.of(i.lineId()))
          .uuid("id", SuspenseItem::lineId)
          .text("state", i -> i.state().code())
          .text("reason", i -> i.suspended().reason().code())
          .text("model", i -> i.suspended().usage().model())
          .number("input", i -> i.suspended().usage().tokens().input())
          .number("cached_input", i -> i.suspended().usage().tokens().cachedInput())
          .number("cache_write", i -> i.suspended().usage().tokens().cacheWrite())
          .number("output", i -> i.suspended().usage().tokens().output())
          .number("reasoning", i -> i.suspended().usage().tokens().reasoning())
          .millis("completion", i -> i.suspended().usage().completion())
          .millis("arrival", i -> i.suspended().usage().arrival())
          .text("host", i -> i.suspended().usage().source().host())
          .text("path", i -> i.suspended().usage().source().path())
          .signed("offset", i -> i.suspended().usage().offset())
          .text("shipment", i -> i.suspended().usage().shipment())
          .texts("flags", i -> i.suspended().usage().flags())
          .text("request_id", i -> i.suspended().usage().requestId())
          .text("excerpt", i -> i.suspended().evidence().excerpt())
          .texts(
              "candidates.key_fingerprint",
              i -> each(i.suspended().evidence().candidates(), c -> c.fingerprint()))
          .texts(
              "candidates.account",
              i -> each(i.suspended().evidence().candidates(), c -> orEmpty(c.account())))
          .text("account", i -> i.decision() == null ? null : i.decision().account())
          .text("key", i -> i.decision() == null ? null : i.decision().keyName())
          .text("command_id", i -> i.decision() == null ? null : i.decision().commandId())
          .text("author", i -> i.decision() == null ? null : i.decision().author())
          .text("decision_reason", i -> i.decision() == null ? null : i.decision().reason())
          .millis("decided_at", i -> i.decision() == null ? null : i.decision().at());

  static final Table<AuditRecord> AUDIT_LOG =
      Table.<AuditRecord>monthly("audit_log", r -> List.of(r.at(), r.id()), AuditRecord::at)
          .uuid("id", r -> r.id().replace("-", ""))
          .millis("at", AuditRecord::at)
          .text("token", AuditRecord::token)
          .text("author", AuditRecord::author)
          .text("role", AuditRecord::role)
          .text("account", AuditRecord::account)
          .text("address", AuditRecord::address)
          .text("method", AuditRecord::method)
          .text("route", AuditRecord::route)
          .text("path", AuditRecord::path)
          .text("outcome", r -> r.outcome().code())
          .number16("status", AuditRecord::status)
          .text("problem", AuditRecord::problem)
          .text("detail", AuditRecord::detail)
          .text("commands", r -> Json.MAPPER.writeValueAsString(r.commands()));

  static final Table<Alert> ALERTS =
      Table.<Alert>of("alerts", a -> List.of(a.account(), a.id()))
          .uuid("id", a -> a.id().replace("-", ""))
          .text("account", Alert::account)
          .text("quota", Alert::quota)
          .text("metric", a -> a.metric().code())
          .text("window", a -> a.window().code())
          .text("key", Alert::key)
          .text("model", Alert::model)
          .text("period", Alert::period)
          .millis("period_start", Alert::periodStart)
          .millis("period_end", Alert::periodEnd)
          .number16("threshold", Alert::threshold)
          .decimal("limit", Alert::limit)
          .decimal("value", Alert::value)
          .text("currency", Alert::currency)
          .millis("crossed_at", Alert::crossedAt)
          .text("line", Alert::line)
          .millis("arrival", Alert::arrival)
          .flag("late", Alert::late)
          .number("sequence", Alert::sequence)
          .millis("decided_at", Alert::decidedAt);

  static final Table<PostedEntry> LEDGER_ENTRIES =
      Table.<PostedEntry>of(
              "ledger_entries",
              e -> List.of(e.posting().account(), e.posting().number(), e.number()))
          .text("account", e -> e.posting().account())
          .number("posting", e -> e.posting().number())
          .number16("entry", PostedEntry::number)
          .text("kind", e -> e.posting().kind().code())
          .millis("at", e -> e.posting().at())
          .number("sequence", e -> e.posting().sequence())
          .text("currency", e -> e.posting().currency())
          .text("command_id", e -> e.posting().commandId())
          .text("author", e -> e.posting().author())
          .text("reason", e -> e.posting().reason())
          .number("bill", e -> e.posting().bill())
          .text("ledger", e -> e.entry().ledger().code())
          .text("period", e -> e.entry().period() == null ? null : e.entry().period().toString())
          .text("credit", e -> e.entry().credit())
          .decimal("amount", e -> e.entry().amount())
          .millis("recorded", e -> recorded(e.posting()))
          .signed("credit_priority", PostedEntry::priority)
          .millis("credit_from", PostedEntry::from)
          .millis("credit_until", PostedEntry::until);

  static final Table<LandedBill> BILLS =
      Table.<LandedBill>of("bills", b -> List.of(b.bill().account(), b.bill().number()))
          .text("account", b -> b.bill().account())
          .number("number", b -> b.bill().number())
          .text("period", b -> b.bill().period().toString())
          .text("status", b -> b.bill().status().code())
          .text("currency", b -> b.content().currency())
          .millis("finalized_at", b -> b.bill().finalizedAt())
          .text("content_hash", b -> b.bill().contentHash())
          .text("canonical_form", b -> b.content().canonicalForm())
          .number("sequence_from", b -> b.content().covers().sequenceFrom())
          .number("sequence_to", b -> b.content().covers().sequenceTo())
          .number("requests", b -> b.content().covers().requests())
          .decimal("exact_total", b -> b.content().exactTotal())
          .decimal("late_total", b -> b.content().lateTotal())
          .decimal("charges_total", b -> b.content().chargesTotal())
          .decimal("credits_total", b -> b.content().creditsTotal())
          .decimal("exact_due", b -> b.content().exactDue())
          .decimal("amount_due", b -> b.content().amountDue())
          .decimal("noted", b -> b.bill().notedTotal())
          .texts("lines.period", b -> each(b.lines(), l -> l.period().toString()))
          .texts("lines.model", b -> each(b.lines(), l -> l.line().model()))
          .texts("lines.token_class", b -> each(b.lines(), l -> l.line().tokenClass().code()))
          .texts("lines.price_version", b -> each(b.lines(), l -> l.line().priceVersion()))
          .numbers("lines.quantity", b -> each(b.lines(), l -> l.line().quantity()))
          .decimals("lines.amount", b -> each(b.lines(), l -> l.line().amount()))
          .texts("credits.id", b -> each(b.content().creditsApplied(), u -> u.credit()))
          .decimals("credits.amount", b -> each(b.content().creditsApplied(), u -> u.amount()))
          .text("bill", LandedBill::json);

  static final Table<SourceState> SOURCES =
      Table.<SourceState>of("sources", s -> List.of(s.source()))
          .text("host", s -> s.source().host())
          .text("path", s -> s.source().path())
          .text("kind", s -> s.kind().code())
          .text("status", s -> s.status().code())
          .millis("first_seen", SourceState::firstSeen)
          .millis("last_seen", SourceState::lastSeen)
          .millis("last_line", SourceState::lastLine)
          .number("lines", SourceState::lines)
          .number("bytes", SourceState::bytes)
          .millis("watermark", SourceState::watermark)
          .number("gaps", SourceState::gapCount)
          .number("overlaps", SourceState::overlaps)
          .number("reshipped_bytes", SourceState::reshippedBytes)
          .flag("coverage_known", SourceState::coverageKnown);

  static final Table<SourceGap> SOURCE_GAPS =
      Table.<SourceGap>of("source_gaps", g -> List.of(g.source(), g.gap().file(), g.gap().from()))
          .text("host", g -> g.source().host())
          .text("path", g -> g.source().path())
          .text("file", g -> g.gap().file())
          .number("from", g -> g.gap().from())
          .number("to", g -> orZero(g.gap().to()))
          .flag("open_ended", g -> g.gap().openEnded())
          .millis("since", g -> g.gap().since())
          .text("reason", g -> g.gap().reason());

  static final Table<CatalogRow> CATALOG =
      Table.<CatalogRow>of("catalog", c -> List.of(c.record().id(), c.record().version()))
          .text("id", c -> c.record().id())
          .number("version", c -> c.record().version())
          .text("kind", CatalogRow::kind)
          .text("command_id", c -> c.record().commandId())
          .text("author", c -> c.record().author())
          .text("reason", c -> c.record().reason())
          .millis("at", c -> c.record().at())
          .text("resource", CatalogRow::resource);

  static final Table<Versioned<Account>> ACCOUNTS =
      Table.<Versioned<Account>>of("accounts", a -> List.of(a.resource().id(), a.version()))
          .text("id", a -> a.resource().id())
          .number("version", Versioned::version)
          .text("name", a -> a.resource().name())
          .text("currency", a -> a.resource().currency())
          .text("timezone", a -> a.resource().timezone().getId())
          .text("plan", a -> a.resource().plan())
          .manyMillis(
              "plan_changes.from",
              a -> each(a.resource().details().planChanges(), c -> clamped(c.from())))
          .texts(
              "plan_changes.plan",
              a -> each(a.resource().details().planChanges(), PlanChange::plan))
          .text("cost_book", a -> a.resource().details().costBook());

  static final Table<Versioned<Plan>> PLANS =
      Table.<Versioned<Plan>>of("plans", p -> List.of(p.resource().id(), p.version()))
          .text("id", p -> p.resource().id())
          .number("version", Versioned::version)
          .text("price_book", p -> newest(p).priceBook())
          .decimal("per_request", p -> newest(p).perRequest())
          .number("known_since", p -> newest(p).knownSince())
          .text("price_version", p -> newest(p).version())
          .decimal("adjust_percent", p -> newest(p).adjustPercent())
          .text("price_suffix", p -> newest(p).priceSuffix())
          .text("cost_book", p -> newest(p).costBook())
          .manyMillis(
              "versions.from",
              p ->
                  each(
                      p.resource().versions(),
                      v -> v.effectiveFrom() == null ? Instant.EPOCH : clamped(v.effectiveFrom())))
          .texts("versions.price_book", p -> each(p.resource().versions(), Plan::priceBook))
          .decimals("versions.per_request", p -> each(p.resource().versions(), Plan::perRequest))
          .texts("versions.price_version", p -> each(p.resource().versions(), Plan::version))
          .texts("versions.price_suffix", p -> each(p.resource().versions(), Plan::priceSuffix));

  static final Table<Versioned<PriceBook>> PRICE_BOOKS =
      Table.<Versioned<PriceBook>>of("price_books", b -> List.of(b.resource().id(), b.version()))
          .text("id", b -> b.resource().id())
          .number("version", Versioned::version)
          .text("currency", b -> b.resource().currency())
          .texts("entries.model", b -> each(b.resource().prices(), PriceEntry::model))
          .manyMillis(
              "entries.effective_from",
              b -> each(b.resource().prices(), e -> clamped(e.effectiveFrom())))
          .numbers("entries.known_since", b -> each(b.resource().prices(), PriceEntry::knownSince))
          .texts("entries.price_version", b -> each(b.resource().prices(), PriceEntry::version))
          .text("purpose", b -> b.resource().purpose().code());

  static final Table<ClassPrice> PRICE_ENTRIES =
      Table.<ClassPrice>of(
              "price_entries",
              p -> List.of(p.entry().book(), p.version(), p.priceVersion(), p.tokenClass().code()))
          .text("book", p -> p.entry().book())
          .number("version", ClassPrice::version)
          .text("model", p -> p.entry().model())
          .millis("effective_from", p -> clamped(p.entry().effectiveFrom()))
          .number("known_since", p -> p.entry().knownSince())
          .text("price_version", ClassPrice::priceVersion)
          .text("token_class", p -> p.tokenClass().code())
          .flag("graduated", p -> !(p.schedule() instanceof PriceSchedule.Flat))
          .bounds("tiers.up_to", p -> each(p.tiers(), PriceSchedule.Tier::upTo))
          .decimals("tiers.per_million", p -> each(p.tiers(), PriceSchedule.Tier::perMillion))
          .number("context_above", ClassPrice::above)
          .text("price_model", ClassPrice::model)
          .number("free", ClassPrice::free);

  static final Table<Versioned<Credit>> CREDITS =
      Table.<Versioned<Credit>>of("credits", c -> List.of(c.resource().id(), c.version()))
          .text("id", c -> c.resource().id())
          .number("version", Versioned::version)
          .text("account", c -> c.resource().account())
          .decimal("amount", c -> c.resource().amount())
          .millis("expires_at", c -> clampedOrNever(c.resource().expiresAt()));

  static final Table<Reject> REJECTS =
      Table.<Reject>of("landing_rejects", r -> List.of(r.topic(), r.partition(), r.offset()))
          .text("topic", Reject::topic)
          .number16("partition", Reject::partition)
          .number("offset", Reject::offset)
          .text("reason", Reject::reason);

  /**
   * All tables that hold rows made from records, in the order in which they land: whoever sees a
   * state also sees its bill lines.
   */
  static final List<Table<?>> ALL =
      List.of(
          USAGE_EVENTS,
          USAGE_WINDOWS,
          BILL_LINES,
          ACCOUNT_STATES,
          LEDGER_ENTRIES,
          BILLS,
          LINE_FATES,
          USAGE_IDENTITIES,
          FATE_IDENTITIES,
          DEAD_LETTERS,
          LINE_REPLAYS,
          LINE_ACCOUNTING,
          UNATTRIBUTED_KEYS,
          SUSPENSE,
          SOURCE_GAPS,
          SOURCES,
          CATALOG,
          ACCOUNTS,
          PLANS,
          PRICE_BOOKS,
          PRICE_ENTRIES,
          CREDITS,
          REJECTS);

  private Tables() {}

  private static long lines(LineCount count, Fate fate) {
    return count.fates().getOrDefault(fate, 0L);
  }

  private static UsageEvent.ProviderCost providerCost(UsageEvent event) {
    UsageEvent.ProviderCost cost = event.providerCost();
    return cost == null ? UsageEvent.ProviderCost.UNKNOWN : cost;
  }

  /** The first millisecond that is not before it: usage is known to the millisecond. */
  private static @Nullable Instant bound(@Nullable Instant instant) {
    if (instant == null) {
      return null;
    }
    Instant millis = instant.truncatedTo(ChronoUnit.MILLIS);
    Instant bound = clamped(millis.equals(instant) ? millis : millis.plusMillis(1));
    return bound.equals(Instant.EPOCH) ? bound.plusMillis(1) : bound;
  }

  private static Instant recorded(LedgerPosting posting) {
    Instant recorded = posting.recorded();
    return recorded == null ? posting.at() : recorded;
  }

  private static long orZero(@Nullable Long number) {
    return number == null ? 0 : number;
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }

  /** Prices may apply since ever or from a far future: no usage lies beyond the columns' range. */
  private static Instant clamped(Instant instant) {
    if (instant.isBefore(Instant.EPOCH)) {
      return Instant.EPOCH;
    }
    Instant last = BinaryRow.END_OF_TIME.minusMillis(1);
    return instant.isAfter(last) ? last : instant;
  }

  /** A quarantined line may claim any time at all. */
  private static @Nullable Instant representable(@Nullable Instant instant) {
    return instant == null ? null : clamped(instant);
  }

  /** A credit that expired at or before the epoch must not look like one that never expires. */
  private static @Nullable Instant clampedOrNever(@Nullable Instant expiresAt) {
    if (expiresAt == null) {
      return null;
    }
    Instant clamped = clamped(expiresAt);
    return clamped.equals(Instant.EPOCH) ? Instant.ofEpochMilli(1) : clamped;
  }

  /** The terms that were learned last. */
  private static Plan newest(Versioned<Plan> plan) {
    return plan.resource().versions().stream()
        .max(Comparator.comparingLong(Plan::knownSince))
        .orElseThrow();
  }

  private static <T, E> List<E> each(List<T> items, Function<T, E> value) {
    List<E> values = new ArrayList<>(items.size());
    for (T item : items) {
      values.add(value.apply(item));
    }
    return values;
  }
}
