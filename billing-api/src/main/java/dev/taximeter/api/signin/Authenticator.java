package dev.taximeter.api.signin;

import dev.taximeter.api.web.Problem;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** One way to prove who asks. */
interface Authenticator {
  /** Whether the request carries this kind of proof, valid or not. */
  boolean concerns(HttpServletRequest request);

  /**
   * Checks the proof.
   *
   * @return the caller, or null if the proof is missing or worth nothing
   */
  @Nullable Caller authenticate(HttpServletRequest request);

  /** {@return whether everything is known that a proof is compared with} */
  boolean complete();

  /** {@return what is wrong with the proof, or why nobody can say now; never quotes it} */
  Problem refusal(HttpServletRequest request);

  /** {@return when the same proof may be worth something, if the refusal passes by itself} */
  default Duration retryAfter(HttpServletRequest request) {
    return Duration.ofSeconds(1);
  }
}
