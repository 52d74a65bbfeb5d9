package dev.taximeter.api.deadletters;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.taximeter.api.catalog.CatalogWriter;
import dev.taximeter.api.deadletters.DeadLetterHistory.Place;
import dev.taximeter.api.deadletters.DeadLetterHistory.Selection;
import dev.taximeter.api.signin.Caller;
import dev.taximeter.api.suspense.SuspenseDecision;
import dev.taximeter.api.suspense.SuspenseItems;
import dev.taximeter.api.web.AsOfTime;
import dev.taximeter.api.web.Freshness;
import dev.taximeter.api.web.Listing;
import dev.taximeter.api.web.Page;
import dev.taximeter.api.web.Parameters;
import dev.taximeter.api.web.ProblemException;
import dev.taximeter.api.web.ProblemType;
import dev.taximeter.api.web.Refuses;
import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.event.LineReplay.Outcome;
import dev.taximeter.contract.event.Order;
import dev.taximeter.contract.event.Reason;
import dev.taximeter.contract.event.SuspenseItem;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Lines that were not metered: what they are, what to do, and sending them again. */
@RestController
@Tag(name = "Dead letters")
public final class DeadLettersController {
  private static final int LONGEST_SOURCE = 5_000;
  private static final Pattern ID = Pattern.compile("[0-9a-f]{32}");
  private static final Pattern CURSOR = Pattern.compile("(\\d{1,15})-([0-9a-f]{32})");

  private final DeadLetterHistory history;
  private final SuspenseItems suspense;
  private final CatalogWriter writer;
  private final Freshness freshness;
  private final Clock clock;

  public DeadLettersController(
      DeadLetterHistory history,
      SuspenseItems suspense,
      CatalogWriter writer,
      Freshness freshness,
      Clock clock) {
    this.history = history;
    this.suspense = suspense;
    this.writer = writer;
    this.freshness = freshness;
    this.clock = clock;
  }

  @Schema(name = "DeadLetterReplay", description = "How far the line's replay came.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record ReplayView(
      @Schema(
              description =
                  "sent (metering has not answered yet), resolved, unchanged (still quarantined) or"
                      + " refused (it could not be sent, or stays in suspense).",
              example = "resolved")
          String outcome,
      @Schema(
              description = "The line's fate since it was judged again; absent before.",
              example = "billed")
          @Nullable String fate,
      @Schema(
              description = "Why it has no usage, if it was judged and has none.",
              example = "foreign-line")
          @Nullable String reason,
      @Schema(
              description = "Why it was refused, or how it is counted otherwise than before.",
              example = "The dead letter is no longer kept; ship its file again.")
          @Nullable String problem,
      @Schema(description = "Who asked, while it is sent or refused.", example = "admin")
          @Nullable String by,
      @Schema(example = "2026-11-24T09:30:00.123Z") Instant at) {
    static @Nullable ReplayView of(DeadLetterItem.@Nullable Replay replay) {
      return replay == null
          ? null
          : new ReplayView(
              replay.outcome().code(),
              replay.fate() == null ? null : replay.fate().code(),
              Parameters.text(replay.reason()),
              Parameters.text(replay.problem()),
              Parameters.text(replay.author()),
              replay.at());
    }
  }

  @Schema(name = "DeadLetter", description = "A line that was not metered, without its content.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record LetterView(
      @Schema(description = "The line's identity.", example = "0f1e2d3c4b5a69788796a5b4c3d2e1f0")
          String id,
      @Schema(
              description =
                  "open, sent (its replay is under way), resolved (by a replay) or decided (by the"
                      + " suspense desk).",
              example = "open")
          String state,
      @Schema(
              description = "What it was judged as: quarantined or suspense.",
              example = "quarantined")
          String fate,
      @Schema(description = "Code of why.", example = "foreign-line") String reason,
      @Schema(
              description =
                  "Who must act: sender (of the log), operator, us (Taximeter) or nobody.",
              example = "sender")
          String actor,
      @Schema(
              description = "What to do.",
              example = "Start time or duration cannot be read. Correct the template and replay.")
          String advice,
      @Schema(
              description = "The line's shape: letters and digits masked.",
              example = "{\"xx_xxx\":\"{\\\\\"xxx\\\\\":\\\\\"-\\\\\"")
          String excerpt,
      @Schema(description = "When it was shipped.", example = "2026-11-03T08:14:35Z")
          Instant arrival,
      @Schema(description = "Machine that holds the file.", example = "gateway-1") String host,
      @Schema(example = "/var/log/gateway/access.log") String path,
      @Schema(description = "Byte offset in that file; -1 if unknown.", example = "4096")
          long offset,
      @Schema(description = "Run of the shipper; empty if unknown.", example = "run-1")
          String shipment,
      @Nullable ReplayView replay,
      @Nullable SuspenseDecision decision,
      @Schema(description = "Absent in lists, which have their own.") @Nullable AsOfTime asOf) {
    static LetterView of(
        DeadLetterItem item, @Nullable SuspenseItem suspended, @Nullable AsOfTime asOf) {
      SuspenseDecision decision =
          suspended == null ? null : SuspenseDecision.of(suspended.decision());
      Reason reason = DeadLettersController.reason(item.reason());
      return new LetterView(
          item.id(),
          decision == null ? state(item) : "decided",
          item.fate().code(),
          item.reason(),
          (reason == null ? Reason.Actor.US : reason.actor()).name().toLowerCase(Locale.ROOT),
          decision == null
              ? Advice.of(reason == null ? Reason.INTERNAL_ERROR : reason, item.fate())
              : Advice.DECIDED,
          item.excerpt(),
          item.arrival(),
          item.source().host(),
          item.source().path(),
          item.offset(),
          item.shipment(),
          ReplayView.of(item.replay()),
          decision,
          asOf);
    }

    private static String state(DeadLetterItem item) {
      if (!item.isOpen()) {
        return "resolved";
      }
      return item.replay() != null && item.replay().outcome() == Outcome.SENT ? "sent" : "open";
    }
  }

