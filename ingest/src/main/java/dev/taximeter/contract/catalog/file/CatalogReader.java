package dev.taximeter.contract.catalog.file;

import dev.taximeter.contract.catalog.Account;
import dev.taximeter.contract.catalog.AccountDetails;
import dev.taximeter.contract.catalog.AdjustedPrices;
import dev.taximeter.contract.catalog.ApiKey;
import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.catalog.Credit;
import dev.taximeter.contract.catalog.Plan;
import dev.taximeter.contract.catalog.PriceBook;
import dev.taximeter.contract.catalog.PriceEntry;
import dev.taximeter.contract.catalog.Quota;
import dev.taximeter.contract.catalog.Team;
import dev.taximeter.contract.money.Decimals;
import dev.taximeter.contract.security.Fingerprinter;
import dev.taximeter.contract.security.GateIdentity;
import dev.taximeter.contract.yaml.Fields;
import dev.taximeter.contract.yaml.Problems;
import dev.taximeter.contract.yaml.Value;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/** Turns the parsed file into resources. Used once. */
final class CatalogReader {
  /** Characters of a raw key; shorter ones could be guessed. */
  private static final int SHORTEST_SECRET = 8;

  private static final int LONGEST_SECRET = 4_096;
  private static final int LAST_FOUR = 4;
  private static final int MOST_THRESHOLDS = 32;
  private static final int DAYS_OF_WEEK = 7;
  private static final int MOST_DAYS_OF_MONTH = 31;
  private static final int LAST_HOUR = 23;
  private static final int HIGHEST_THRESHOLD_PERCENT = 1_000;

  /** Grants and limits, in units of the currency, tokens or requests. */
  private static final BigDecimal MOST_AMOUNT = BigDecimal.TEN.pow(15);

  private static final List<Boolean> YES_OR_NO = List.of(true, false);

  /** Discounts and markups, in percent; a price is never below 0. */
  private static final BigDecimal MOST_MARKUP_PERCENT = BigDecimal.valueOf(10_000);

  private static final BigDecimal MOST_DISCOUNT_PERCENT = BigDecimal.valueOf(100);

  /** Digits after the point of a percentage. */
  private static final int PERCENT_SCALE = 4;

  private static final String[] ACCOUNT_FIELDS =
      Stream.concat(
              Stream.of("id", "name", "currency", "timezone", "plan", "billing", "keys"),
              Arrays.stream(DetailsReader.FIELDS))
          .toArray(String[]::new);

  private static final Pattern FINGERPRINT = Pattern.compile("[0-9a-f]{64}");

  private final Problems problems;
  private final Fingerprinter fingerprinter;
  private final References references;
  private final Map<String, String> fingerprintPaths = new HashMap<>();
  private final List<ApiKey> keys = new ArrayList<>();

  /** Where each price stands in the file. */
  private final Map<PriceEntry, Value> prices = new IdentityHashMap<>();

  private final Map<String, Account> accountsBefore = new HashMap<>();
  private final Map<String, ApiKey> keysBefore = new HashMap<>();

  CatalogReader(Problems problems, Fingerprinter fingerprinter, Catalog existing) {
    this.problems = problems;
    this.fingerprinter = fingerprinter;
    this.references = new References(existing);
    existing.accounts().forEach(account -> accountsBefore.put(account.id(), account));
    existing.keys().forEach(key -> keysBefore.put(key.fingerprint(), key));
  }

  private interface ElementReader<T> {
    @Nullable T read(Value element);
  }

  Catalog read(Value root) {
    Fields file =
        root.fields(
            "a catalogue",
            "accounts",
            "teams",
            "priceBooks",
            "costBooks",
            "plans",
            "quotas",
            "credits");
    if (file == null) {
      return Catalog.EMPTY;
    }
    Catalog catalog =
        new Catalog(
            each(file.elements("accounts"), this::account),
            keys,
            books(file),
            each(file.elements("plans"), this::plan),
            each(file.elements("quotas"), this::quota),
            each(file.elements("credits"), this::credit),
            each(file.elements("teams"), this::team));
    references.check();
    for (Plan plan : catalog.plans()) {
      catalog.priceBooks().stream()
          .filter(book -> book.id().equals(plan.priceBook()))
          .forEach(book -> adjust(plan, book));
    }
    return catalog;
  }

