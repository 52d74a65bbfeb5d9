package dev.taximeter.contract.rating;

/**
 * The model of a price entry: an exact name, or a glob in which {@code *} stands for any
 * characters.
 *
 * @param text as the catalogue has it
 */
record ModelPattern(String text) {
  private static final char ANY = '*';

  boolean isExact() {
    return text.indexOf(ANY) < 0;
  }

  /**
   * @return characters before the first {@code *}: the longer, the more specific
   */
  int literalPrefix() {
    int first = text.indexOf(ANY);
    return first < 0 ? text.length() : first;
  }

  /** Runs in time proportional to the two lengths multiplied, whatever the pattern. */
  boolean matches(String model) {
    int inPattern = 0;
    int inModel = 0;
    int lastStar = -1;
    int resumeAt = 0;
    while (inModel < model.length()) {
      if (inPattern < text.length() && text.charAt(inPattern) == ANY) {
        lastStar = inPattern++;
        resumeAt = inModel;
      } else if (inPattern < text.length() && text.charAt(inPattern) == model.charAt(inModel)) {
        inPattern++;
        inModel++;
      } else if (lastStar >= 0) {
        inPattern = lastStar + 1;
        inModel = ++resumeAt;
      } else {
        return false;
      }
    }
    while (inPattern < text.length() && text.charAt(inPattern) == ANY) {
      inPattern++;
    }
    return inPattern == text.length();
  }
}