  @Schema(description = "One page of dead letters, by arrival.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record DeadLetterPage(
      List<LetterView> items,
      @Schema(description = "Pass as cursor for the next page; absent on the last.")
          @Nullable String next,
      AsOfTime asOf) {}

  @Schema(description = "Which dead letters to send again: ids, or a choice by the other fields.")
  record ReplayOrder(
      @Schema(description = "Identities of 1 to 1,000 lines.") @Nullable List<String> ids,
      @Schema(
              description =
                  "Only letters with this reason, such as payer-uncertain: open lines in suspense"
                      + " are among them, except those of too-old and uncertain-beginning, which no"
                      + " configuration decides.",
              example = "foreign-line")
          @Nullable String reason,
      @Schema(
              description =
                  "Only lines of this file, quarantined ones and open ones in suspense: its path, or"
                      + " machine:path.",
              example = "/var/log/gateway/access.log")
          @Nullable String source,
      @Schema(description = "First instant of arrival.", example = "2026-11-24T00:00:00Z")
          @Nullable String from,
      @Schema(description = "First instant after.", example = "2026-11-25T00:00:00Z")
          @Nullable String to,
      @Schema(
              description = "next of the call before: goes on behind the letters that it sent.",
              example = "1763971200000-0f1e2d3c4b5a69788796a5b4c3d2e1f0")
          @Nullable String cursor,
      @Schema(description = "Why; kept.", example = "template of gateway 2 added")
          @Nullable String comment) {}

  @Schema(description = "What was sent again.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Replayed(
      @Schema(description = "Identities of the lines.") List<String> ids,
      @Schema(
              description =
                  "Whether more letters match than one call takes; send the same again with next as"
                      + " cursor.",
              example = "false")
          boolean more,
      @Schema(description = "Pass as cursor to go on behind these; absent on the last call.")
          @Nullable String next) {}

  @Operation(
      summary = "List dead letters",
      description =
          """
          Lines that were not metered because they are quarantined or in suspense, with what must \
          be done. Their content is kept encrypted for 30 days, and is never shown.""")
  @Refuses(ProblemType.HISTORY_UNAVAILABLE)
  @GetMapping("/v1/dead-letters")
  DeadLetterPage list(
      @Parameter(description = "Only letters with this reason.", example = "foreign-line")
          @RequestParam(name = "reason", required = false)
          @Nullable String reason,
      @Parameter(
              description = "Only lines of this file: its path, or machine:path.",
              example = "gateway-1:/var/log/gateway/access.log")
          @RequestParam(name = "source", required = false)
          @Nullable String source,
      @Parameter(description = "First instant of arrival, RFC 3339.")
          @RequestParam(name = "from", required = false)
          @Nullable String from,
      @Parameter(description = "First instant after, RFC 3339.")
          @RequestParam(name = "to", required = false)
          @Nullable String to,
      @Parameter(hidden = true) @Listing.By(value = "arrival", descending = true) Listing listing) {
    int size = listing.size();
    List<DeadLetterItem> found =
        history.page(
            selection(reason, source, from, to, false),
            listing.descending(),
            place(listing.cursor()),
            size + 1);
    Page<DeadLetterItem> page = Page.of(found, size, DeadLettersController::cursorOf);
    return new DeadLetterPage(
        page.shown(item -> LetterView.of(item, suspense.find(item.id()), null)),
        page.next(),
        asOf());
  }

  private AsOfTime asOf() {
    return freshness.at(clock.instant());
  }

