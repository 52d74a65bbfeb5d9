package dev.taximeter.api.webhooks;

import dev.taximeter.api.accounts.AccountDirectory;
import dev.taximeter.api.catalog.CatalogSnapshot;
import dev.taximeter.api.catalog.CatalogView;
import dev.taximeter.api.catalog.Change;
import dev.taximeter.api.catalog.Resources;
import dev.taximeter.api.settings.ApiSettings;
import dev.taximeter.api.signin.Caller;
import dev.taximeter.api.web.Listing;
import dev.taximeter.api.web.Page;
import dev.taximeter.api.web.Parameters;
import dev.taximeter.api.web.ProblemException;
import dev.taximeter.api.web.ProblemType;
import dev.taximeter.api.web.Refuses;
import dev.taximeter.api.web.SecretFormat;
import dev.taximeter.api.web.Tagged;
import dev.taximeter.api.webhooks.RecipientViews.DeliveryPage;
import dev.taximeter.api.webhooks.RecipientViews.DeliveryView;
import dev.taximeter.api.webhooks.RecipientViews.NewRecipient;
import dev.taximeter.api.webhooks.RecipientViews.RecipientChange;
import dev.taximeter.api.webhooks.RecipientViews.RecipientPage;
import dev.taximeter.api.webhooks.RecipientViews.RecipientView;
import dev.taximeter.api.webhooks.RecipientViews.SecretRotation;
import dev.taximeter.api.webhooks.RecipientViews.Sent;
import dev.taximeter.contract.catalog.AlertKind;
import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.catalog.Recipient;
import dev.taximeter.contract.catalog.Recipient.Channel;
import dev.taximeter.contract.catalog.Recipient.Status;
import dev.taximeter.contract.event.Delivery;
import dev.taximeter.contract.event.DeliveryOrder;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Who gets alerts: the operator says so, also of an account's alerts. */
@RestController
@Tag(name = "Recipients")
public final class RecipientsController {
  private static final String CALLER = "dev.taximeter.api.signin.Caller";
  private static final int LONGEST_NAME = 64;
  private static final int LONGEST_PREFIX = 64;
  private static final int LONGEST_SECRET = 200;
  private static final int USUAL_OVERLAP_HOURS = 24;
  private static final int LONGEST_OVERLAP_HOURS = 168;

  /** Bytes of an id, and of the name of a signing secret. */
  private static final int ID_BYTES = 8;

  private static final Set<String> STATUSES =
      Set.of("pending", "delivered", "failed", "muted", "superseded");

  private static final Duration RETRY_AFTER = Duration.ofSeconds(2);

  private final CatalogView catalog;
  private final AccountDirectory directory;
  private final Resources resources;
  private final Deliveries deliveries;
  private final Secrets secrets;
  private final Addresses addresses;
  private final Clock clock;
  private final SecureRandom random = new SecureRandom();

  public RecipientsController(
      CatalogView catalog,
      AccountDirectory directory,
      Resources resources,
      Deliveries deliveries,
      Secrets secrets,
      ApiSettings settings,
      Clock clock) {
    this.catalog = catalog;
    this.directory = directory;
    this.resources = resources;
    this.deliveries = deliveries;
    this.secrets = secrets;
    this.addresses = new Addresses(settings.alerts());
    this.clock = clock;
  }

  @Operation(
      summary = "List recipients of alerts",
      description = "Without those that were removed. Secrets and whole addresses are not shown.")
  @Refuses(ProblemType.NOT_FOUND)
  @GetMapping("/v1/recipients")
  RecipientPage list(
      @Parameter(description = "Only those of this account.", example = "acme")
          @RequestParam(name = "account", required = false)
          @Nullable String account,
      @Parameter(hidden = true) @Listing.By("id") Listing listing) {
    String only = account == null ? null : directory.account(account).id();
    Page<Recipient> page =
        Page.of(
            catalog.snapshot().recipients().values().stream()
                .filter(recipient -> recipient.status() != Status.REMOVED)
                .filter(recipient -> only == null || only.equals(recipient.account())),
            Recipient::id,
            listing);
    return new RecipientPage(page.shown(recipient -> view(recipient, null)), page.next());
  }