  /** A discount or markup must leave every price exact. */
  private void adjust(Plan plan, PriceBook book) {
    for (PriceEntry entry : book.prices()) {
      Value value = prices.get(entry);
      if (value != null) {
        AdjustedPrices.problems(plan, entry).forEach(end -> value.problem(end.strip()));
      }
    }
  }

  private List<PriceBook> books(Fields file) {
    List<PriceBook> books = new ArrayList<>(each(file.elements("priceBooks"), this::priceBook));
    books.addAll(each(file.elements("costBooks"), this::costBook));
    return books;
  }

  private static <T> List<T> each(List<Value> elements, ElementReader<T> reader) {
    List<T> resources = new ArrayList<>();
    for (Value element : elements) {
      T resource = reader.read(element);
      if (resource != null) {
        resources.add(resource);
      }
    }
    return resources;
  }

  private @Nullable Account account(Value element) {
    Fields fields = element.fields("an account", ACCOUNT_FIELDS);
    if (fields == null) {
      return null;
    }
    String id = id(fields, References.Kind.ACCOUNT);
    Value nameValue = fields.optional("name");
    String name = nameValue == null ? id : nameValue.text(Value.LONGEST_TEXT);
    String currency = currency(fields);
    Value zoneValue = fields.required("timezone");
    ZoneId zone = zoneValue == null ? null : zoneValue.zone();
    String plan = reference(fields.required("plan"), References.Kind.PLAN);
    for (Value key : fields.elements("keys")) {
      key(key, id);
    }
    if (id == null || name == null || currency == null || zone == null || plan == null) {
      return null;
    }
    references.accountPays(element, id, currency, plan);
    Account before = accountsBefore.get(id);
    AccountDetails details =
        DetailsReader.read(
            fields, before == null ? AccountDetails.NONE : before.details(), this::reference);
    Value billingValue = fields.optional("billing");
    // What the file leaves out stays as it is.
    Account.Billing billing =
        billingValue == null && before != null ? before.billing() : billing(billingValue);
    return new Account(id, name, currency, zone, plan, billing, details);
  }

  private static Account.Billing billing(@Nullable Value value) {
    List<Account.Billing> known = List.of(Account.Billing.values());
    Account.Billing billing =
        value == null
            ? null
            : value.oneOf(known, known.stream().map(Account.Billing::code).toList());
    return billing == null ? Account.Billing.POSTPAID : billing;
  }

  private void key(Value element, @Nullable String account) {
    Fields fields =
        element.fields("a key", "name", "secret", "fingerprint", "lastFour", "team", "expiresAt");
    if (fields == null) {
      return;
    }
    Value nameValue = fields.required("name");
    String name = nameValue == null ? null : nameValue.text(Value.LONGEST_ID);
    Value secret = fields.optional("secret");
    Value print = fields.optional("fingerprint");
    Value lastFour = fields.optional("lastFour");
    if ((secret == null) == (print == null)) {
      fields.problem("must have either secret or fingerprint");
      return;
    }
    if (secret != null && lastFour != null) {
      lastFour.problem("is only for a key given by its fingerprint");
    }
    String fingerprint = secret != null ? secret(secret) : fingerprint(print);
    String shown = secret != null ? Fingerprinter.lastFour(rawText(secret)) : lastFour(lastFour);
    if (account != null && name != null && nameValue != null) {
      references.keyNamed(nameValue, account, name);
    }
    if (fingerprint == null) {
      return;
    }
    String earlier = fingerprintPaths.putIfAbsent(fingerprint, element.path());
    if (earlier != null) {
      fields.problem("is the same key as " + earlier + "; a key has one account and one name");
    }
    if (account != null) {
      String owner = references.ownerOf(fingerprint);
      if (owner != null && !owner.equals(account)) {
        fields.problem("is already a key of the account " + owner);
      }
      if (name != null) {
        keys.add(key(fields, account, name, fingerprint, shown));
      }
    }
  }

