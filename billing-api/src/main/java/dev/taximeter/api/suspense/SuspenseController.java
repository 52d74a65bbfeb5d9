package dev.taximeter.api.suspense;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.taximeter.api.catalog.CatalogView;
import dev.taximeter.api.catalog.CatalogWriter;
import dev.taximeter.api.signin.Caller;
import dev.taximeter.api.web.AsOfTime;
import dev.taximeter.api.web.Freshness;
import dev.taximeter.api.web.Listing;
import dev.taximeter.api.web.Page;
import dev.taximeter.api.web.Parameters;
import dev.taximeter.api.web.ProblemException;
import dev.taximeter.api.web.ProblemType;
import dev.taximeter.api.web.Refuses;
import dev.taximeter.api.web.Waiting;
import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.event.Order;
import dev.taximeter.contract.event.SuspendedUsage;
import dev.taximeter.contract.event.SuspenseItem;
import dev.taximeter.contract.event.Usage;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The suspense desk: usage that nobody is billed for until a person has decided. */
@RestController
@Tag(name = "Suspense")
public final class SuspenseController {
  /** A refusal can be here some milliseconds before the decision that caused it. */
  private static final Duration DECISION_PATIENCE = Duration.ofSeconds(2);

  private final SuspenseItems items;
  private final CatalogView catalog;
  private final CatalogWriter writer;
  private final Freshness freshness;
  private final Clock clock;

  public SuspenseController(
      SuspenseItems items,
      CatalogView catalog,
      CatalogWriter writer,
      Freshness freshness,
      Clock clock) {
    this.items = items;
    this.catalog = catalog;
    this.writer = writer;
    this.freshness = freshness;
    this.clock = clock;
  }

  @Schema(description = "A key that the line names as payer.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record SuspenseCandidate(
      @Schema(
              description = "HMAC-SHA-256 of the raw key.",
              example = "6b1f0e1a5d2c4b7f8e9d0a1b2c3d4e5f6b1f0e1a5d2c4b7f8e9d0a1b2c3d4e5f")
          String fingerprint,
      @Schema(description = "The raw key's last four characters.", example = "…9f3A") String masked,
      @Schema(
              description = "Whose key it was when the line arrived; absent if nobody's.",
              example = "acme")
          @Nullable String account,
      @Schema(description = "Its name there.", example = "acme-prod") @Nullable String keyName,
      @Schema(
              description =
                  "Whether a gate signed that the request came with it; absent if the line has the raw"
                      + " key. Signed and here nonetheless: for a request of another time.",
              example = "true")
          @Nullable Boolean signed) {
    static SuspenseCandidate of(SuspendedUsage.Candidate candidate) {
      return new SuspenseCandidate(
          candidate.fingerprint(),
          "…" + candidate.lastFour(),
          candidate.account(),
          candidate.keyName(),
          candidate.signed());
    }
  }

  @Schema(name = "SuspenseItem", description = "A line in suspense, with the evidence.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record ItemView(
      @Schema(description = "The line's identity.", example = "0f1e2d3c4b5a69788796a5b4c3d2e1f0")
          String id,
      @Schema(description = "open, assigned or written-off.", example = "open") String state,
      @Schema(description = "Why it is here.", example = "payer-uncertain") String reason,
      @Schema(example = "qwen-max") String model,
      @Schema(
              description = "Prompt tokens, cached and cache-written ones included.",
              example = "48000")
          long inputTokens,
      @Schema(description = "Of inputTokens: read from a cache.", example = "0")
          long cachedInputTokens,
      @Schema(description = "Of inputTokens: written to a cache.", example = "0")
          long cacheWriteTokens,
      @Schema(description = "Answer tokens, reasoning included.", example = "4000")
          long outputTokens,
      @Schema(description = "Of outputTokens: reasoning.", example = "0") long reasoningTokens,
      @Schema(
              description = "The instant that decides price and month.",
              example = "2026-11-03T08:14:34.658Z")
          Instant completion,
      @Schema(description = "When it was shipped.", example = "2026-11-03T08:14:35Z")
          Instant arrival,
      @Schema(description = "Machine that holds the file.", example = "gateway-1") String host,
      @Schema(example = "/var/log/gateway/access.log") String path,
      @Schema(description = "Byte offset in that file; -1 if unknown.", example = "4096")
          long offset,
      @Schema(description = "Codes of what was unusual.", example = "[\"tampered\"]")
          List<String> flags,
      @Schema(
              description = "As logged; the client's word. Absent if the line has none.",
              example = "e4d909c2-90d0-4b1c-9d2e-4f0b1a2c7a08")
          @Nullable String requestId,
      @Schema(
              description = "The line's shape: letters and digits masked.",
              example = "{\"xx_xxx\":\"{\\\\\"xxx\\\\\":\\\\\"-\\\\\"")
          String excerpt,
      List<SuspenseCandidate> candidates,
      @Nullable SuspenseDecision decision,
      @Schema(description = "Absent in lists, which have their own.") @Nullable AsOfTime asOf) {
    static ItemView of(SuspenseItem item, @Nullable AsOfTime asOf) {
      Usage usage = item.suspended().usage();
      return new ItemView(
          item.lineId(),
          item.state().code(),
          item.suspended().reason().code(),
          usage.model(),
          usage.tokens().inputTokens(),
          usage.tokens().cachedInput(),
          usage.tokens().cacheWrite(),
          usage.tokens().outputTokens(),
          usage.tokens().reasoning(),
          usage.completion(),
          usage.arrival(),
          usage.source().host(),
          usage.source().path(),
          usage.offset(),
          usage.flags(),
          usage.requestId(),
          item.suspended().evidence().excerpt(),
          item.suspended().evidence().candidates().stream().map(SuspenseCandidate::of).toList(),
          SuspenseDecision.of(item.decision()),
          asOf);
    }
  }

