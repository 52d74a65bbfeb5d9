package dev.taximeter.contract.catalog;

import com.fasterxml.jackson.annotation.JsonValue;

/** What is counted and priced. Classes do not overlap: the sum of all is the whole. */
public enum TokenClass {
  /** Prompt tokens that were neither read from nor written to a cache. */
  INPUT("input"),
  /** Prompt tokens read from the provider's cache. */
  CACHED_INPUT("cachedInput"),
  /** Prompt tokens written to the provider's cache. */
  CACHE_WRITE("cacheWrite"),
  /** Answer tokens that are not reasoning. */
  OUTPUT("output"),
  /** Reasoning tokens. */
  REASONING("reasoning"),
  /** The request itself: quantity 1 for each billed line. */
  REQUEST("request");

  private final String code;

  TokenClass(String code) {
    this.code = code;
  }

  @JsonValue
  public String code() {
    return code;
  }
}
