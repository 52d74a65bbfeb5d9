package dev.taximeter.api.signin;

import dev.taximeter.api.web.ProblemException;
import dev.taximeter.api.web.ProblemType;
import dev.taximeter.api.web.Refuses;
import io.swagger.v3.oas.annotations.Hidden;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Lets a browser in by a code that a token was changed for, so that it never keeps the token. */
@RestController
@Tag(name = "Signing in")
public final class SignInController {
  private static final Duration CODE_LIFETIME = Duration.ofMinutes(10);
  private static final int MOST_CODES = 1_000;
  private static final int MOST_CODES_OF_ONE = 10;
  private static final int MOST_CHARACTERS = 128;

  private final Sessions sessions;
  private final OneTimeSecrets codes;

  public SignInController(Sessions sessions, Clock clock) {
    this.sessions = sessions;
    this.codes = new OneTimeSecrets(clock, CODE_LIFETIME, MOST_CODES, MOST_CODES_OF_ONE);
  }

  /** A fresh code. */
  @Schema(description = "A link that signs one browser in, once.")
  record SignInCode(
      @Schema(example = "vP0m8bq…") String code,
      @Schema(
              description = "Open this in the browser.",
              example = "http://127.0.0.1:8080/sign-in?code=vP0m8bq…")
          String url,
      @Schema(example = "2026-11-24T09:40:00Z") Instant expiresAt) {}

  @Operation(
      summary = "Make a sign-in link",
      description =
          "The link leads to a page with a button, which works once, within ten minutes, and opens"
              + " a session of twelve hours with the rights of the token, on this server's own"
              + " pages. The session ends when the token is revoked or expires.")
  @Refuses(ProblemType.FORBIDDEN)
  @PostMapping("/v1/sign-in-codes")
  @ResponseStatus(HttpStatus.CREATED)
  SignInCode create(
      HttpServletRequest request,
      @Parameter(hidden = true) @RequestAttribute("dev.taximeter.api.signin.Caller")
          Caller caller) {
    if (caller.means() == Caller.Means.SESSION) {
      throw ProblemException.of(
          ProblemType.FORBIDDEN,
          "A browser's session opens no other; make the link with Authorization: Bearer and a"
              + " token.");
    }
    OneTimeSecrets.Issued issued = codes.issue(caller);
    String url =
        "%s://%s/sign-in?code=%s"
            .formatted(request.getScheme(), request.getHeader(HttpHeaders.HOST), issued.secret());
    return new SignInCode(issued.secret(), url, issued.expiresAt());
  }

  /** Uses nothing up: links are also opened by programs that preview or check them. */
  @Hidden
  @GetMapping("/sign-in")
  void open(
      @RequestParam(name = "code", required = false) @Nullable String code,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    if (code == null || code.length() > MOST_CHARACTERS || codes.find(code) == null) {
      SignInPage.write(request, response, ProblemType.UNAUTHENTICATED.status());
      return;
    }
    SignInPage.writeButton(response, code);
  }

  @Hidden
  @PostMapping("/sign-in")
  void signIn(
      @RequestParam(name = "code", required = false) @Nullable String code,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    if (!OwnPages.isNoForeignForm(request)) {
      SignInPage.write(request, response, ProblemType.FORBIDDEN.status());
      return;
    }
    Caller caller = code == null || code.length() > MOST_CHARACTERS ? null : codes.redeem(code);
    if (caller == null) {
      SignInPage.write(request, response, ProblemType.UNAUTHENTICATED.status());
      return;
    }
    response.addHeader(
        HttpHeaders.SET_COOKIE, sessions.open(caller, request.isSecure()).toString());
    response.setHeader(HttpHeaders.LOCATION, "/");
    response.setStatus(HttpStatus.SEE_OTHER.value());
  }
}