  private RecipientView view(Recipient recipient, @Nullable String secret) {
    return RecipientView.of(recipient, deliveries.pending(recipient.id()), secret, clock.instant());
  }

  private static String record(String id) {
    return "recipient/" + id;
  }

  private Recipient find(CatalogSnapshot snapshot, String id) {
    Recipient recipient = snapshot.recipients().get(id);
    if (recipient == null || recipient.status() == Status.REMOVED) {
      throw ProblemException.of(
          ProblemType.NOT_FOUND, "There is no such recipient; GET /v1/recipients lists all.");
    }
    return recipient;
  }

  @Operation(
      summary = "Make a recipient of alerts",
      description =
          """
          A webhook's answer shows once what its messages are signed with. An account may have 20 \
          recipients, the installation 50. Receivers must be public and speak TLS, unless the \
          operator allows their address.\
          """)
  @Refuses({ProblemType.NOT_POSSIBLE, ProblemType.CONFLICT, ProblemType.NOT_FOUND})
  @Tagged
  @PostMapping("/v1/recipients")
  @ResponseStatus(HttpStatus.CREATED)
  ResponseEntity<RecipientView> create(
      @RequestBody NewRecipient body,
      @Parameter(hidden = true) @Change.MakesASecret Change change) {
    String account = accountOf(body);
    Channel channel =
        Channel.of(body.channel() == null ? "" : body.channel())
            .orElseThrow(
                () ->
                    ProblemException.field(
                        "channel",
                        "must be webhook, alertmanager, slack, dingtalk, feishu, wecom or email"));
    String address = addresses.checked(channel, body.address());
    return resources.change(
        "recipients",
        body,
        change,
        () -> {
          String made = made("recipients", change, 2 * ID_BYTES);
          String id = "rcp_" + made.substring(0, 2 * ID_BYTES);
          Recipient wanted =
              new Recipient(
                  id,
                  name(body.name()),
                  account,
                  channel,
                  secrets.sealed(address),
                  Addresses.shown(channel, address),
                  robotSecret(channel, body.robotSecret()),
                  made.substring(2 * ID_BYTES),
                  null,
                  null,
                  prefix(body.prefix()),
                  alerts(body.alerts(), account),
                  Status.ENABLED,
                  "",
                  clock.instant(),
                  change.author());
          Recipient known = catalog.snapshot().recipients().get(id);
          if (known == null) {
            resources.write(record(id), change, snapshot -> Catalog.of(wanted));
          } else {
            checkSame(known, wanted);
          }
          Recipient shown = known == null ? wanted : known;
          String secret = channel == Channel.WEBHOOK ? secrets.shown(id, shown.signing()) : null;
          return resources.answer(HttpStatus.CREATED, record(id), snapshot -> view(shown, secret));
        });
  }

  /** A request that is sent again gets the same answer, for a day. */
  private void checkSame(Recipient known, Recipient wanted) {
    boolean same =
        known.status() != Status.REMOVED
            && known.name().equals(wanted.name())
            && known.channel() == wanted.channel()
            && Objects.equals(known.account(), wanted.account())
            && known.prefix().equals(wanted.prefix())
            && known.alerts().equals(wanted.alerts())
            && secrets.haveSameAddress(known, wanted)
            && known.createdAt().plus(SecretFormat.REPEATED_WITHIN).isAfter(clock.instant());
    if (!same) {
      throw ProblemException.of(
          ProblemType.IDEMPOTENCY_KEY_REUSED,
          "This Idempotency-Key was used for another recipient, or long ago; send a new one.");
    }
  }