  @Schema(description = "Lines in suspense by state.")
  record SuspenseCounts(
      @Schema(example = "3") long open,
      @Schema(example = "12") long assigned,
      @Schema(example = "1") long writtenOff) {}

  @Schema(description = "One page of the desk; what arrived first comes first.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record SuspensePage(
      List<ItemView> items,
      @Schema(description = "Pass as cursor for the next page; absent on the last.")
          @Nullable String next,
      SuspenseCounts counts,
      @Schema(
              description =
                  "False if there were more than 20,000 lines in suspense: some decided or latest"
                      + " ones are not shown; the table suspense has all.",
              example = "true")
          boolean complete,
      AsOfTime asOf) {}

  @Schema(description = "Who pays for the line.")
  record Assignment(
      @Schema(description = "Id of the paying account.", example = "acme") @Nullable String account,
      @Schema(description = "The account's key that it counts under.", example = "acme-prod")
          @Nullable String keyName,
      @Schema(description = "Why; kept for ever.", example = "their address, their model")
          @Nullable String reason) {}

  @Schema(description = "Why nobody pays for the line.")
  record WriteOff(
      @Schema(description = "Required; kept for ever.", example = "cannot be told any more")
          @Nullable String reason) {}

  @Operation(
      summary = "List lines in suspense",
      description =
          """
          Usage that nobody is billed for, because the line does not prove who pays, or whether it \
          was billed before. Each line is decided once: assigned to an account's key, by a person or \
          by a replay of its dead letter after the configuration was corrected, or written off. It \
          counts as suspense in the conservation counts until it is assigned; what is written off \
          stays there.""")
  @GetMapping("/v1/suspense")
  SuspensePage list(
      @Parameter(
              description = "Only lines in this state.",
              schema =
                  @Schema(
                      type = "string",
                      allowableValues = {"open", "assigned", "written-off"}))
          @RequestParam(name = "state", required = false)
          @Nullable String state,
      @Parameter(hidden = true) @Listing.By("arrival") Listing listing) {
    SuspenseItem.State wanted = state(state);
    List<SuspenseItem> all = items.all();
    Page<SuspenseItem> page =
        Page.of(
            all.stream().filter(item -> wanted == null || item.state() == wanted),
            SuspenseController::placeOf,
            listing);
    return new SuspensePage(
        page.shown(item -> ItemView.of(item, null)),
        page.next(),
        counts(all),
        items.complete(),
        asOf());
  }

  private static SuspenseItem.@Nullable State state(@Nullable String code) {
    if (Parameters.text(code) == null) {
      return null;
    }
    return Arrays.stream(SuspenseItem.State.values())
        .filter(state -> state.code().equals(code))
        .findFirst()
        .orElseThrow(
            () -> ProblemException.parameter("state", "must be open, assigned or written-off"));
  }

  private static SuspenseCounts counts(List<SuspenseItem> all) {
    Map<SuspenseItem.State, Long> counts = new EnumMap<>(SuspenseItem.State.class);
    all.forEach(item -> counts.merge(item.state(), 1L, Long::sum));
    return new SuspenseCounts(
        counts.getOrDefault(SuspenseItem.State.OPEN, 0L),
        counts.getOrDefault(SuspenseItem.State.ASSIGNED, 0L),
        counts.getOrDefault(SuspenseItem.State.WRITTEN_OFF, 0L));
  }

  /** Ordered as text as the lines arrived; does not move when a line is decided. */
  private static String placeOf(SuspenseItem item) {
    return "%015d-%s".formatted(item.suspended().usage().arrival().toEpochMilli(), item.lineId());
  }

  @Operation(summary = "Read a line in suspense")
  @GetMapping("/v1/suspense/{id}")
  ItemView get(@Parameter(description = "The line's identity.") @PathVariable("id") String id) {
    SuspenseItem item = items.find(id);
    if (item == null) {
      throw notFound(id);
    }
    return ItemView.of(item, asOf());
  }

