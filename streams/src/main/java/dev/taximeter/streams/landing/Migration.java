package dev.taximeter.streams.landing;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One step of the schema. Two processes may take it at the same time, and it may be taken again
 * after a crash halfway, so each of its statements must change nothing the second time.
 *
 * @param version from 1, without gaps
 * @param name what it is about
 * @param checksum of its text: SHA-256, 64 hex digits
 */
record Migration(int version, String name, String checksum, List<String> statements) {
  private static final Pattern FILE = Pattern.compile("V(\\d{4})__([a-z0-9_]+)\\.sql");

  Migration {
    statements = List.copyOf(statements);
  }

  /**
   * @param file such as {@code V0001__usage.sql}
   * @param text statements that each end with a semicolon at the end of a line; lines that begin
   *     with two hyphens are comments
   * @throws IllegalArgumentException if the file is named otherwise, or a statement could not be
   *     repeated
   */
  static Migration parse(String file, String text) {
    Matcher parts = FILE.matcher(file);
    if (!parts.matches()) {
      throw new IllegalArgumentException(file + " is not named like V0001__usage.sql");
    }
    List<String> statements = new ArrayList<>();
    StringBuilder statement = new StringBuilder();
    for (String line : text.lines().toList()) {
      String code = line.stripTrailing();
      if (code.stripLeading().startsWith("--") || code.isBlank()) {
        continue;
      }
      boolean last = code.endsWith(";");
      statement.append(last ? code.substring(0, code.length() - 1) : code).append('\n');
      if (last) {
        statements.add(repeatable(file, statement.toString().strip()));
        statement.setLength(0);
      }
    }
    if (statement.length() > 0) {
      throw new IllegalArgumentException(file + " ends within a statement");
    }
    return new Migration(
        Integer.parseInt(parts.group(1)), parts.group(2), sha256(text), statements);
  }

  private static String repeatable(String file, String statement) {
    String upper = statement.toUpperCase(Locale.ROOT);
    // Our tables replace rows of equal keys, so a copy of rows is the same the second time.
    boolean copiesRows = upper.startsWith("INSERT INTO ") && upper.contains("\nSELECT ");
    if (copiesRows || upper.contains(" IF NOT EXISTS ") || upper.contains(" IF EXISTS ")) {
      return statement;
    }
    throw new IllegalArgumentException(
        "a statement of " + file + " says neither IF NOT EXISTS nor IF EXISTS");
  }

  private static String sha256(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java runtime has SHA-256", e);
    }
  }
}