  /** Random, or the same for a request that is sent again with an idempotency key. */
  private String made(String address, Change change, int bytes) {
    String key = change.idempotencyKey();
    if (key == null) {
      byte[] fresh = new byte[bytes];
      random.nextBytes(fresh);
      return HexFormat.of().formatHex(fresh);
    }
    return secrets.name(address + '\n' + change.caller().id() + '\n' + key, bytes);
  }

  private @Nullable String accountOf(NewRecipient body) {
    String asked = Parameters.text(body.account());
    return asked == null ? null : directory.account(asked).id();
  }

  private static String name(@Nullable String given) {
    String name = given == null ? "" : given.strip();
    if (name.isEmpty() || name.length() > LONGEST_NAME || hasControls(name)) {
      throw ProblemException.field(
          "name", "must have 1 to %d characters in one line".formatted(LONGEST_NAME));
    }
    return name;
  }

  private static boolean hasControls(String text) {
    return text.chars().anyMatch(Character::isISOControl);
  }

  private static String prefix(@Nullable String given) {
    String prefix = given == null ? "" : given.strip();
    if (prefix.length() > LONGEST_PREFIX || hasControls(prefix)) {
      throw ProblemException.field(
          "prefix", "may have at most %d characters in one line".formatted(LONGEST_PREFIX));
    }
    return prefix;
  }

  private @Nullable String robotSecret(Channel channel, @Nullable String given) {
    if (given == null || given.isEmpty()) {
      return null;
    }
    if (channel != Channel.DINGTALK && channel != Channel.FEISHU) {
      throw ProblemException.field("robotSecret", "is for dingtalk and feishu only");
    }
    if (given.length() > LONGEST_SECRET) {
      throw ProblemException.field(
          "robotSecret", "may have at most %d characters".formatted(LONGEST_SECRET));
    }
    return secrets.sealed(given);
  }

  private static List<AlertKind> alerts(
      @Nullable List<@Nullable String> codes, @Nullable String account) {
    List<AlertKind> kinds = new ArrayList<>();
    for (String code : codes == null ? List.<@Nullable String>of() : codes) {
      AlertKind kind =
          AlertKind.of(code == null ? "" : code)
              .filter(known -> known != AlertKind.TEST)
              .filter(known -> account == null || known.isOfAccounts())
              .orElseThrow(
                  () ->
                      ProblemException.field(
                          "alerts",
                          "must hold quota, balance-low, balance-exhausted"
                              + (account == null
                                  ? ", unpriced-model, leakage, tampering, gap, silent-source,"
                                      + " residual or drift"
                                  : " only")));
      if (!kinds.contains(kind)) {
        kinds.add(kind);
      }
    }
    return kinds;
  }

  @Operation(summary = "Read a recipient of alerts")
  @Tagged
  @GetMapping("/v1/recipients/{recipient}")
  ResponseEntity<RecipientView> get(
      @Parameter(description = "Recipient id.", example = "rcp_4f1d2c3b9a8e7f60")
          @PathVariable("recipient")
          String id) {
    return resources.answer(record(id), snapshot -> view(find(snapshot, id), null));
  }

  @Operation(
      summary = "Change a recipient of alerts",
      description =
          """
          With If-Match only if nobody changed it since it was read. A recipient that was disabled \
          because it answered 410 can be enabled again.\
          """)
  @Refuses(ProblemType.NOT_POSSIBLE)
  @Tagged
  @PatchMapping("/v1/recipients/{recipient}")
  ResponseEntity<RecipientView> change(
      @Parameter(description = "Recipient id.", example = "rcp_4f1d2c3b9a8e7f60")
          @PathVariable("recipient")
          String id,
      @RequestBody RecipientChange body,
      @Parameter(hidden = true) Change change) {
    find(catalog.snapshot(), id);
    return resources.change(
        "recipients/" + id,
        body,
        change,
        () -> {
          resources.write(
              record(id), change, snapshot -> Catalog.of(changed(find(snapshot, id), body)));
          return resources.answer(record(id), snapshot -> view(find(snapshot, id), null));
        });
  }

