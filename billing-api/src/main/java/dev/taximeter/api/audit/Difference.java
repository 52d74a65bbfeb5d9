package dev.taximeter.api.audit;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Something that is not as the events say.
 *
 * @param check name of the check that found it
 * @param account the account concerned; empty if it concerns none in particular
 * @param subject what is different
 * @param expected what follows from the events
 * @param actual what was found instead
 */
public record Difference(
    String check, String account, String subject, String expected, String actual) {
  private static final Pattern NUMBER = Pattern.compile("-?\\d+(?:\\.\\d+)?");

  /**
   * What stays the same when the same difference is seen again on a system that has moved on: all
   * but the numbers, of which only the distances stay.
   */
  List<Object> identity() {
    List<BigDecimal> wanted = numbers(expected);
    List<BigDecimal> found = numbers(actual);
    if (wanted.isEmpty() || wanted.size() != found.size()) {
      return List.of(check, account, subject, expected, actual);
    }
    List<Object> identity = new ArrayList<>(List.of(check, account, subject));
    for (int i = 0; i < wanted.size(); i++) {
      identity.add(found.get(i).subtract(wanted.get(i)).stripTrailingZeros());
    }
    return identity;
  }

  @Override
  public String toString() {
    String where = account.isEmpty() ? subject : account + ": " + subject;
    return "%s: %s: expected %s, found %s".formatted(check, where, expected, actual);
  }

  private static List<BigDecimal> numbers(String text) {
    List<BigDecimal> numbers = new ArrayList<>();
    Matcher matcher = NUMBER.matcher(text);
    while (matcher.find()) {
      numbers.add(new BigDecimal(matcher.group()));
    }
    return numbers;
  }
}
