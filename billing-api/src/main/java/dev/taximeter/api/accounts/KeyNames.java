package dev.taximeter.api.accounts;

import dev.taximeter.api.web.ProblemException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a key may be called. */
public final class KeyNames {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9 _.@/:-]{0,99}");

  private KeyNames() {}

  /**
   * Checks a name.
   *
   * @param field the body's field that holds it
   * @return the name
   * @throws ProblemException if a key cannot be called so
   */
  public static String checked(String field, @Nullable String name) {
    if (name == null || !NAME.matcher(name).matches()) {
      throw ProblemException.field(
          field,
          "must be 1 to 100 letters, digits, spaces or _ . @ / : - and begin with a letter or"
              + " digit");
    }
    return name;
  }
}
