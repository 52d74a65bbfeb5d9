package dev.taximeter.api.gate;

import dev.taximeter.api.settings.GateSettings;
import dev.taximeter.api.web.Problem;
import dev.taximeter.api.web.ProblemType;
import dev.taximeter.api.web.Problems;
import dev.taximeter.contract.security.Fingerprinter;
import dev.taximeter.contract.security.GateIdentity;
import dev.taximeter.contract.security.RootSecret;
import dev.taximeter.contract.settings.GateSecrets;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers what comes in on the gate's port, whatever its method and path: 200 with a header that
 * names the key, or 403 or 429 with a problem. Never 5xx: a gateway would take that for an error of
 * the gate and not for a decision. The key is forgotten with the request.
 */
public final class GateFilter extends HttpFilter {
  /** What the gateway logs instead of the key. */
  public static final String IDENTITY_HEADER = "x-taximeter-identity";

  /** Proves that a gateway asks. */
  public static final String CALLER_HEADER = "x-taximeter-gate";

  private static final Logger LOG = LoggerFactory.getLogger(GateFilter.class);
  private static final long serialVersionUID = 1;
  private static final String AUTHORIZATION = "authorization";
  private static final String SCHEME = "Bearer ";

  /** No key is longer; it is not even hashed. As in a line of the log. */
  private static final int MOST_KEY_CHARACTERS = 4_096;

  private static final int MOST_MODEL_CHARACTERS = 512;
  private static final long NOT_READY_RETRY_SECONDS = 1;

  private final transient Gate gate;
  private final transient GateListener listener;
  private final transient GateSettings settings;
  private final transient RootSecret secret;
  private final transient GateIdentity identity;
  private final transient Clock clock;

  public GateFilter(
      Gate gate, GateListener listener, GateSettings settings, RootSecret secret, Clock clock) {
    this.gate = gate;
    this.listener = listener;
    this.settings = settings;
    this.secret = secret;
    this.identity = GateSecrets.identity(settings.signingSecrets(), secret);
    this.clock = clock;
  }

  /** Which key a request came with. */
  private record Sent(@Nullable String fingerprint, boolean ambiguous) {}

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    if (request.getLocalPort() != listener.port()) {
      chain.doFilter(request, response);
    } else if (isCaller(request)) {
      answer(request, response);
    } else {
      Problems.write(
          response,
          Problem.of(
              ProblemType.FORBIDDEN,
              "Only a gateway may ask here, with its secret in %s.".formatted(CALLER_HEADER),
              List.of()));
    }
  }

  private boolean isCaller(HttpServletRequest request) {
    String expected = settings.callerSecret();
    String sent = request.getHeader(CALLER_HEADER);
    return expected == null
        || (sent != null
            && MessageDigest.isEqual(
                expected.getBytes(StandardCharsets.UTF_8), sent.getBytes(StandardCharsets.UTF_8)));
  }

  private void answer(HttpServletRequest request, HttpServletResponse response) throws IOException {
    Instant now = clock.instant();
    Sent sent = sent(request);
    Verdict verdict;
    try {
      verdict = verdict(sent, request, now);
    } catch (RuntimeException defect) {
      // Without what was asked: it may hold a key.
      LOG.error("a check failed", defect);
      verdict = notReady();
    }
    String fingerprint = sent.fingerprint();
    if (!verdict.allowed()) {
      refuse(response, verdict, now);
    } else if (fingerprint != null) {
      response.setHeader(IDENTITY_HEADER, identity.sign(fingerprint, now));
    }
  }

  private Verdict verdict(Sent sent, HttpServletRequest request, Instant now) {
    if (sent.ambiguous()) {
      return Verdict.refused(Verdict.Reason.AMBIGUOUS_KEY);
    }
    if (!gate.ready()) {
      return notReady();
    }
    String fingerprint = sent.fingerprint();
    Verdict verdict =
        fingerprint == null
            ? Verdict.refused(Verdict.Reason.UNKNOWN_KEY)
            : gate.check(fingerprint, model(request), now);
    return verdict.reason() == Verdict.Reason.UNKNOWN_KEY && settings.unknownKeysPass()
        ? Verdict.PASS
        : verdict;
  }

  private Verdict notReady() {
    return settings.passWhenNotReady() ? Verdict.PASS : Verdict.refused(Verdict.Reason.NOT_READY);
  }

  /** A second key could be the one that the gateway goes by. */
  private Sent sent(HttpServletRequest request) {
    for (String header : settings.keyHeaders()) {
      List<String> values = Collections.list(request.getHeaders(header));
      if (values.size() > 1) {
        return new Sent(null, true);
      }
      String key = values.isEmpty() ? null : key(header, values.get(0));
      if (key != null) {
        return new Sent(new Fingerprinter(secret).fingerprint(key), false);
      }
    }
    return new Sent(null, false);
  }

  private static @Nullable String key(String header, String value) {
    boolean scheme =
        header.equals(AUTHORIZATION) && value.regionMatches(true, 0, SCHEME, 0, SCHEME.length());
    String key = (scheme ? value.substring(SCHEME.length()) : value).strip();
    return key.isEmpty() || key.length() > MOST_KEY_CHARACTERS ? null : key;
  }

  private @Nullable String model(HttpServletRequest request) {
    String model = request.getHeader(settings.modelHeader());
    return model == null || model.length() > MOST_MODEL_CHARACTERS ? null : model;
  }

  private static void refuse(HttpServletResponse response, Verdict verdict, Instant now)
      throws IOException {
    Verdict.Reason reason = verdict.reason();
    if (reason == null) {
      throw new IllegalArgumentException("nothing to refuse");
    }
    String detail = reason.sentence();
    if (reason == Verdict.Reason.QUOTA_REACHED) {
      detail += " It is %s; usage goes on at %s.".formatted(verdict.quota(), verdict.until());
    }
    Problems.write(
        response,
        Problem.of(reason.type(), detail, List.of()),
        reason == Verdict.Reason.NOT_READY
            ? Long.valueOf(NOT_READY_RETRY_SECONDS)
            : verdict.retryAfterSeconds(now));
  }
}
