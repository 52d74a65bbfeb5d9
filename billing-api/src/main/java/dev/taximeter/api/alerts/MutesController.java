package dev.taximeter.api.alerts;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.taximeter.api.accounts.AccountDirectory;
import dev.taximeter.api.signin.Caller;
import dev.taximeter.api.web.Listing;
import dev.taximeter.api.web.Page;
import dev.taximeter.api.web.Parameters;
import dev.taximeter.api.web.ProblemException;
import dev.taximeter.api.web.ProblemType;
import dev.taximeter.api.web.Refuses;
import dev.taximeter.contract.catalog.AlertKind;
import dev.taximeter.contract.event.AlertMark;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Keeps alerts from being sent for a while. They are still there to be read. */
@RestController
@Tag(name = "Alerts")
public final class MutesController {
  /** In force at once, of each account and of the installation: each alert is held against all. */
  static final int MOST_IN_FORCE = 100;

  private static final Duration LONGEST = Duration.ofDays(90);
  private static final int LONGEST_SUBJECT = 500;
  private static final Duration RETRY_AFTER = Duration.ofSeconds(2);

  private final Marks marks;
  private final AccountDirectory directory;
  private final Clock clock;

  public MutesController(Marks marks, AccountDirectory directory, Clock clock) {
    this.marks = marks;
    this.directory = directory;
    this.clock = clock;
  }

  @Schema(name = "Mute", description = "Alerts that are not sent for a while.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record MuteView(
      @Schema(example = "0f8fad5b-d9cb-469f-a165-70867728950e") String id,
      @Schema(description = "Whose alerts; absent: all.", example = "acme")
          @Nullable String account,
      @Schema(description = "What kind of alerts; absent: all.", example = "quota")
          @Nullable String kind,
      @Schema(
              description = "What they are about, such as a quota's id; absent: anything.",
              example = "acme-month")
          @Nullable String subject,
      @Schema(description = "When it began.") Instant since,
      @Schema(description = "When it ends, or ended.") Instant until,
      @Schema(description = "Whether it keeps alerts quiet now.") boolean inForce,
      @Schema(example = "admin") String author,
      @Schema(example = "moving house") String note) {
    static MuteView of(AlertMark mark, Instant now) {
      Instant until = mark.until() == null ? mark.at() : mark.until();
      AlertKind kind = mark.kind();
      return new MuteView(
          mark.id(),
          mark.account(),
          kind == null ? null : kind.code(),
          mark.subject(),
          mark.at(),
          until,
          until.isAfter(now),
          mark.author(),
          mark.note());
    }
  }

  @Schema(description = "One page of mutes, newest first unless asked otherwise.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record MutePage(
      List<MuteView> items,
      @Schema(description = "Pass as cursor for the next page; absent on the last.")
          @Nullable String next) {}

  @Schema(description = "What is not to be sent.")
  record NewMute(
      @Schema(
              description =
                  "Whose alerts; if absent: those of all accounts and of the installation.",
              example = "acme")
          @Nullable String account,
      @Schema(
              description = "What kind of alerts; absent: all.",
              allowableValues = {
                "quota",
                "balance-low",
                "balance-exhausted",
                "unpriced-model",
                "leakage",
                "tampering",
                "gap",
                "silent-source",
                "residual",
                "drift"
              },
              example = "quota")
          @Nullable String kind,
      @Schema(
              description =
                  "What they are about: a quota's id, or the subject of an incident; absent:"
                      + " anything.",
              example = "acme-month")
          @Nullable String subject,
      @Schema(description = "When it ends, within 90 days.") @Nullable Instant until,
      @Schema(description = "500 characters at most.", example = "moving house")
          @Nullable String note) {}

  @Operation(summary = "List mutes", description = "With those that have ended.")
  @Refuses(ProblemType.NOT_FOUND)
  @GetMapping("/v1/mutes")
  MutePage list(
      @Parameter(description = "Only those of this account.", example = "acme")
          @RequestParam(name = "account", required = false)
          @Nullable String account,
      @Parameter(hidden = true) @Listing.By(value = "beginning", descending = true)
          Listing listing) {
    String only = account == null ? null : directory.account(account).id();
    Page<AlertMark> page =
        Page.of(
            marks.mutes().stream().filter(mark -> only == null || only.equals(mark.account())),
            mark -> "%015d %s".formatted(mark.at().toEpochMilli(), mark.id()),
            listing);
    Instant now = clock.instant();
    return new MutePage(page.shown(mark -> MuteView.of(mark, now)), page.next());
  }

