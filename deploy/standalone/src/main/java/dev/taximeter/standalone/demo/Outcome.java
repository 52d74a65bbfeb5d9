package dev.taximeter.standalone.demo;

import java.util.Random;

/** How a request at the invented gateway ends, and how often. */
enum Outcome {
  /** Answered normally; whatever the others leave of {@link #ALL}. */
  ANSWERED(9_214),
  /** The provider refuses with 429. */
  RATE_LIMITED(240),
  /** No healthy upstream: 503. */
  UNAVAILABLE(60),
  /** A key that the gateway does not know: 401. */
  REJECTED_KEY(50),
  /** The client hangs up before the usage arrives: leakage. */
  CLIENT_LEFT(90),
  /** The client hangs up, but the usage was already there. */
  CLIENT_LEFT_LATE(30),
  /** A good stream whose client switched off the usage event: leakage. */
  WITHOUT_USAGE(30),
  /** The first provider fails, another one answers: two lines. */
  FALLBACK(50),
  /** Answered from the gateway's cache. */
  CACHE_HIT(60),
  /** Refused by the gateway's content guard. */
  GUARDED(10),
  /** Answered, but nobody knows for whom: no key header. */
  WITHOUT_KEY(40),
  /** Answered for a key that the catalogue does not have. */
  UNKNOWN_KEY(40),
  /** A user agent that pretends a failure, to ride free. */
  TAMPERED(12),
  /** A client version that names somebody else's key, to let them pay. */
  FORGED_KEY(4),
  /** A load balancer's health check. */
  HEALTH_CHECK(60),
  /** Cut off by a full disk. */
  CUT(10);

  /** Sum of all odds. */
  private static final int ALL = 10_000;

  private final int odds;

  Outcome(int odds) {
    this.odds = odds;
  }

  static Outcome draw(Random random) {
    int ticket = random.nextInt(ALL);
    for (Outcome outcome : values()) {
      ticket -= outcome.odds;
      if (ticket < 0) {
        return outcome;
      }
    }
    throw new IllegalStateException("the odds must add up to " + ALL);
  }
}