  private AsOfTime asOf() {
    return freshness.at(clock.instant());
  }

  @Operation(
      summary = "Assign a line in suspense",
      description =
          """
          The account pays for it, once, priced at the instant it completed, under its key of this \
          name. The answer comes once it is decided; a moment later balance and bill have it. The \
          same decision again changes nothing; another one is refused.""")
  @Refuses(ProblemType.CONFLICT)
  @PostMapping("/v1/suspense/{id}/assign")
  ItemView assign(
      @Parameter(description = "The line's identity.") @PathVariable("id") String id,
      @RequestBody Assignment body,
      @Parameter(hidden = true) @RequestAttribute("dev.taximeter.api.signin.Caller")
          Caller caller) {
    String account = body.account() == null ? "" : body.account();
    if (catalog.snapshot().account(account) == null) {
      throw ProblemException.field(
          "account", "must name an account of the catalogue; GET /v1/accounts lists all");
    }
    String keyName = body.keyName() == null ? "" : body.keyName();
    if (catalog.snapshot().keys(account).stream().noneMatch(k -> k.name().equals(keyName))) {
      throw ProblemException.field(
          "keyName",
          "must name a key of account %s; GET /v1/accounts/%s/keys lists all"
              .formatted(account, account));
    }
    return resolve(
        new Order.Resolve(id, account, keyName), Parameters.note("reason", body.reason()), caller);
  }

  @Operation(
      summary = "Write a line in suspense off",
      description =
          "Nobody pays for it. The line stays in suspense in the conservation counts, and is shown"
              + " as written off, with the reason. The same decision again changes nothing; another"
              + " one is refused.")
  @Refuses(ProblemType.CONFLICT)
  @PostMapping("/v1/suspense/{id}/write-off")
  ItemView writeOff(
      @Parameter(description = "The line's identity.") @PathVariable("id") String id,
      @RequestBody WriteOff body,
      @Parameter(hidden = true) @RequestAttribute("dev.taximeter.api.signin.Caller")
          Caller caller) {
    String reason = Parameters.note("reason", body.reason());
    if (reason.isBlank()) {
      throw ProblemException.field("reason", "must say why nobody pays");
    }
    return resolve(new Order.Resolve(id, null, null), reason, caller);
  }

  private ItemView resolve(Order.Resolve order, String reason, Caller caller) {
    SuspenseItem before = items.find(order.lineId());
    if (before == null && items.complete()) {
      throw notFound(order.lineId());
    }
    if (before != null && before.decision() != null) {
      return repeated(order, before, before.decision());
    }
    try {
      writer.write(
          Catalog.EMPTY,
          List.of(order),
          caller.name(),
          reason,
          result -> {
            SuspenseItem.Decision decision = decisionOn(order.lineId());
            return decision != null && decision.commandId().equals(result.id());
          });
    } catch (ProblemException e) {
      throw e.type() == ProblemType.REFUSED ? explained(order.lineId(), e) : e;
    }
    return get(order.lineId());
  }

  /** Whoever asks again because the first answer was lost gets it now. */
  private ItemView repeated(
      Order.Resolve order, SuspenseItem item, SuspenseItem.Decision decision) {
    if (Objects.equals(decision.account(), order.account())
        && Objects.equals(decision.keyName(), order.keyName())) {
      return ItemView.of(item, asOf());
    }
    throw conflict(decision);
  }

  /** Two people may decide the same line within the same milliseconds. */
  private ProblemException explained(String id, ProblemException refusal) {
    Waiting.until(() -> decisionOn(id) != null, DECISION_PATIENCE);
    SuspenseItem.Decision decision = decisionOn(id);
    return decision == null ? refusal : conflict(decision);
  }

  private SuspenseItem.@Nullable Decision decisionOn(String id) {
    SuspenseItem item = items.find(id);
    return item == null ? null : item.decision();
  }

  private static ProblemException conflict(SuspenseItem.Decision decision) {
    return ProblemException.of(
        ProblemType.CONFLICT,
        decision.account() == null
            ? "The line was written off by %s at %s; a line is decided once."
                .formatted(decision.author(), decision.at())
            : "The line was assigned to account %s, key %s, by %s at %s; a line is decided once."
                .formatted(
                    decision.account(), decision.keyName(), decision.author(), decision.at()));
  }

  private ProblemException notFound(String id) {
    int most = 64;
    return ProblemException.of(
        ProblemType.NOT_FOUND,
        items.complete()
            ? "There is no line %s in suspense; GET /v1/suspense lists all."
                .formatted(id.length() <= most ? id : id.substring(0, most) + "…")
            : "The line is not among the 20,000 that are shown; the table suspense has all.");
  }
}
