package dev.taximeter.api.live;

import dev.taximeter.api.signin.Caller;
import dev.taximeter.api.signin.Tokens;
import dev.taximeter.api.web.ProblemException;
import dev.taximeter.api.web.ProblemType;
import dev.taximeter.api.web.Refuses;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Duration;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/** The live page's feed. */
@RestController
@Tag(name = "Live")
public final class LiveController {
  private static final Duration RETRY_AFTER = Duration.ofSeconds(30);

  private final LiveFeed feed;
  private final Tokens tokens;

  public LiveController(LiveFeed feed, Tokens tokens) {
    this.feed = feed;
    this.tokens = tokens;
  }

  @Operation(
      summary = "Follow what happens",
      description =
          """
          Server-sent events. Those named second come once a second: tokens, spend and lines of that \
          second, the latest lines with their fate, and the accounts that spent most. Those named \
          lines come as soon as there are new lines, and hold only those. The first draws the whole \
          page, so Last-Event-ID is accepted and not needed. It is for looking at: a client \
          that does not keep up is cut off, and what it missed is not sent again.\
          """,
      responses =
          @ApiResponse(
              responseCode = "200",
              description = "The stream; it ends with the token, and after twelve hours.",
              content =
                  @Content(
                      mediaType = MediaType.TEXT_EVENT_STREAM_VALUE,
                      schema = @Schema(type = "string"))))
  @Refuses(ProblemType.TOO_BUSY)
  @GetMapping(path = "/v1/live", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
  SseEmitter live(
      @Parameter(hidden = true) @RequestAttribute("dev.taximeter.api.signin.Caller")
          Caller caller) {
    SseEmitter emitter = feed.open(() -> tokens.isInForce(caller));
    if (emitter == null) {
      throw ProblemException.passing(
          ProblemType.TOO_BUSY,
          "%d live pages are open already.".formatted(LiveFeed.MOST_CLIENTS),
          RETRY_AFTER,
          null);
    }
    return emitter;
  }
}
