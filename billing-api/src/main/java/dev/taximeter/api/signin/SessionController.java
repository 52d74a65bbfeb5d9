package dev.taximeter.api.signin;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.taximeter.api.settings.ApiSettings;
import dev.taximeter.contract.catalog.AccessToken.Role;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RestController;

/** Tells callers who they are, so that a page shows only what its reader may see and do. */
@RestController
@Tag(name = "Signing in")
public final class SessionController {
  private final Sessions sessions;
  private final boolean demonstration;

  public SessionController(Sessions sessions, ApiSettings settings) {
    this.sessions = sessions;
    this.demonstration = settings.demonstration() != null;
  }

  @Schema(name = "Session", description = "Who asks, and what they may do.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record View(
      @Schema(description = "The token's name.", example = "finance") String name,
      @Schema(
              type = "string",
              allowableValues = {"administrator", "billing", "viewer"},
              example = "billing")
          String role,
      @Schema(description = "The one account that the caller sees; absent: all.", example = "acme")
          @Nullable String account,
      @Schema(description = "When the token ends; absent: never.") @Nullable Instant expiresAt,
      @Schema(
              description =
                  "Whether this is a demonstration, whose parts may be broken on purpose.")
          boolean demonstration) {}

  /** Nothing to say but that it is done. */
  @Schema(name = "SignedOut", description = "The session has ended.")
  record SignedOut(
      @Schema(description = "Always true; ending it again changes nothing.", example = "true")
          boolean ended) {}

  @Operation(
      summary = "Who am I?",
      description = "The name and the rights of the token, or of the session made with it.")
  @GetMapping("/v1/session")
  View read(
      @Parameter(hidden = true) @RequestAttribute("dev.taximeter.api.signin.Caller")
          Caller caller) {
    return new View(
        caller.name(),
        caller.role().code(),
        caller.account(),
        caller.expiresAt(),
        demonstration && caller.role() == Role.ADMINISTRATOR);
  }

  @Operation(
      summary = "Sign this browser out",
      description = "Ends the browser session that the request came with; a token stays as it is.")
  @PostMapping("/v1/session/end")
  ResponseEntity<SignedOut> end(HttpServletRequest request) {
    sessions.end(request);
    return ResponseEntity.ok()
        .header(HttpHeaders.SET_COOKIE, Sessions.forgotten().toString())
        .body(new SignedOut(true));
  }
}