  @Operation(summary = "Read a dead letter")
  @Refuses(ProblemType.HISTORY_UNAVAILABLE)
  @GetMapping("/v1/dead-letters/{id}")
  LetterView get(@Parameter(description = "The line's identity.") @PathVariable("id") String id) {
    DeadLetterItem item = ID.matcher(id).matches() ? history.find(id) : null;
    if (item == null) {
      throw ProblemException.of(
          ProblemType.NOT_FOUND,
          "There is no such dead letter; GET /v1/dead-letters lists all that have landed.");
    }
    return LetterView.of(item, suspense.find(id), asOf());
  }

  @Operation(
      summary = "Replay dead letters",
      description =
          """
          Sends quarantined lines, and undecided ones in suspense, through metering again, after \
          the configuration was corrected. A quarantined line that is judged otherwise now moves in \
          the conservation counts from quarantined to its new fate; one in suspense moves to \
          billed, if by the present configuration a registered key pays for it and nobody has \
          decided otherwise, and stays in suspense if not (refused, with the reason). Both in the \
          shipment and hour in which the line first arrived; it counts once, however often it is \
          replayed or shipped. The answer comes once the lines are on their way; what became of \
          each is shown with the letter. Without ids, up to 1,000 letters that match and are not \
          resolved are sent, the latest first; those in suspense only if reason or source is given. \
          With next of the answer as cursor the same order goes on behind them, whether they were \
          resolved or stay as they are.""")
  @Refuses(ProblemType.HISTORY_UNAVAILABLE)
  @PostMapping("/v1/dead-letters/replay")
  Replayed replay(
      @RequestBody ReplayOrder body,
      @Parameter(hidden = true) @RequestAttribute("dev.taximeter.api.signin.Caller")
          Caller caller) {
    String comment = Parameters.note("comment", body.comment());
    Replayed found = body.ids() == null ? matching(body) : new Replayed(named(body), false, null);
    if (!found.ids().isEmpty()) {
      writer.write(
          Catalog.EMPTY,
          List.of(new Order.Replay(found.ids())),
          caller.name(),
          comment,
          result -> true);
    }
    return found;
  }

  private static List<String> named(ReplayOrder body) {
    List<String> ids = Objects.requireNonNull(body.ids());
    if (body.reason() != null
        || body.source() != null
        || body.from() != null
        || body.to() != null
        || body.cursor() != null) {
      throw ProblemException.field("ids", "must stand alone, or be left out for a choice");
    }
    if (ids.isEmpty() || ids.size() > Order.Replay.MOST_LINES) {
      throw ProblemException.field(
          "ids", "must name 1 to %,d lines".formatted(Order.Replay.MOST_LINES));
    }
    if (!ids.stream().allMatch(id -> id != null && ID.matcher(id).matches())) {
      throw ProblemException.field("ids", "must each have 32 hex digits");
    }
    return ids.stream().distinct().toList();
  }

  private Replayed matching(ReplayOrder body) {
    int most = Order.Replay.MOST_LINES;
    List<DeadLetterItem> page =
        history.page(
            selection(body.reason(), body.source(), body.from(), body.to(), true),
            true,
            place(body.cursor()),
            most + 1);
    boolean more = page.size() > most;
    List<DeadLetterItem> sent = more ? page.subList(0, most) : page;
    return new Replayed(
        sent.stream().map(DeadLetterItem::id).distinct().toList(),
        more,
        more ? cursorOf(sent.get(most - 1)) : null);
  }

  private static Selection selection(
      @Nullable String reason,
      @Nullable String source,
      @Nullable String from,
      @Nullable String to,
      boolean onlyReplayable) {
    String code = Parameters.text(reason);
    if (code != null && reason(code) == null) {
      throw ProblemException.parameter(
          "reason",
          "must be one of "
              + String.join(", ", Arrays.stream(Reason.values()).map(Reason::code).toList()));
    }
    if (source != null && source.length() > LONGEST_SOURCE) {
      throw ProblemException.parameter(
          "source", "may have at most %,d characters".formatted(LONGEST_SOURCE));
    }
    Instant begin = Parameters.instant("from", from);
    Instant end = Parameters.instant("to", to);
    if (begin != null && end != null && !begin.isBefore(end)) {
      throw ProblemException.parameter("from", "must be before to, which is " + end);
    }
    return new Selection(code, Parameters.text(source), begin, end, onlyReplayable);
  }

  private static @Nullable Reason reason(String code) {
    return Arrays.stream(Reason.values())
        .filter(reason -> reason.code().equals(code))
        .findFirst()
        .orElse(null);
  }

  private static @Nullable Place place(@Nullable String cursor) {
    if (Parameters.text(cursor) == null) {
      return null;
    }
    Matcher parts = CURSOR.matcher(cursor);
    if (!parts.matches()) {
      throw ProblemException.parameter("cursor", "must be next of the page before");
    }
    return new Place(Instant.ofEpochMilli(Long.parseLong(parts.group(1))), parts.group(2));
  }

  private static String cursorOf(DeadLetterItem item) {
    return item.arrival().toEpochMilli() + "-" + item.id();
  }
}
