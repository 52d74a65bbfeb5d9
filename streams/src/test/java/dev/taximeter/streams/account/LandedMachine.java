package dev.taximeter.streams.account;

import static dev.taximeter.streams.account.RandomHistory.ACCOUNT;

import dev.taximeter.api.audit.MoneyHistory;
import dev.taximeter.api.audit.MoneyHistory.Count;
import dev.taximeter.api.audit.MoneyHistory.Document;
import dev.taximeter.api.audit.MoneyHistory.Entry;
import dev.taximeter.api.audit.MoneyHistory.Followed;
import dev.taximeter.api.audit.MoneyHistory.Price;
import dev.taximeter.api.audit.MoneyHistory.Sum;
import dev.taximeter.api.audit.MoneyHistory.Terms;
import dev.taximeter.api.audit.MoneyHistory.Tier;
import dev.taximeter.contract.catalog.AccountTerms;
import dev.taximeter.contract.catalog.Plan;
import dev.taximeter.contract.catalog.PriceEntry;
import dev.taximeter.contract.catalog.PriceSchedule;
import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.event.FinalBill;
import dev.taximeter.contract.event.LedgerPosting;
import dev.taximeter.contract.event.UsageEvent;
import dev.taximeter.contract.json.Json;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/** What a machine has sent, as the audit would read it after it has landed. */
final class LandedMachine {
  private static final BigDecimal NO_END = new BigDecimal("18446744073709551615");

  private LandedMachine() {}

  /** Up to the state that was published last. */
  static MoneyHistory history(MoneyMachine machine, AccountTerms terms) {
    JsonNode state = machine.summary;
    return history(
        machine,
        terms,
        state.path("sequence").asLong(),
        state.path("books").path("postings").asLong());
  }

  static MoneyHistory history(
      MoneyMachine machine, AccountTerms terms, long sequence, long posting) {
    ZoneId zone = terms.account().timezone();
    List<Entry> entries =
        machine.postings.stream()
            .filter(each -> each.number() <= posting)
            .filter(each -> each.kind() != LedgerPosting.Kind.USAGE)
            .filter(each -> each.kind() != LedgerPosting.Kind.EXPIRY)
            .flatMap(each -> each.entries().stream().map(entry -> entry(each, entry)))
            .toList();
    List<LedgerPosting> posted =
        machine.postings.stream().filter(each -> each.number() <= posting).toList();
    return new MoneyHistory(
        ACCOUNT,
        terms.account().currency(),
        terms.account().timezone().getId(),
        sequence,
        posting,
        posted.stream().mapToLong(LedgerPosting::sequence).max().orElse(0),
        posted.isEmpty() ? 0 : posted.get(posted.size() - 1).at().toEpochMilli(),
        machine.summary,
        documents(machine),
        entries,
        followed(posted),
        terms(posted),
        prices(terms),
        new MoneyHistory.Usage() {
          @Override
          public List<Count> counts(List<Long> steps) {
            return LandedMachine.counts(machine, zone, sequence, steps);
          }

          @Override
          public List<Sum> sums(List<Long> cuts, List<Long> steps) {
            return LandedMachine.sums(machine, zone, sequence, cuts, steps);
          }
        });
  }

  private static List<Followed> followed(List<LedgerPosting> postings) {
    Map<List<String>, BigDecimal> sums = new HashMap<>();
    for (LedgerPosting posting : postings) {
      if (posting.kind() == LedgerPosting.Kind.USAGE
          || posting.kind() == LedgerPosting.Kind.EXPIRY) {
        for (LedgerPosting.Entry each : posting.entries()) {
          Entry entry = entry(posting, each);
          sums.merge(
              List.of(entry.kind(), entry.ledger(), entry.period(), entry.credit()),
              entry.amount(),
              BigDecimal::add);
        }
      }
    }
    return sums.entrySet().stream()
        .map(
            sum ->
                new Followed(
                    sum.getKey().get(0),
                    sum.getKey().get(1),
                    sum.getKey().get(2),
                    sum.getKey().get(3),
                    sum.getValue()))
        .toList();
  }

  private static Map<String, Terms> terms(List<LedgerPosting> postings) {
    Map<String, Terms> terms = new HashMap<>();
    for (LedgerPosting posting : postings) {
      LedgerPosting.CreditTerms given = posting.terms();
      if (given != null) {
        Instant from = given.effectiveFrom();
        Instant until = given.expiresAt();
        terms.putIfAbsent(
            String.valueOf(posting.entries().get(0).credit()),
            new Terms(
                given.priority(),
                from == null ? Long.MIN_VALUE : from.toEpochMilli(),
                until == null ? Long.MAX_VALUE : until.toEpochMilli()));
      }
    }
    return terms;
  }