  private Recipient changed(Recipient before, RecipientChange body) {
    String given = body.address();
    String address = given == null ? null : addresses.checked(before.channel(), given);
    Recipient after =
        before.with(
            body.name() == null ? before.name() : name(body.name()),
            address == null ? before.address() : secrets.sealed(address),
            address == null ? before.shown() : Addresses.shown(before.channel(), address),
            body.robotSecret() == null
                ? before.channelSecret()
                : robotSecret(before.channel(), body.robotSecret()),
            body.prefix() == null ? before.prefix() : prefix(body.prefix()),
            body.alerts() == null ? before.alerts() : alerts(body.alerts(), before.account()));
    if (body.status() == null) {
      return after;
    }
    return switch (body.status()) {
      case "enabled" -> after.with(Status.ENABLED, "");
      case "disabled" -> after.with(Status.DISABLED, "somebody disabled it");
      default -> throw ProblemException.field("status", "must be enabled or disabled");
    };
  }

  @Operation(
      summary = "Remove a recipient of alerts",
      description = "For good. What waits for it is not sent any more.")
  @DeleteMapping("/v1/recipients/{recipient}")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void remove(
      @Parameter(description = "Recipient id.", example = "rcp_4f1d2c3b9a8e7f60")
          @PathVariable("recipient")
          String id,
      @Parameter(hidden = true) Change change) {
    find(catalog.snapshot(), id);
    resources.change(
        "removals/" + id,
        id,
        change,
        () ->
            resources.write(
                record(id), change, snapshot -> Catalog.of(find(snapshot, id).removed())));
  }

  @Operation(
      summary = "Replace a webhook's signing secret",
      description =
          """
          The answer shows the new secret once. For a while messages are signed with the one before \
          besides, so that the receiver can change over without refusing any.\
          """)
  @Refuses(ProblemType.NOT_POSSIBLE)
  @Tagged
  @PostMapping("/v1/recipients/{recipient}/rotation")
  ResponseEntity<RecipientView> rotate(
      @Parameter(description = "Recipient id.", example = "rcp_4f1d2c3b9a8e7f60")
          @PathVariable("recipient")
          String id,
      @RequestBody SecretRotation body,
      @Parameter(hidden = true) @Change.MakesASecret Change change) {
    Integer given = body.overlapHours();
    int hours = given == null ? USUAL_OVERLAP_HOURS : given;
    if (hours < 0 || hours > LONGEST_OVERLAP_HOURS) {
      throw ProblemException.field(
          "overlapHours", "must be a whole number from 0 to %d".formatted(LONGEST_OVERLAP_HOURS));
    }
    if (find(catalog.snapshot(), id).channel() != Channel.WEBHOOK) {
      throw ProblemException.of(
          ProblemType.NOT_POSSIBLE, "Only webhooks are signed with a secret of ours.");
    }
    String address = "recipient rotations/" + id;
    return resources.change(
        address,
        body,
        change,
        () -> {
          String next = made(address, change, ID_BYTES);
          Instant until = clock.instant().plus(Duration.ofHours(hours));
          resources.write(
              record(id),
              change,
              snapshot -> {
                Recipient before = find(snapshot, id);
                return Catalog.of(
                    before.signing().equals(next) ? before : before.rotated(next, until));
              });
          return resources.answer(
              record(id), snapshot -> view(find(snapshot, id), secrets.shown(id, next)));
        });
  }

