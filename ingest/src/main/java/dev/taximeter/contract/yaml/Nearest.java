package dev.taximeter.contract.yaml;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Finds the valid value that somebody probably meant. */
public final class Nearest {
  /** Valid values listed when none is near. */
  private static final int MOST_LISTED = 8;

  /** Values longer than this are not compared. */
  private static final int LONGEST_COMPARED = 64;

  private Nearest() {}

  /**
   * @return the end of a sentence about a wrong value: the nearest valid one, or else the valid
   *     ones
   */
  public static String hint(String wrong, Collection<String> valid) {
    String nearest = of(wrong, valid);
    if (nearest != null) {
      return "; did you mean " + nearest + "?";
    }
    List<String> listed = new TreeSet<>(valid).stream().limit(MOST_LISTED).toList();
    if (listed.isEmpty()) {
      return "; there are none";
    }
    String rest = valid.size() > MOST_LISTED ? ", ..." : "";
    return "; valid are " + String.join(", ", listed) + rest;
  }

  /**
   * @return the valid value with the fewest edits, or null if none is near
   */
  public static @Nullable String of(String wrong, Collection<String> valid) {
    if (wrong.length() > LONGEST_COMPARED) {
      return null;
    }
    String best = null;
    int fewest = Math.max(2, wrong.length() / 3) + 1;
    for (String candidate : new TreeSet<>(valid)) {
      if (candidate.length() > LONGEST_COMPARED) {
        continue;
      }
      int edits = edits(wrong.toLowerCase(Locale.ROOT), candidate.toLowerCase(Locale.ROOT));
      if (edits < fewest && edits < candidate.length()) {
        fewest = edits;
        best = candidate;
      }
    }
    return best;
  }

  /** Levenshtein distance. */
  private static int edits(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substituted, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