  private static List<Count> counts(
      MoneyMachine machine, ZoneId zone, long sequence, List<Long> steps) {
    List<Count> counts = new ArrayList<>();
    for (UsageEvent event : machine.events) {
      if (event.sequence() <= sequence) {
        long completion = event.usage().completion().toEpochMilli();
        counts.add(
            new Count(
                YearMonth.from(event.usage().completion().atZone(zone)).toString(),
                (int) steps.stream().filter(step -> step < event.sequence()).count(),
                1,
                event.unpriced() ? 1 : 0,
                completion,
                completion));
      }
    }
    return counts;
  }

  private static Entry entry(LedgerPosting posting, LedgerPosting.Entry entry) {
    YearMonth period = entry.period();
    return new Entry(
        posting.number(),
        posting.kind().code(),
        posting.at().toEpochMilli(),
        posting.sequence(),
        posting.commandId() == null ? "" : posting.commandId(),
        posting.author(),
        posting.reason(),
        posting.bill(),
        entry.ledger().code(),
        period == null ? "" : period.toString(),
        entry.credit() == null ? "" : entry.credit(),
        entry.amount());
  }

  private static List<Document> documents(MoneyMachine machine) {
    Map<Long, FinalBill> newest = new TreeMap<>();
    machine.bills.forEach(bill -> newest.put(bill.number(), bill));
    List<Document> documents = new ArrayList<>();
    for (FinalBill bill : newest.values()) {
      long posting =
          machine.postings.stream()
              .filter(each -> each.kind() == LedgerPosting.Kind.BILL)
              .filter(each -> each.bill() == bill.number())
              .mapToLong(LedgerPosting::number)
              .findFirst()
              .orElse(0);
      documents.add(
          new Document(
              bill.number(),
              bill.period().toString(),
              bill.content().covers().sequenceTo(),
              posting,
              posting,
              Json.MAPPER.valueToTree(bill),
              bill.contentHash()));
    }
    return documents;
  }

  /** Of all plans, in all lengths of prompts. */
  private static Map<String, Price> prices(AccountTerms terms) {
    Map<String, Price> prices = new HashMap<>();
    List<Plan> plans = new ArrayList<>(List.of(terms.plan()));
    terms.laterPlans().forEach(later -> plans.add(later.plan()));
    for (Plan plan : plans) {
      for (PriceEntry entry : terms.prices()) {
        add(prices, plan, entry.version(), entry.prices());
        entry.contextTiers().forEach(tier -> add(prices, plan, entry.version(tier), tier.prices()));
      }
    }
    return prices;
  }

  private static void add(
      Map<String, Price> prices,
      Plan plan,
      String version,
      Map<TokenClass, PriceSchedule> schedules) {
    schedules.forEach(
        (tokenClass, schedule) -> {
          if (!(schedule instanceof PriceSchedule.Flat)) {
            prices.put(
                version + plan.priceSuffix() + ' ' + tokenClass.code(),
                price(schedule.map(plan::adjusted)));
          }
        });
  }

  private static Price price(PriceSchedule schedule) {
    PriceSchedule rest =
        schedule instanceof PriceSchedule.Allowance allowance ? allowance.rest() : schedule;
    long free = schedule instanceof PriceSchedule.Allowance allowance ? allowance.free() : 0;
    String model = rest.getClass().getSimpleName().toLowerCase(Locale.ROOT);
    if (rest instanceof PriceSchedule.Package one) {
      return new Price(model, free, List.of(new Tier(BigDecimal.valueOf(one.size()), one.price())));
    }
    if (rest instanceof PriceSchedule.Flat flat) {
      return new Price(model, free, List.of(new Tier(NO_END, flat.perMillion())));
    }
    List<PriceSchedule.Tier> tiers =
        rest instanceof PriceSchedule.Graduated graduated
            ? graduated.tiers()
            : ((PriceSchedule.Volume) rest).tiers();
    return new Price(
        model,
        free,
        tiers.stream()
            .map(
                tier ->
                    new Tier(
                        tier.upTo() == null ? NO_END : BigDecimal.valueOf(tier.upTo()),
                        tier.perMillion()))
            .toList());
  }

  private static List<Sum> sums(
      MoneyMachine machine, ZoneId zone, long sequence, List<Long> cuts, List<Long> steps) {
    List<Sum> sums = new ArrayList<>();
    for (UsageEvent event : machine.events) {
      if (event.sequence() <= sequence) {
        Instant completion = event.usage().completion();
        for (UsageEvent.Charge charge : event.charges()) {
          sums.add(
              new Sum(
                  YearMonth.from(completion.atZone(zone)).toString(),
                  (int) cuts.stream().filter(cut -> cut <= completion.toEpochMilli()).count(),
                  (int) steps.stream().filter(step -> step < event.sequence()).count(),
                  charge.model(),
                  charge.tokenClass().code(),
                  String.valueOf(charge.priceVersion()),
                  charge.quantity(),
                  charge.amount()));
        }
      }
    }
    return sums;
  }
}