  /** What the file leaves out stays as it is. */
  private ApiKey key(
      Fields fields, String account, String name, String fingerprint, String lastFour) {
    ApiKey before = keysBefore.get(fingerprint);
    Value teamValue = fields.optional("team");
    String team =
        teamValue != null
            ? reference(teamValue, References.Kind.TEAM)
            : before == null ? null : before.team();
    Value expiryValue = fields.optional("expiresAt");
    Instant expiresAt =
        expiryValue != null ? expiryValue.instant() : before == null ? null : before.expiresAt();
    return new ApiKey(
        account,
        name,
        fingerprint,
        lastFour,
        team,
        expiresAt,
        before == null ? null : before.replacedBy());
  }

  private @Nullable Team team(Value element) {
    Fields fields = element.fields("a team", "id", "account", "name");
    if (fields == null) {
      return null;
    }
    String id = id(fields, References.Kind.TEAM);
    String account = reference(fields.required("account"), References.Kind.ACCOUNT);
    Value nameValue = fields.optional("name");
    String name = nameValue == null ? id : nameValue.text(Value.LONGEST_TEXT);
    return id == null || account == null || name == null ? null : new Team(id, account, name);
  }

  private @Nullable String secret(Value value) {
    String secret = rawText(value);
    boolean plain = secret.strip().equals(secret) && secret.chars().noneMatch(c -> c < ' ');
    if (secret.length() < SHORTEST_SECRET || secret.length() > LONGEST_SECRET || !plain) {
      value.problem(
          "must be %d to %d characters on one line without surrounding spaces"
              .formatted(SHORTEST_SECRET, LONGEST_SECRET));
      return null;
    }
    problems.hide(secret);
    if (GateIdentity.isMeant(secret)) {
      value.problem("must not begin like what a gate signs, with tmg1.");
      return null;
    }
    return fingerprinter.fingerprint(secret);
  }

  /** The text of a raw key; empty after a report. */
  private static String rawText(Value value) {
    return value.node() instanceof ScalarNode scalar ? scalar.getValue() : "";
  }

  private static @Nullable String fingerprint(@Nullable Value value) {
    String text = value == null ? null : value.scalar();
    if (value == null || text == null) {
      return null;
    }
    String lower = text.toLowerCase(Locale.ROOT);
    if (!FINGERPRINT.matcher(lower).matches()) {
      value.problem("must be 64 hex digits; a raw key belongs into secret");
      return null;
    }
    return lower;
  }

  private static String lastFour(@Nullable Value value) {
    String text = value == null ? null : value.text(Value.LONGEST_ID);
    if (value != null && text != null && text.length() != LAST_FOUR) {
      value.problem("must be the raw key's last %d characters".formatted(LAST_FOUR));
    }
    return text == null ? "" : text;
  }

  private @Nullable PriceBook priceBook(Value element) {
    Fields fields = element.fields("a price book", "id", "currency", "prices");
    return fields == null ? null : book(element, fields, References.Kind.PRICE_BOOK);
  }

  private @Nullable PriceBook costBook(Value element) {
    Fields fields = element.fields("a cost book", "id", "currency", "everyone", "prices");
    return fields == null ? null : book(element, fields, References.Kind.COST_BOOK);
  }

  private @Nullable PriceBook book(Value element, Fields fields, References.Kind kind) {
    String id = id(fields, kind);
    String currency = currency(fields);
    Value listed = fields.required("prices");
    boolean isCost = kind == References.Kind.COST_BOOK;
    if (!isCost && id != null && currency != null) {
      references.bookCharges(element, id, currency);
    }
    PriceBook.Purpose purpose = isCost ? costPurpose(fields) : PriceBook.Purpose.PRICE;
    Set<String> seen = new HashSet<>();
    List<PriceEntry> entries =
        each(listed == null ? List.of() : listed.elements(), e -> price(e, id, seen));
    return id == null || currency == null ? null : new PriceBook(id, currency, entries, purpose);
  }

