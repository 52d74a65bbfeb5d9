package dev.taximeter.api.accounts;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.taximeter.api.catalog.CatalogSnapshot;
import dev.taximeter.api.catalog.CatalogView;
import dev.taximeter.api.catalog.CatalogWriter;
import dev.taximeter.api.signin.Caller;
import dev.taximeter.api.web.AsOf;
import dev.taximeter.api.web.Freshness;
import dev.taximeter.api.web.Paging;
import dev.taximeter.api.web.ProblemException;
import dev.taximeter.api.web.ProblemType;
import dev.taximeter.contract.catalog.Account;
import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.event.AccountState;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.Collection;
import java.util.Currency;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestBody;
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
  private final CatalogWriter writer;
  private final Freshness freshness;
  private final Clock clock;

  public AccountsController(
      CatalogView catalog,
      AccountDirectory directory,
      CatalogWriter writer,
      Freshness freshness,
      Clock clock) {
    this.catalog = catalog;
    this.directory = directory;
    this.writer = writer;
    this.freshness = freshness;
    this.clock = clock;
  }

  @Schema(name = "Account", description = "Who pays.")
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
          Account.Billing billing) {
    static AccountView of(Account account) {
      return new AccountView(
          account.id(),
          account.name(),
          account.currency(),
          account.timezone().getId(),
          account.plan(),
          account.billing());
    }
  }

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
              description = "All credits, less what expired unused.",
              type = "string",
              example = "50")
          BigDecimal granted,
      @Schema(
              description = "Exact cost of all usage since the account began.",
              type = "string",
              example = "12.0345678")
          BigDecimal spent,
      @Schema(description = "granted - spent.", type = "string", example = "37.9654322")
          BigDecimal balance,
      AsOf asOf) {}

  @Operation(summary = "List accounts")
  @GetMapping("/v1/accounts")
  AccountPage list(
      @Parameter(description = "Page size, 1 to 1,000.", example = "100")
          @RequestParam(name = "limit", required = false)
          @Nullable String limit,
      @Parameter(description = "The previous page's next.")
          @RequestParam(name = "cursor", required = false)
          @Nullable String cursor) {
    int size = Paging.size(limit);
    CatalogSnapshot snapshot = catalog.snapshot();
    Collection<Account> following =
        cursor == null
            ? snapshot.accounts().values()
            : snapshot.accounts().tailMap(cursor, false).values();
    List<AccountView> items = following.stream().limit(size).map(AccountView::of).toList();
    return new AccountPage(
        items, following.size() > size ? items.get(items.size() - 1).id() : null);
  }

  @Operation(summary = "Read an account")
  @GetMapping("/v1/accounts/{account}")
  AccountView get(
      @Parameter(description = "Account id.", example = "acme") @PathVariable("account")
          String account) {
    return AccountView.of(directory.account(account));
  }

  @Operation(
      summary = "Create an account",
      description =
          "The answer comes once metering works by it. Creating the same account again changes"
              + " nothing; an account that differs is changed with PUT /v1/catalog.")
  @PostMapping("/v1/accounts")
  ResponseEntity<AccountView> create(
      @RequestBody NewAccount body,
      @Parameter(hidden = true) @RequestAttribute("dev.taximeter.api.signin.Caller")
          Caller caller) {
    Account account = read(body);
    Account existing = catalog.snapshot().account(account.id());
    if (existing != null && !existing.equals(account)) {
      throw ProblemException.of(
          ProblemType.CONFLICT,
          "Account %s exists and differs; change it with PUT /v1/catalog.".formatted(account.id()));
    }
    // Written again even if it exists: the first answer may have been lost before metering
    // confirmed.
    writer.write(
        new Catalog(List.of(account), List.of(), List.of(), List.of(), List.of(), List.of()),
        caller.name(),
        "");
    return ResponseEntity.status(existing == null ? HttpStatus.CREATED : HttpStatus.OK)
        .body(AccountView.of(account));
  }

  @Operation(
      summary = "Read a balance",
      description = "A pure function of the account's live state; never older than a moment.")
  @GetMapping("/v1/accounts/{account}/balance")
  Balance balance(
      @Parameter(description = "Account id.", example = "acme") @PathVariable("account")
          String account) {
    Instant now = clock.instant();
    AccountState state = directory.state(account);
    BigDecimal granted = state.granted(now);
    return new Balance(
        state.account(),
        state.currency(),
        granted,
        state.spent(),
        granted.subtract(state.spent()),
        freshness.of(state.sequence(), now));
  }

  private Account read(NewAccount body) {
    String id = body.id() == null ? "" : body.id();
    if (!ID.matcher(id).matches()) {
      throw ProblemException.field(
          "id", "must be 1 to 64 of a-z 0-9 - _ . and begin with a letter or digit");
    }
    String name = body.name() == null ? "" : body.name().strip();
    if (name.isEmpty() || name.length() > LONGEST_NAME) {
      throw ProblemException.field("name", "must have 1 to %d characters".formatted(LONGEST_NAME));
    }
    return new Account(
        id,
        name,
        currency(body.currency()),
        zone(body.timezone()),
        plan(body.plan()),
        billing(body.billing()));
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
