package dev.taximeter.parse;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The values of one line that may be believed, by role. A value that is not here must not be
 * guessed: the line does not have the field, or a client may have written it.
 */
final class LineFields {
  private final @Nullable byte[][] sources = new byte[Role.COUNT][];
  private final int[] froms = new int[Role.COUNT];
  private final int[] tos = new int[Role.COUNT];
  private AiLog aiLog = AiLog.without(AiLog.State.MISSING, -1);

  void put(Role role, byte[] source, int from, int to) {
    sources[role.ordinal()] = source;
    froms[role.ordinal()] = from;
    tos[role.ordinal()] = to;
  }

  void putAiLog(AiLog value) {
    aiLog = value;
  }

  AiLog aiLog() {
    return aiLog;
  }

  boolean knows(Role role) {
    return sources[role.ordinal()] != null;
  }

  /** Whether it is known that there is no value: {@code -}, nothing, or JSON's null. */
  boolean isAbsent(Role role) {
    byte[] source = sources[role.ordinal()];
    int from = froms[role.ordinal()];
    int length = tos[role.ordinal()] - from;
    return source != null && (length == 0 || length == 1 && source[from] == '-');
  }

  boolean is(Role role, byte[] value) {
    byte[] source = sources[role.ordinal()];
    return source != null && Bytes.equal(source, froms[role.ordinal()], tos[role.ordinal()], value);
  }

  boolean startsWith(Role role, byte[] value) {
    byte[] source = sources[role.ordinal()];
    return source != null
        && tos[role.ordinal()] - froms[role.ordinal()] >= value.length
        && Bytes.startsWith(source, froms[role.ordinal()], tos[role.ordinal()], value);
  }

  boolean endsWith(Role role, byte[] value) {
    byte[] source = sources[role.ordinal()];
    return source != null
        && Bytes.endsWith(source, froms[role.ordinal()], tos[role.ordinal()], value);
  }

  boolean contains(Role role, byte[] value) {
    byte[] source = sources[role.ordinal()];
    return source != null
        && Bytes.indexOf(source, froms[role.ordinal()], tos[role.ordinal()], value) >= 0;
  }

  /** The value's decimal digits as a number, or -1 if it is not known or no number. */
  long number(Role role) {
    byte[] source = sources[role.ordinal()];
    return source == null ? -1 : Numbers.digits(source, froms[role.ordinal()], tos[role.ordinal()]);
  }

  /** The value, leniently decoded; null if it is not known. */
  @Nullable String text(Role role) {
    byte[] source = sources[role.ordinal()];
    return source == null
        ? null
        : new String(
            source,
            froms[role.ordinal()],
            tos[role.ordinal()] - froms[role.ordinal()],
            StandardCharsets.UTF_8);
  }

  /** Applies a function to the bytes of a value that is known. */
  <T> @Nullable T read(Role role, ValueReader<T> reader) {
    byte[] source = sources[role.ordinal()];
    return source == null ? null : reader.read(source, froms[role.ordinal()], tos[role.ordinal()]);
  }

  /** Reads the bytes from {@code from} to before {@code to}. */
  interface ValueReader<T> {
    @Nullable T read(byte[] bytes, int from, int to);
  }
}
