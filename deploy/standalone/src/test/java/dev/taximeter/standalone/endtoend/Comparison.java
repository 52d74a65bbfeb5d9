package dev.taximeter.standalone.endtoend;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Counts figures that were compared, and keeps those that differ. Not thread-safe. */
final class Comparison {
  /** A defect makes thousands; the first ones are enough. */
  private static final int MOST_DIFFERENCES = 40;

  private final List<String> differences = new ArrayList<>();
  private long figures;

  long figures() {
    return figures;
  }

  List<String> differences() {
    return differences;
  }

  /** Numbers are equal if their values are; all else if it is equal. */
  void same(String what, Object expected, Object found) {
    figures++;
    boolean equal =
        expected instanceof BigDecimal one && found instanceof BigDecimal other
            ? one.compareTo(other) == 0
            : expected.equals(found);
    if (!equal && differences.size() < MOST_DIFFERENCES) {
      differences.add(what + ": expected " + expected + ", found " + found);
    }
  }

  /** Each of these texts stands for several figures. */
  void same(String what, List<String> expected, List<String> found, int figuresOfEach) {
    figures += (long) expected.size() * figuresOfEach;
    if (!expected.equals(found) && differences.size() < MOST_DIFFERENCES) {
      List<String> missing = new ArrayList<>(expected);
      found.forEach(missing::remove);
      List<String> surplus = new ArrayList<>(found);
      expected.forEach(surplus::remove);
      differences.add(what + ": missing " + missing + ", surplus " + surplus);
    }
  }

  /** Decimals must be text: anything else has been through floating point. */
  static BigDecimal decimal(JsonNode node, String field) {
    JsonNode value = node.path(field);
    if (!value.isString()) {
      throw new AssertionError(field + " is no decimal text in " + node);
    }
    return new BigDecimal(value.asString());
  }

  static String plain(BigDecimal value) {
    return value.signum() == 0 ? "0" : value.stripTrailingZeros().toPlainString();
  }
}
