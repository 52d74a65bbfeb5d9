package dev.taximeter.api.accounts;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.taximeter.api.catalog.CatalogSnapshot;
import dev.taximeter.api.catalog.CatalogView;
import dev.taximeter.api.catalog.Change;
import dev.taximeter.api.catalog.Resources;
import dev.taximeter.api.signin.Caller;
import dev.taximeter.api.web.AsOf;
import dev.taximeter.api.web.Freshness;
import dev.taximeter.api.web.IdempotencyKeys;
import dev.taximeter.api.web.Listing;
import dev.taximeter.api.web.Page;
import dev.taximeter.api.web.Parameters;
import dev.taximeter.api.web.ProblemException;
import dev.taximeter.api.web.ProblemType;
import dev.taximeter.api.web.Refuses;
import dev.taximeter.api.web.Tagged;
import dev.taximeter.contract.catalog.Account;
import dev.taximeter.contract.catalog.AccountDetails;
import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.catalog.PlanChange;
import dev.taximeter.contract.event.AccountState;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Currency;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Accounts and balances. */
@RestController
@Tag(name = "Accounts")
public final class AccountsController {
  private static final int LONGEST_NAME = 200;
  private static final Pattern ID = Pattern.compile("[a-z0-9][a-z0-9_.-]{0,63}");

  private final CatalogView catalog;
  private final AccountDirectory directory;
  private final IdempotencyKeys keys;
  private final Resources resources;
  private final Freshness freshness;
  private final Clock clock;

  public AccountsController(
      CatalogView catalog,
      AccountDirectory directory,
      IdempotencyKeys keys,
      Resources resources,
      Freshness freshness,
      Clock clock) {
    this.catalog = catalog;
    this.directory = directory;
    this.keys = keys;
    this.resources = resources;
    this.freshness = freshness;
    this.clock = clock;
  }

  @Schema(name = "Account", description = "Who pays.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record AccountView(
      @Schema(example = "acme") String id,
      @Schema(example = "Acme GmbH") String name,
      @Schema(description = "ISO 4217 code.", example = "USD") String currency,
      @Schema(description = "IANA zone; decides days and months.", example = "Europe/Berlin")
          String timezone,
      @Schema(description = "Id of the plan that gives its prices.", example = "pay-as-you-go")
          String plan,
      @Schema(
              description = "Whether it pays before it uses or by bill.",
              type = "string",
              allowableValues = {"prepaid", "postpaid"},
              example = "postpaid")
          Account.Billing billing,
      @Schema(description = "Plans after the first, by instant.") List<PlanChangeView> planChanges,
      @Schema(
              description = "Cost book of what the provider charges; absent for the plan's.",
              example = "provider")
          @Nullable String costBook,
      @Schema(
              description = "Usage counts whatever it is.",
              type = "string",
              allowableValues = {"active", "suspended", "closed"})
          AccountDetails.Status status,
      @Schema(description = "Whom to write to.") List<String> contacts,
      @Schema(description = "The operator's own, by name.") Map<String, String> tags,
      @Schema(
              description =
                  "From its month on, bills become final by themselves; absent for the account's"
                      + " creation.")
          @Nullable Instant billingStart,
      @Schema(
              description =
                  "End of its business; absent if it goes on. Later months without usage get no"
                      + " bill.")
          @Nullable Instant closing) {
    static AccountView of(Account account) {
      AccountDetails details = account.details();
      return new AccountView(
          account.id(),
          account.name(),
          account.currency(),
          account.timezone().getId(),
          account.plan(),
          account.billing(),
          details.planChanges().stream()
              .map(change -> new PlanChangeView(change.from(), change.plan()))
              .toList(),
          details.costBook(),
          details.status(),
          details.contacts(),
          new TreeMap<>(details.tags()),
          details.billingStart(),
          details.closing());
    }
  }

  @Schema(name = "PlanChange", description = "A plan from an instant on.")
  record PlanChangeView(
      @Schema(description = "First instant that the plan applies to.") @Nullable Instant from,
      @Schema(description = "Id of the plan.", example = "scale") @Nullable String plan) {}

