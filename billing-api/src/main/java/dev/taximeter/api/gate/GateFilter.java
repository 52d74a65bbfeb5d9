package dev.taximeter.api.gate;

import dev.taximeter.api.settings.GateSettings;
import dev.taximeter.api.web.Problem;
import dev.taximeter.api.web.ProblemType;
import dev.taximeter.api.web.Problems;
import dev.taximeter.contract.security.Fingerprinter;
import dev.taximeter.contract.security.GateIdentity;
import dev.taximeter.contract.security.KeyText;
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
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers what comes in on the gate's port, whatever its method and path: 200 with a header that
 * names the key, or 403 or 429 with a problem. Never 5xx, whatever fails: a gateway would take that
 * for an error of the gate and not for a decision. The key is forgotten with the request.
 */
public final class GateFilter extends HttpFilter {
  /** What the gateway logs instead of the key. */
  public static final String IDENTITY_HEADER = "x-taximeter-identity";

  /** Proves that a gateway asks. */
  public static final String CALLER_HEADER = "x-taximeter-gate";

  private static final Logger LOG = LoggerFactory.getLogger(GateFilter.class);
  private static final long serialVersionUID = 1;

  /**
   * The header's value if nobody is known: what a client has sent under that name must not stay. In
   * a log it names nobody.
   */
  private static final String NOBODY = "-";

  /** No key is longer; it is not even hashed. As in a line of the log. */
  private static final int MOST_KEY_CHARACTERS = 4_096;

  private static final int MOST_MODEL_CHARACTERS = 512;
  private static final long NOT_READY_RETRY_SECONDS = 1;

  private final transient Gate gate;
  private final transient GateListener listener;
  private final transient GateSettings settings;
  private final transient RootSecret secret;
  private final transient GateIdentity identity;
  private final transient GateObserver observer;
  private final transient Clock clock;

  public GateFilter(
      Gate gate,
      GateListener listener,
      GateSettings settings,
      RootSecret secret,
      GateObserver observer,
      Clock clock) {
    this.gate = gate;
    this.listener = listener;
    this.settings = settings;
    this.secret = secret;
    this.identity = GateSecrets.identity(settings.signingSecrets(), secret);
    this.observer = observer;
    this.clock = clock;
  }

  /**
   * The key that a request came with.
   *
   * @param texts readings of it: headers as they are, and what is common to them; empty if there is
   *     no key
   * @param ambiguous whether there are several keys, or one that is none
   */
  private record Sent(List<String> texts, boolean ambiguous) {
    static final Sent NOTHING = new Sent(List.of(), false);
    static final Sent AMBIGUOUS = new Sent(List.of(), true);
  }

  /**
   * What is answered.
   *
   * @param identity what the gateway logs if it may pass
   * @param outcome what it is counted as
   */
  private record Answer(Verdict verdict, String identity, GateOutcome outcome) {}

