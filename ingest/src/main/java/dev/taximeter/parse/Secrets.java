package dev.taximeter.parse;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * Keys of clients where they do not belong: models and request ids are kept, and written by them.
 */
final class Secrets {
  /** A shorter key is a name, or part of other words by chance, and no secret. */
  static final int LEAST_LENGTH = 16;

  static final String MASK = "***";

  /** How keys of well-known kinds begin. Names may, too: what follows tells. */
  private static final String[] BEGINNINGS = {
    "sk-", "sk_", "pk-", "pk_", "rk-", "rk_", "eyJ", "AIza", "AKIA", "xai-", "gsk_", "hf_", "ghp_"
  };

  /** What an {@code Authorization} header begins with, in any case. */
  private static final String[] SCHEMES = {"bearer ", "basic ", "apikey ", "token "};

  private static final String BASIC = "basic ";

  /** ASCII characters that one of them begins with: every line is searched. */
  private static final boolean[] FIRST = new boolean[128];

  static {
    for (String beginning : BEGINNINGS) {
      FIRST[beginning.charAt(0)] = true;
    }
    for (String scheme : SCHEMES) {
      FIRST[scheme.charAt(0)] = true;
      FIRST[Character.toUpperCase(scheme.charAt(0))] = true;
    }
  }

  /** Characters that follow a scheme at least. */
  private static final int LEAST_REST = 8;

  private static final int LONGEST_SCHEME = 20;

  /** So many letters and digits in a row, of both kinds, are in no name that people have made. */
  private static final int TELLING_RUN = 20;

  private Secrets() {}

  /**
   * What of a header's value is secret, and may stand elsewhere without the rest.
   *
   * @return with the scheme of an {@code Authorization} header, whatever its case, only what
   *     follows it; of a user's name and password in Base64 the password, too; of what is no UTF-8
   *     also how it looks in other texts of the line
   */
  static List<String> of(String header) {
    List<String> secrets = parts(header);
    String replaced = Bytes.replaced(header);
    if (replaced.equals(header)) {
      return secrets;
    }
    List<String> both = new ArrayList<>(secrets);
    both.addAll(parts(replaced));
    return both;
  }

  private static List<String> parts(String header) {
    int blank = header.indexOf(' ');
    if (blank <= 0 || blank > LONGEST_SCHEME || !isScheme(header, blank)) {
      return List.of(header);
    }
    String rest = header.substring(blank).strip();
    if (rest.isEmpty()) {
      return List.of(header);
    }
    List<String> secrets = new ArrayList<>();
    secrets.add(rest);
    if (header.regionMatches(true, 0, BASIC, 0, BASIC.length())) {
      addPassword(rest, secrets);
    }
    return secrets;
  }

  private static boolean isScheme(String header, int end) {
    for (int i = 0; i < end; i++) {
      if (!Character.isLetterOrDigit(header.charAt(i)) && header.charAt(i) != '-') {
        return false;
      }
    }
    return true;
  }

  private static void addPassword(String encoded, List<String> secrets) {
    try {
      String decoded = new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
      String password = decoded.substring(decoded.indexOf(':') + 1);
      if (!password.isEmpty()) {
        secrets.add(password);
      }
    } catch (IllegalArgumentException e) {
      // No Base64: then nothing is hidden in it.
    }
  }

  /** Whether a text could be a key and no name that people have made. */
  static boolean looksLikeKey(String text) {
    return hasTellingRun(text, 0, text.length());
  }

  private static boolean hasTellingRun(String text, int from, int to) {
    int run = 0;
    boolean letters = false;
    boolean digits = false;
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if (!Character.isLetterOrDigit(c)) {
        run = 0;
        letters = false;
        digits = false;
        continue;
      }
      run++;
      letters |= Character.isLetter(c);
      digits |= Character.isDigit(c);
      if (run >= TELLING_RUN && letters && digits) {
        return true;
      }
    }
    return false;
  }

  /** The text with what looks like a key of a well-known kind replaced. */
  static String masked(String text) {
    StringBuilder masked = null;
    int kept = 0;
    for (int i = 0; i + LEAST_REST < text.length(); i++) {
      char first = text.charAt(i);
      boolean begins =
          first < FIRST.length
              && FIRST[first]
              && (i == 0 || !Character.isLetterOrDigit(text.charAt(i - 1)));
      int end = begins ? endOfKey(text, i) : -1;
      if (end > 0) {
        masked = masked == null ? new StringBuilder() : masked;
        masked.append(text, kept, i).append(MASK);
        kept = end;
        i = end - 1;
      }
    }
    return masked == null ? text : masked.append(text, kept, text.length()).toString();
  }

  /** Where a key ends that begins here; -1 if none does. */
  private static int endOfKey(String text, int at) {
    for (String beginning : BEGINNINGS) {
      if (text.startsWith(beginning, at)) {
        return endOfWellKnown(text, at);
      }
    }
    for (String scheme : SCHEMES) {
      if (text.regionMatches(true, at, scheme, 0, scheme.length())) {
        return endOfRest(text, at + scheme.length());
      }
    }
    return -1;
  }

  /**
   * Names of models begin so, too ({@code xai-org/grok-2}, {@code sk-team-gpt-4o}): a key goes on
   * with a telling run before any character that it has not. A beginning of letters is part of it.
   */
  private static int endOfWellKnown(String text, int at) {
    int end = at;
    while (end < text.length() && isOfBody(text.charAt(end))) {
      end++;
    }
    return hasTellingRun(text, at, end) ? endOfKeyCharacters(text, end) : -1;
  }

  private static int endOfRest(String text, int from) {
    int end = endOfKeyCharacters(text, from);
    return end - from >= LEAST_REST ? end : -1;
  }

  private static int endOfKeyCharacters(String text, int from) {
    int end = from;
    while (end < text.length() && isOfKey(text.charAt(end))) {
      end++;
    }
    return end;
  }

  private static boolean isOfBody(char c) {
    return Character.isLetterOrDigit(c) || c == '_' || c == '-';
  }

  private static boolean isOfKey(char c) {
    return Character.isLetterOrDigit(c) || "_-.~+/=".indexOf(c) >= 0;
  }
}