  @Operation(
      summary = "Try a recipient",
      description =
          "Sends a message of the type alert.test. What came of it stands in the recipient's"
              + " deliveries in a moment.")
  @Refuses({ProblemType.NOT_POSSIBLE, ProblemType.CONFLICT})
  @PostMapping("/v1/recipients/{recipient}/test")
  @ResponseStatus(HttpStatus.ACCEPTED)
  Sent test(
      @Parameter(description = "Recipient id.", example = "rcp_4f1d2c3b9a8e7f60")
          @PathVariable("recipient")
          String id,
      @Parameter(hidden = true) @RequestAttribute(CALLER) Caller caller) {
    Recipient recipient = enabled(id);
    boolean waits =
        deliveries.of(id).stream()
            .map(Deliveries.Held::delivery)
            .anyMatch(
                delivery ->
                    delivery.status() == Delivery.Status.PENDING
                        && delivery.message().kind() == AlertKind.TEST);
    if (waits) {
      throw ProblemException.of(
          ProblemType.CONFLICT,
          "A test message waits for this recipient already; its deliveries say why.");
    }
    DeliveryOrder order =
        new DeliveryOrder(
            UUID.randomUUID().toString(), recipient.id(), null, clock.instant(), caller.name());
    give(order);
    return new Sent(Dispatcher.idOfTest(order));
  }

  private Recipient enabled(String id) {
    Recipient recipient = find(catalog.snapshot(), id);
    if (recipient.status() != Status.ENABLED) {
      throw ProblemException.of(
          ProblemType.NOT_POSSIBLE, "This recipient is disabled; enable it first with PATCH.");
    }
    return recipient;
  }

  private void give(DeliveryOrder order) {
    if (!deliveries.order(order)) {
      throw ProblemException.passing(
          ProblemType.NOT_READY,
          "The order could not be kept, so nothing will be sent; is Kafka running?",
          RETRY_AFTER,
          null);
    }
  }

  @Operation(
      summary = "List what was sent to a recipient",
      description =
          "What waits, and at least the latest 100 messages that arrived, failed or were muted,"
              + " with the answer to each try.")
  @GetMapping("/v1/recipients/{recipient}/deliveries")
  DeliveryPage deliveries(
      @Parameter(description = "Recipient id.", example = "rcp_4f1d2c3b9a8e7f60")
          @PathVariable("recipient")
          String id,
      @Parameter(description = "Only of this status.", example = "failed")
          @RequestParam(name = "status", required = false)
          @Nullable String status,
      @Parameter(hidden = true) @Listing.By(value = "creation", descending = true)
          Listing listing) {
    if (status != null && !STATUSES.contains(status)) {
      throw ProblemException.parameter(
          "status", "must be pending, delivered, failed, muted or superseded");
    }
    find(catalog.snapshot(), id);
    Page<Delivery> page =
        Page.of(
            deliveries.of(id).stream()
                .map(Deliveries.Held::delivery)
                .filter(it -> status == null || it.status().code().equals(status)),
            RecipientsController::place,
            listing);
    return new DeliveryPage(page.shown(DeliveryView::of), page.next());
  }

  private static String place(Delivery delivery) {
    return "%015d %s".formatted(delivery.createdAt().toEpochMilli(), delivery.id());
  }

  @Operation(
      summary = "Send a message again",
      description =
          "Whatever became of it; under the same id, so that a receiver knows it if it had it.")
  @Refuses(ProblemType.NOT_POSSIBLE)
  @PostMapping("/v1/recipients/{recipient}/deliveries/{delivery}/replay")
  @ResponseStatus(HttpStatus.ACCEPTED)
  Sent replay(
      @Parameter(description = "Recipient id.", example = "rcp_4f1d2c3b9a8e7f60")
          @PathVariable("recipient")
          String id,
      @Parameter(description = "Delivery id.", example = "msg_0f8fad5bd9cb369fa16570867728950e")
          @PathVariable("delivery")
          String delivery,
      @Parameter(hidden = true) @RequestAttribute(CALLER) Caller caller) {
    Recipient recipient = enabled(id);
    if (deliveries.find(recipient.id(), delivery) == null) {
      throw ProblemException.of(
          ProblemType.NOT_FOUND,
          "There is no such delivery; GET /v1/recipients/%s/deliveries lists what is kept."
              .formatted(recipient.id()));
    }
    give(
        new DeliveryOrder(
            UUID.randomUUID().toString(),
            recipient.id(),
            delivery,
            clock.instant(),
            caller.name()));
    return new Sent(delivery);
  }
}