  @Schema(description = "What to change of an account; what is absent stays as it is.")
  record AccountChange(
      @Schema(example = "Acme GmbH") @Nullable String name,
      @Schema(
              type = "string",
              allowableValues = {"active", "suspended", "closed"})
          AccountDetails.@Nullable Status status,
      @Schema(description = "Whom to write to; replaces all.") @Nullable List<String> contacts,
      @Schema(description = "The operator's own, by name; replaces all.")
          @Nullable Map<String, String> tags,
      @Schema(description = "Id of a cost book; empty for the plan's.") @Nullable String costBook,
      @Schema(
              description =
                  "From its month on, bills become final by themselves; at most 400 days ago.")
          @Nullable Instant billingStart,
      @Schema(description = "With status closed: now, if it is not given.")
          @Nullable Instant closing) {}

  @Schema(description = "One page of accounts, by id.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record AccountPage(
      List<AccountView> items,
      @Schema(
              description = "Pass as cursor for the next page; absent on the last.",
              example = "acme")
          @Nullable String next) {}

  @Schema(description = "An account to create.")
  record NewAccount(
      @Schema(
              description = "1 to 64 of a-z 0-9 - _ . beginning with a letter or digit.",
              example = "acme")
          @Nullable String id,
      @Schema(example = "Acme GmbH") @Nullable String name,
      @Schema(description = "ISO 4217 code.", example = "USD") @Nullable String currency,
      @Schema(description = "IANA zone.", example = "Europe/Berlin") @Nullable String timezone,
      @Schema(description = "Id of a plan in the catalogue.", example = "pay-as-you-go")
          @Nullable String plan,
      @Schema(
              description = "prepaid or postpaid; postpaid if absent.",
              allowableValues = {"prepaid", "postpaid"},
              example = "postpaid")
          @Nullable String billing) {}

  @Schema(description = "Money granted, spent and left.")
  record Balance(
      @Schema(example = "acme") String account,
      @Schema(description = "ISO 4217 code.", example = "USD") String currency,
      @Schema(
              description =
                  "All credits that have begun, less what expired unused, less debits and"
                      + " adjustments charged, plus credit notes.",
              type = "string",
              example = "50")
          BigDecimal granted,
      @Schema(
              description = "Exact cost of all usage since the account began.",
              type = "string",
              example = "12.0345678")
          BigDecimal spent,
      @Schema(
              description = "granted - spent: what can be spent now.",
              type = "string",
              example = "37.9654322")
          BigDecimal balance,
      @Schema(
              description =
                  "Credits that begin later (effectiveFrom); neither in granted nor in balance.",
              type = "string",
              example = "0")
          BigDecimal upcoming,
      AsOf asOf) {}

  @Operation(
      summary = "List accounts",
      description = "All of them; for a token of one account, that one.")
  @GetMapping("/v1/accounts")
  AccountPage list(
      @Parameter(
              description = "Only accounts with this status.",
              schema =
                  @Schema(
                      type = "string",
                      allowableValues = {"active", "suspended", "closed"}))
          @RequestParam(name = "status", required = false)
          @Nullable String status,
      @Parameter(description = "Only accounts that began with this plan.", example = "standard")
          @RequestParam(name = "plan", required = false)
          @Nullable String plan,
      @Parameter(hidden = true) @Listing.By("id") Listing listing,
      @Parameter(hidden = true) @RequestAttribute("dev.taximeter.api.signin.Caller")
          Caller caller) {
    AccountDetails.Status wanted = status(status);
    Page<Account> page =
        Page.of(
            catalog.snapshot().accounts().values().stream()
                .filter(account -> caller.sees(account.id()))
                .filter(account -> wanted == null || account.details().status() == wanted)
                .filter(account -> plan == null || account.plan().equals(plan)),
            Account::id,
            listing);
    return new AccountPage(page.shown(AccountView::of), page.next());
  }

  private static AccountDetails.@Nullable Status status(@Nullable String code) {
    if (code == null) {
      return null;
    }
    return Arrays.stream(AccountDetails.Status.values())
        .filter(status -> status.name().toLowerCase(Locale.ROOT).equals(code))
        .findFirst()
        .orElseThrow(
            () -> ProblemException.parameter("status", "must be active, suspended or closed"));
  }

  @Operation(summary = "Read an account")
  @Tagged
  @GetMapping("/v1/accounts/{account}")
  ResponseEntity<AccountView> get(
      @Parameter(description = "Account id.", example = "acme") @PathVariable("account")
          String account) {
    return answer(directory.account(account).id());
  }