  private @Nullable PriceEntry price(Value element, @Nullable String book, Set<String> seen) {
    PriceEntry entry = PriceReader.entry(element, book, seen);
    if (entry != null) {
      prices.put(entry, element);
    }
    return entry;
  }

  private static PriceBook.Purpose costPurpose(Fields fields) {
    Value value = fields.optional("everyone");
    Boolean everyone = value == null ? null : value.oneOf(YES_OR_NO, List.of("true", "false"));
    return Boolean.TRUE.equals(everyone) ? PriceBook.Purpose.COMMON_COST : PriceBook.Purpose.COST;
  }

  private @Nullable Plan plan(Value element) {
    Fields fields =
        element.fields(
            "a plan",
            "id",
            "priceBook",
            "perRequest",
            "discountPercent",
            "markupPercent",
            "costBook",
            "effectiveFrom");
    if (fields == null) {
      return null;
    }
    String id = id(fields, References.Kind.PLAN);
    String book = reference(fields.required("priceBook"), References.Kind.PRICE_BOOK);
    Value charge = fields.optional("perRequest");
    BigDecimal perRequest =
        charge == null
            ? BigDecimal.ZERO
            : charge.decimal(Decimals.SCALE, true, PriceReader.MOST_PER_REQUEST);
    BigDecimal adjustPercent = adjustPercent(fields);
    Value costValue = fields.optional("costBook");
    String costBook = costValue == null ? null : reference(costValue, References.Kind.COST_BOOK);
    Value fromValue = fields.optional("effectiveFrom");
    Instant from = fromValue == null ? null : fromValue.instant();
    if (id == null || book == null) {
      return null;
    }
    references.planUses(element, id, book);
    return perRequest == null
        ? null
        : new Plan(id, book, perRequest, 0, adjustPercent, costBook).withEffectiveFrom(from);
  }

  private static BigDecimal adjustPercent(Fields plan) {
    Value discountValue = plan.optional("discountPercent");
    Value markupValue = plan.optional("markupPercent");
    BigDecimal discount = percent(discountValue, MOST_DISCOUNT_PERCENT);
    if (discountValue != null && markupValue != null) {
      markupValue.problem("must not stand beside discountPercent; a plan has one of both");
    }
    return discount.signum() > 0 ? discount.negate() : percent(markupValue, MOST_MARKUP_PERCENT);
  }

  private static BigDecimal percent(@Nullable Value value, BigDecimal most) {
    BigDecimal percent = value == null ? null : value.decimal(PERCENT_SCALE, true, most);
    return percent == null ? BigDecimal.ZERO : percent;
  }

  private @Nullable Quota quota(Value element) {
    Fields fields =
        element.fields(
            "a quota",
            "id",
            "account",
            "key",
            "team",
            "model",
            "metric",
            "window",
            "kind",
            "anchor",
            "limit",
            "enforcement",
            "thresholds");
    if (fields == null) {
      return null;
    }
    String id = id(fields, References.Kind.QUOTA);
    String account = reference(fields.required("account"), References.Kind.ACCOUNT);
    Value keyValue = fields.optional("key");
    String key = keyValue == null ? null : keyValue.text(Value.LONGEST_ID);
    if (keyValue != null && key != null && account != null) {
      references.keyMeant(keyValue, account, key);
    }
    Value modelValue = fields.optional("model");
    String model = modelValue == null ? null : modelValue.text(Value.LONGEST_TEXT);
    Value teamValue = fields.optional("team");
    String team = teamValue == null ? null : reference(teamValue, References.Kind.TEAM);
    Quota.Metric metric =
        choice(fields.required("metric"), Quota.Metric.values(), Quota.Metric::code);
    Quota.Window window =
        choice(fields.required("window"), Quota.Window.values(), Quota.Window::code);
    Quota.Kind kind = choice(fields.optional("kind"), Quota.Kind.values(), Quota.Kind::code);
    Quota.Enforcement enforcement =
        choice(fields.optional("enforcement"), Quota.Enforcement.values(), Quota.Enforcement::code);
    Value anchorValue = fields.optional("anchor");
    Quota.Anchor anchor =
        anchorValue == null || window == null ? null : anchor(anchorValue, window, kind);
    Value limitValue = fields.required("limit");
    int scale = metric == Quota.Metric.COST ? Decimals.SCALE : 0;
    BigDecimal limit =
        limitValue == null || metric == null ? null : limitValue.decimal(scale, false, MOST_AMOUNT);
    List<Integer> thresholds = thresholds(fields.required("thresholds"));
    if (id == null || account == null || metric == null || window == null || limit == null) {
      return null;
    }
    return new Quota(
        id,
        account,
        key,
        model,
        metric,
        window,
        limit,
        thresholds,
        team,
        enforcement == null ? Quota.Enforcement.SOFT : enforcement,
        kind == null ? Quota.Kind.CALENDAR : kind,
        anchor);
  }