  /** Whether a request may pass, and what it is counted as. */
  private record Decision(Verdict verdict, GateOutcome outcome) {
    static Decision refused(Verdict.Reason reason) {
      return new Decision(Verdict.refused(reason), GateOutcome.refused(reason));
    }
  }

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    if (request.getLocalPort() != listener.port()) {
      chain.doFilter(request, response);
      return;
    }
    long begun = System.nanoTime();
    GateOutcome outcome = GateOutcome.STRANGER;
    if (isCaller(request)) {
      outcome = answer(request, response);
    } else {
      // Strangers keep no connection of the gateway's.
      response.setHeader("Connection", "close");
      Problems.write(
          response,
          Problem.of(
              ProblemType.FORBIDDEN,
              "Only a gateway may ask here, with its secret in %s.".formatted(CALLER_HEADER),
              List.of()));
    }
    observer.answered(outcome, Duration.ofNanos(System.nanoTime() - begun));
  }

  private boolean isCaller(HttpServletRequest request) {
    String expected = settings.callerSecret();
    String sent = request.getHeader(CALLER_HEADER);
    return expected == null
        || (sent != null
            && MessageDigest.isEqual(
                expected.getBytes(StandardCharsets.UTF_8), sent.getBytes(StandardCharsets.UTF_8)));
  }

  private GateOutcome answer(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    Instant now = clock.instant();
    Answer answer;
    try {
      answer = decide(request, now);
    } catch (RuntimeException defect) {
      // Without what was asked: it may hold a key.
      LOG.error("a check failed", defect);
      answer = new Answer(notReady().verdict(), NOBODY, GateOutcome.FAILED);
    }
    if (answer.verdict().allowed()) {
      response.setHeader(IDENTITY_HEADER, answer.identity());
    } else {
      refuse(response, answer.verdict(), now);
    }
    return answer.outcome();
  }

  private Answer decide(HttpServletRequest request, Instant now) {
    Sent sent = sent(request);
    String fingerprint = fingerprint(sent.texts());
    Decision decision = decide(sent, fingerprint, request, now);
    return new Answer(
        decision.verdict(),
        decision.verdict().allowed() && fingerprint != null
            ? identity.sign(fingerprint, now)
            : NOBODY,
        decision.outcome());
  }

  /** As metering reads it: what is registered as it stands counts first. */
  private @Nullable String fingerprint(List<String> texts) {
    Fingerprinter fingerprinter = new Fingerprinter(secret);
    String fingerprint = null;
    for (String text : texts) {
      fingerprint = fingerprinter.fingerprint(text);
      if (gate.knows(fingerprint)) {
        return fingerprint;
      }
    }
    return fingerprint;
  }

  private Decision decide(
      Sent sent, @Nullable String fingerprint, HttpServletRequest request, Instant now) {
    if (sent.ambiguous()) {
      return Decision.refused(Verdict.Reason.AMBIGUOUS_KEY);
    }
    if (!gate.ready()) {
      return notReady();
    }
    Verdict verdict =
        fingerprint == null
            ? Verdict.refused(Verdict.Reason.UNKNOWN_KEY)
            : gate.check(fingerprint, model(request), now);
    Verdict.Reason reason = verdict.reason();
    if (reason == Verdict.Reason.UNKNOWN_KEY && settings.unknownKeysPass()) {
      return new Decision(Verdict.PASS, GateOutcome.UNKNOWN_KEY_ALLOWED);
    }
    return new Decision(
        verdict, reason == null ? GateOutcome.ALLOWED : GateOutcome.refused(reason));
  }

  private Decision notReady() {
    return settings.passWhenNotReady()
        ? new Decision(Verdict.PASS, GateOutcome.NOT_READY_ALLOWED)
        : Decision.refused(Verdict.Reason.NOT_READY);
  }

  /** A second key could be the one that the gateway goes by, in whatever header. */
  private Sent sent(HttpServletRequest request) {
    Set<String> texts = new LinkedHashSet<>();
    String key = null;
    for (String header : settings.keyHeaders()) {
      for (String raw : Collections.list(request.getHeaders(header))) {
        // The server takes each byte for a character; the log's reader does not.
        String value = KeyText.of(raw.getBytes(StandardCharsets.ISO_8859_1));
        String bare = KeyText.bare(value);
        if (bare.isEmpty()) {
          continue;
        }
        if (value.length() > MOST_KEY_CHARACTERS || (key != null && !key.equals(bare))) {
          return Sent.AMBIGUOUS;
        }
        key = bare;
        texts.add(value);
      }
    }
    if (key == null) {
      return Sent.NOTHING;
    }
    texts.remove(key);
    texts.add(key);
    return new Sent(List.copyOf(texts), false);
  }

  /** {@return null if nobody says, or more than one is said: it may then be any} */
  private @Nullable String model(HttpServletRequest request) {
    List<String> models = Collections.list(request.getHeaders(settings.modelHeader()));
    String model = models.size() == 1 ? models.get(0).strip() : "";
    return model.isEmpty() || model.length() > MOST_MODEL_CHARACTERS ? null : model;
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