  /** The account as it stands, with its tag. */
  private ResponseEntity<AccountView> answer(String id) {
    return resources.answer("account/" + id, snapshot -> AccountView.of(directory.account(id)));
  }

  @Operation(
      summary = "Change an account",
      description =
          """
          Name, status, contacts, tags, cost book, billing start and closing; what the body leaves \
          out stays as it is. With If-Match only if nobody changed it since it was read. The same \
          change again changes nothing.\
          """)
  @Tagged
  @PatchMapping("/v1/accounts/{account}")
  ResponseEntity<AccountView> change(
      @Parameter(description = "Account id.", example = "acme") @PathVariable("account")
          String account,
      @RequestBody AccountChange body,
      @Parameter(hidden = true) Change change) {
    Account before = directory.account(account);
    return resources.change(
        "accounts/" + before.id(),
        body,
        change,
        () -> {
          resources.write(
              "account/" + before.id(),
              change,
              snapshot -> Catalog.of(changed(current(snapshot, before), body)));
          return answer(before.id());
        });
  }

  /** Accounts are never removed. */
  private static Account current(CatalogSnapshot snapshot, Account found) {
    Account now = snapshot.account(found.id());
    return now == null ? found : now;
  }

  private Account changed(Account before, AccountChange body) {
    AccountDetails was = before.details();
    AccountDetails.Status status = body.status() == null ? was.status() : body.status();
    Instant closing = body.closing() == null ? was.closing() : body.closing();
    if (status == AccountDetails.Status.CLOSED && closing == null) {
      closing = clock.instant();
    }
    String costBook = body.costBook() == null ? was.costBook() : Parameters.text(body.costBook());
    AccountDetails details =
        new AccountDetails(
            was.planChanges(),
            costBook,
            status,
            body.contacts() == null ? was.contacts() : body.contacts(),
            body.tags() == null ? was.tags() : body.tags(),
            body.billingStart() == null ? was.billingStart() : body.billingStart(),
            closing);
    String name = body.name() == null ? before.name() : name(body.name());
    return new Account(
        before.id(),
        name,
        before.currency(),
        before.timezone(),
        before.plan(),
        before.billing(),
        details);
  }

  @Operation(
      summary = "Change an account's plan",
      description =
          """
          The plan applies to usage that completes at the instant or later; without one, from now on. \
          An instant in the past is refused: usage since then is rated already. The same change again \
          changes nothing.\
          """)
  @Tagged
  @PostMapping("/v1/accounts/{account}/plan-changes")
  ResponseEntity<AccountView> changePlan(
      @Parameter(description = "Account id.", example = "acme") @PathVariable("account")
          String account,
      @RequestBody PlanChangeView body,
      @Parameter(hidden = true) Change change) {
    Account before = directory.account(account);
    return resources.change(
        "plan-changes/" + before.id(),
        body,
        change,
        () -> {
          resources.write(
              "account/" + before.id(),
              change,
              snapshot ->
                  Catalog.of(withPlan(current(snapshot, before), plan(body.plan()), body.from())));
          return answer(before.id());
        });
  }

  private static Account withPlan(Account before, String plan, @Nullable Instant from) {
    if (from == null) {
      // The catalogue's writer knows what is now.
      return new Account(
          before.id(),
          before.name(),
          before.currency(),
          before.timezone(),
          plan,
          before.billing(),
          before.details());
    }
    List<PlanChange> changes = new ArrayList<>(before.details().planChanges());
    changes.removeIf(change -> change.from().equals(from));
    changes.add(new PlanChange(from, plan));
    changes.sort(Comparator.comparing(PlanChange::from));
    return before.withDetails(before.details().withPlanChanges(changes));
  }

  @Operation(
      summary = "Create an account",
      description =
          "The answer comes once metering works by it. Creating the same account again changes"
              + " nothing; an account that differs is changed with PATCH.")
  @Refuses(ProblemType.CONFLICT)
  @ApiResponse(responseCode = "201", description = "Made.", useReturnTypeSchema = true)
  @ApiResponse(
      responseCode = "200",
      description = "There was the same already.",
      useReturnTypeSchema = true)
  @Tagged
  @PostMapping("/v1/accounts")
  ResponseEntity<AccountView> create(
      @RequestBody NewAccount body,
      @Parameter(description = "Not needed: the same again is harmless.")
          @RequestHeader(name = "Idempotency-Key", required = false)
          @Nullable String key,
      @Parameter(hidden = true) @RequestAttribute("dev.taximeter.api.signin.Caller")
          Caller caller) {
    Account account = read(body);
    return keys.ifGiven("accounts", key, body, () -> create(account, caller));
  }