  @Operation(
      summary = "Mute alerts for a while",
      description =
          """
          Alerts that match and are decided while it is in force are not sent: recipients' \
          deliveries show them as muted. They are not sent afterwards, either, but by hand. Who was \
          told that something began is told that it is over, muted or not.""")
  @Refuses({ProblemType.NOT_FOUND, ProblemType.NOT_POSSIBLE})
  @PostMapping("/v1/mutes")
  @ResponseStatus(HttpStatus.CREATED)
  MuteView create(
      @RequestBody NewMute body,
      @Parameter(hidden = true) @RequestAttribute("dev.taximeter.api.signin.Caller")
          Caller caller) {
    Instant now = clock.instant();
    String account = accountOf(Parameters.text(body.account()));
    Instant until = body.until();
    if (until == null || !until.isAfter(now) || until.isAfter(now.plus(LONGEST))) {
      throw ProblemException.field(
          "until", "must be later than now, by %d days at most".formatted(LONGEST.toDays()));
    }
    String subject = Parameters.text(body.subject());
    if (subject != null && subject.length() > LONGEST_SUBJECT) {
      throw ProblemException.field(
          "subject", "may have at most %d characters".formatted(LONGEST_SUBJECT));
    }
    long inForce =
        marks.mutes().stream()
            .filter(mark -> mark.until() != null && mark.until().isAfter(now))
            .filter(
                mark -> account == null ? mark.account() == null : account.equals(mark.account()))
            .count();
    if (inForce >= MOST_IN_FORCE) {
      throw ProblemException.of(
          ProblemType.NOT_POSSIBLE,
          "There are %d mutes in force already; end some of them.".formatted(MOST_IN_FORCE));
    }
    AlertMark mark =
        new AlertMark(
            AlertMark.Type.MUTE,
            UUID.randomUUID().toString(),
            account,
            kindOf(body.kind()),
            subject,
            now,
            until,
            caller.name(),
            Parameters.note("note", body.note()));
    keep(marks, mark);
    return MuteView.of(mark, now);
  }

  private @Nullable String accountOf(@Nullable String asked) {
    return asked == null ? null : directory.account(asked).id();
  }

  private static @Nullable AlertKind kindOf(@Nullable String code) {
    if (code == null) {
      return null;
    }
    return AlertKind.of(code)
        .filter(kind -> kind != AlertKind.TEST)
        .orElseThrow(
            () -> ProblemException.field("kind", "must be a kind of alert, such as quota or gap"));
  }

  @Operation(summary = "End a mute", description = "Now. Ending it again changes nothing.")
  @Refuses({ProblemType.NOT_FOUND, ProblemType.FORBIDDEN, ProblemType.NOT_ACKNOWLEDGED})
  @PostMapping("/v1/mutes/{mute}/end")
  MuteView end(
      @Parameter(description = "Id of the mute.", example = "0f8fad5b-d9cb-469f-a165-70867728950e")
          @PathVariable("mute")
          String id) {
    Instant now = clock.instant();
    AlertMark mark =
        marks.mutes().stream()
            .filter(known -> known.id().equals(id))
            .findFirst()
            .orElseThrow(
                () ->
                    ProblemException.of(
                        ProblemType.NOT_FOUND, "There is no such mute; GET /v1/mutes lists all."));
    if (mark.until() != null && mark.until().isAfter(now)) {
      mark = mark.ended(now);
      keep(marks, mark);
    }
    return MuteView.of(mark, now);
  }

  static void keep(Marks marks, AlertMark mark) {
    if (!marks.write(mark)) {
      throw ProblemException.passing(
          ProblemType.NOT_ACKNOWLEDGED,
          "It could not be kept in time; is Kafka running? It is safe to send the same again.",
          RETRY_AFTER,
          null);
    }
  }
}
