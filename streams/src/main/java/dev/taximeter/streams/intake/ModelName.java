package dev.taximeter.streams.intake;

import org.jspecify.annotations.Nullable;

/** Makes a model's name, which can be the client's word, fit for records, tables and pages. */
final class ModelName {
  /** What the gateway itself writes for a model it does not know. */
  private static final String UNKNOWN = "unknown";

  private static final int MOST_CHARACTERS = 200;

  private ModelName() {}

  /**
   * @return the name with control characters and halves of characters replaced, cut after 200
   *     characters; {@code unknown} if there is none
   */
  static String clean(@Nullable String name) {
    if (name == null || name.isBlank()) {
      return UNKNOWN;
    }
    if (name.length() <= MOST_CHARACTERS && name.chars().noneMatch(ModelName::needsCare)) {
      return name;
    }
    StringBuilder clean = new StringBuilder();
    name.codePoints()
        .limit(MOST_CHARACTERS)
        .map(character -> isWriteable(character) ? character : '\ufffd')
        .forEach(clean::appendCodePoint);
    return clean.toString();
  }

  private static boolean needsCare(int unit) {
    return Character.isISOControl(unit) || Character.isSurrogate((char) unit);
  }

  private static boolean isWriteable(int character) {
    return !Character.isISOControl(character)
        && Character.getType(character) != Character.SURROGATE;
  }
}