  private ResponseEntity<AccountView> create(Account account, Caller caller) {
    String record = "account/" + account.id();
    // Written again even if it exists: the first answer may have been lost before metering
    // confirmed.
    Resources.Written written =
        resources.write(
            record, Change.by(caller), snapshot -> Catalog.of(sameOrNew(account, snapshot)));
    boolean existed = written.over().account(account.id()) != null;
    return resources.answer(
        existed ? HttpStatus.OK : HttpStatus.CREATED,
        record,
        snapshot -> AccountView.of(current(snapshot, account)));
  }

  private static Account sameOrNew(Account account, CatalogSnapshot snapshot) {
    Account existing = snapshot.account(account.id());
    if (existing != null && !existing.equals(account.withDetails(existing.details()))) {
      throw ProblemException.of(
          ProblemType.CONFLICT,
          "Account %s exists and differs; change it with PATCH /v1/accounts/%s."
              .formatted(account.id(), account.id()));
    }
    return existing == null ? account : existing;
  }

  @Operation(
      summary = "Read a balance",
      description = "A pure function of the account's live state; never older than a moment.")
  @GetMapping("/v1/accounts/{account}/balance")
  Balance balance(
      @Parameter(description = "Account id.", example = "acme") @PathVariable("account")
          String account,
      @Parameter(
              description =
                  "Sequence number that the answer must have reached, as asOf.sequence has it; it"
                      + " is waited for, 10 s at most.",
              example = "4711")
          @RequestParam(name = "minAsOf", required = false)
          @Nullable String minAsOf) {
    AccountState state = directory.state(account, minAsOf);
    Instant now = clock.instant();
    BigDecimal granted = state.granted(now);
    return new Balance(
        state.account(),
        state.currency(),
        granted,
        state.spent(),
        granted.subtract(state.spent()),
        state.upcoming(now),
        freshness.of(state.sequence(), now));
  }

  private static String name(String text) {
    String name = text.strip();
    if (name.isEmpty() || name.length() > LONGEST_NAME) {
      throw ProblemException.field("name", "must have 1 to %d characters".formatted(LONGEST_NAME));
    }
    return name;
  }

  private Account read(NewAccount body) {
    String id = body.id() == null ? "" : body.id();
    if (!ID.matcher(id).matches()) {
      throw ProblemException.field(
          "id", "must be 1 to 64 of a-z 0-9 - _ . and begin with a letter or digit");
    }
    String name = name(body.name() == null ? "" : body.name());
    return new Account(
        id,
        name,
        currency(body.currency()),
        zone(body.timezone()),
        plan(body.plan()),
        billing(body.billing()),
        AccountDetails.NONE);
  }

  private static Account.Billing billing(@Nullable String code) {
    if (code == null) {
      return Account.Billing.POSTPAID;
    }
    return Arrays.stream(Account.Billing.values())
        .filter(billing -> billing.code().equals(code))
        .findFirst()
        .orElseThrow(() -> ProblemException.field("billing", "must be prepaid or postpaid"));
  }

  private static String currency(@Nullable String code) {
    try {
      return Currency.getInstance(code == null ? "" : code).getCurrencyCode();
    } catch (IllegalArgumentException e) {
      throw ProblemException.field("currency", "must be an ISO 4217 code such as USD");
    }
  }

  private static ZoneId zone(@Nullable String id) {
    try {
      return ZoneId.of(id == null ? "" : id);
    } catch (DateTimeException e) {
      throw ProblemException.field("timezone", "must be an IANA zone such as Europe/Berlin or UTC");
    }
  }

  private String plan(@Nullable String id) {
    List<String> plans =
        catalog.snapshot().catalog().plans().stream().map(plan -> plan.id()).sorted().toList();
    if (id == null || !plans.contains(id)) {
      throw ProblemException.field(
          "plan",
          plans.isEmpty()
              ? "must name a plan; load one with PUT /v1/catalog first"
              : "must be one of " + String.join(", ", plans));
    }
    return id;
  }
}
