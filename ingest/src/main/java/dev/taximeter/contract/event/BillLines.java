package dev.taximeter.contract.event;

import dev.taximeter.contract.catalog.PriceEntry;
import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.event.AccountState.BillLine;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The lines of a month, and how a bill shows them. Clients choose the names of models, so a month
 * has room for a number of lines of models only; what comes beyond stands on the lines of price
 * entries. Which models come first depends on the order of arrival, and a bill must not. So the
 * bill of a month without room shows no models: all of its lines are those of entries. Prices of
 * models are flat, hence that changes no amount.
 */
public final class BillLines {
  /** With some room for lines of entries it is a thousand; these are some 200 kB. */
  public static final int MOST_OF_MODELS = 995;

  /** {@link PriceEntry#version()}, and what may follow it. */
  private static final Pattern OF_ENTRY =
      Pattern.compile("[^:]+:(.+):[-+]?\\d{4,}-\\d\\d-\\d\\dT[0-9:.]+Z:v\\d+(?::[^:]+)*");

  private record Key(String model, TokenClass tokenClass, String priceVersion) {}

  private BillLines() {}

  /** Whether the line is of one model among several that a price entry matches. */
  public static boolean isOfModel(String model, String priceVersion) {
    return !pattern(model, priceVersion).equals(model);
  }

  private static String pattern(String model, String priceVersion) {
    Matcher entry = OF_ENTRY.matcher(priceVersion);
    return entry.matches() ? entry.group(1) : model;
  }

  /** Whether no further model of the month has a line of its own. */
  public static boolean areFull(List<BillLine> lines) {
    return lines.size() >= MOST_OF_MODELS
        && lines.stream().filter(line -> isOfModel(line.model(), line.priceVersion())).count()
            >= MOST_OF_MODELS;
  }

  /** As a bill shows them: of entries only if the month is full, else as they are. */
  public static List<BillLine> shown(List<BillLine> lines) {
    return areFull(lines) ? ofEntries(lines) : lines;
  }

  /** All models of a price entry together; what comes to nothing is left out. */
  public static List<BillLine> ofEntries(List<BillLine> lines) {
    Map<Key, BillLine> together = new LinkedHashMap<>();
    for (BillLine line : lines) {
      String pattern = pattern(line.model(), line.priceVersion());
      together.merge(
          new Key(pattern, line.tokenClass(), line.priceVersion()),
          new BillLine(
              pattern, line.tokenClass(), line.priceVersion(), line.quantity(), line.amount()),
          BillLines::plus);
    }
    List<BillLine> shown = new ArrayList<>(together.values());
    shown.removeIf(line -> line.quantity() == 0 && line.amount().signum() == 0);
    return shown;
  }

  private static BillLine plus(BillLine one, BillLine other) {
    return new BillLine(
        one.model(),
        one.tokenClass(),
        one.priceVersion(),
        Math.addExact(one.quantity(), other.quantity()),
        one.amount().add(other.amount()));
  }
}
