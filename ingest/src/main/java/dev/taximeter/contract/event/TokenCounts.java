package dev.taximeter.contract.event;

import dev.taximeter.contract.catalog.TokenClass;

/**
 * Token counts of one or many requests, in classes that do not overlap. Names follow OpenTelemetry
 * GenAI: {@link #inputTokens} includes cache reads and writes, {@link #outputTokens} includes
 * reasoning.
 *
 * @param input prompt tokens neither read from nor written to a cache, 0 or more
 * @param cachedInput prompt tokens read from a cache, 0 or more
 * @param cacheWrite prompt tokens written to a cache, 0 or more
 * @param output answer tokens that are not reasoning, 0 or more
 * @param reasoning reasoning tokens, 0 or more
 */
public record TokenCounts(
    long input, long cachedInput, long cacheWrite, long output, long reasoning) {
  public static final TokenCounts ZERO = new TokenCounts(0, 0, 0, 0, 0);

  public TokenCounts {
    if (input < 0 || cachedInput < 0 || cacheWrite < 0 || output < 0 || reasoning < 0) {
      throw new IllegalArgumentException("token counts must not be negative");
    }
  }

  /**
   * @return all prompt tokens, cached ones included
   */
  public long inputTokens() {
    return input + cachedInput + cacheWrite;
  }

  /**
   * @return all answer tokens, reasoning included
   */
  public long outputTokens() {
    return output + reasoning;
  }

  public long totalTokens() {
    return inputTokens() + outputTokens();
  }

  /**
   * @return the count of one class; 1 for {@link TokenClass#REQUEST}
   */
  public long of(TokenClass tokenClass) {
    return switch (tokenClass) {
      case INPUT -> input;
      case CACHED_INPUT -> cachedInput;
      case CACHE_WRITE -> cacheWrite;
      case OUTPUT -> output;
      case REASONING -> reasoning;
      case REQUEST -> 1;
    };
  }

  /**
   * @throws ArithmeticException if a sum exceeds a 64-bit number
   */
  public TokenCounts plus(TokenCounts other) {
    return new TokenCounts(
        Math.addExact(input, other.input),
        Math.addExact(cachedInput, other.cachedInput),
        Math.addExact(cacheWrite, other.cacheWrite),
        Math.addExact(output, other.output),
        Math.addExact(reasoning, other.reasoning));
  }

  /**
   * @throws IllegalArgumentException if a difference is negative
   */
  public TokenCounts minus(TokenCounts other) {
    return new TokenCounts(
        input - other.input,
        cachedInput - other.cachedInput,
        cacheWrite - other.cacheWrite,
        output - other.output,
        reasoning - other.reasoning);
  }
}