  private static <T> @Nullable T choice(@Nullable Value value, T[] all, Function<T, String> code) {
    List<T> choices = List.of(all);
    return value == null ? null : value.oneOf(choices, choices.stream().map(code).toList());
  }

  private static Quota.@Nullable Anchor anchor(
      Value value, Quota.Window window, Quota.@Nullable Kind kind) {
    int days =
        switch (window) {
          case MINUTE, HOUR -> 0;
          case DAY -> 1;
          case WEEK -> DAYS_OF_WEEK;
          case MONTH -> MOST_DAYS_OF_MONTH;
        };
    if (days == 0 || kind == Quota.Kind.SLIDING) {
      value.problem("is only for calendar windows of a day, a week or a month");
      return null;
    }
    Fields fields = value.fields("an anchor", "day", "hour");
    if (fields == null) {
      return null;
    }
    Value dayValue = fields.optional("day");
    Value hourValue = fields.optional("hour");
    Long day = dayValue == null ? Long.valueOf(1) : dayValue.wholeNumber(1, days);
    Long hour = hourValue == null ? Long.valueOf(0) : hourValue.wholeNumber(0, LAST_HOUR);
    return day == null || hour == null ? null : new Quota.Anchor(day.intValue(), hour.intValue());
  }

  private static List<Integer> thresholds(@Nullable Value value) {
    if (value == null) {
      return List.of();
    }
    List<Value> elements = value.elements();
    if (elements.isEmpty() || elements.size() > MOST_THRESHOLDS) {
      value.problem("must be a list of 1 to %d percentages".formatted(MOST_THRESHOLDS));
    }
    List<Integer> thresholds = new ArrayList<>();
    int before = 0;
    for (Value element : elements) {
      Long percent = element.wholeNumber(1, HIGHEST_THRESHOLD_PERCENT);
      if (percent == null) {
        continue;
      }
      if (percent <= before) {
        element.problem("must be above the threshold before, " + before);
      }
      before = percent.intValue();
      thresholds.add(before);
    }
    return thresholds;
  }

  private @Nullable Credit credit(Value element) {
    Fields fields = element.fields("a credit", "id", "account", "amount", "expiresAt");
    if (fields == null) {
      return null;
    }
    String id = id(fields, References.Kind.CREDIT);
    String account = reference(fields.required("account"), References.Kind.ACCOUNT);
    Value amountValue = fields.required("amount");
    BigDecimal amount =
        amountValue == null ? null : amountValue.decimal(Decimals.SCALE, false, MOST_AMOUNT);
    Value expiryValue = fields.optional("expiresAt");
    Instant expiresAt = expiryValue == null ? null : expiryValue.instant();
    return id == null || account == null || amount == null
        ? null
        : new Credit(id, account, amount, expiresAt);
  }

  private @Nullable String id(Fields fields, References.Kind kind) {
    Value value = fields.required("id");
    String id = value == null ? null : value.id();
    if (value != null && id != null) {
      references.declare(value, kind, id);
    }
    return id;
  }

  private static @Nullable String currency(Fields fields) {
    Value value = fields.required("currency");
    return value == null ? null : value.currency();
  }

  private @Nullable String reference(@Nullable Value value, References.Kind kind) {
    String id = value == null ? null : value.scalar();
    if (value != null && id != null) {
      references.mean(value, kind, id);
    }
    return id;
  }
}
