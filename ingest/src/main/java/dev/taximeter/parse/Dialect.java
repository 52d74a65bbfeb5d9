package dev.taximeter.parse;

import dev.taximeter.contract.event.TokenCounts;

/** What an upstream's counts include. One class per protocol; stateless. */
abstract class Dialect {
  /** The name that settings use. */
  abstract String name();

  /** Sorts into classes what is reported; absent counts have become 0. */
  abstract Counted split(ReportedCounts reported);

  /**
   * Sorts reported counts into classes. Bills components, never a blind total; only if input and
   * output are both 0 and there is a total, the total is the input.
   */
  final Counted count(ReportedCounts reported) {
    ReportedCounts counts = reported.orZero();
    if (counts.input() == 0 && counts.output() == 0 && counts.total() > 0) {
      Parts input = Parts.of(counts.total(), counts.cacheRead(), counts.cacheWrite());
      return input.contradicting()
          ? new Counted(new TokenCounts(counts.total(), 0, 0, 0, 0), true, true)
          : new Counted(
              new TokenCounts(input.rest(), counts.cacheRead(), counts.cacheWrite(), 0, 0),
              false,
              true);
    }
    return split(counts);
  }

  /** Input that includes cache reads and writes, output that includes reasoning. */
  static Counted inclusive(
      long input, long cacheRead, long cacheWrite, long output, long reasoning) {
    Parts prompt = Parts.of(input, cacheRead, cacheWrite);
    Parts answer = Parts.of(output, reasoning, 0);
    return new Counted(
        new TokenCounts(prompt.rest(), cacheRead, cacheWrite, answer.rest(), reasoning),
        prompt.contradicting() || answer.contradicting(),
        false);
  }

  /**
   * Reasoning tokens whose name does not tell whether the output includes them: the total does.
   *
   * @return whether the total is the sum of input and output alone
   */
  static boolean totalProvesInclusion(ReportedCounts counts) {
    return counts.total() == counts.input() + counts.output();
  }

  /**
   * A whole without its parts. Parts above the whole prove that it does not include them.
   *
   * @param rest the whole without the parts, 0 or more
   */
  record Parts(long rest, boolean contradicting) {
    static Parts of(long whole, long part, long otherPart) {
      boolean contradicting = part + otherPart > whole;
      return new Parts(contradicting ? whole : whole - part - otherPart, contradicting);
    }
  }
}
