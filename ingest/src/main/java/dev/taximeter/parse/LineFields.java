package dev.taximeter.parse;

import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The values of one line that may be believed, by role. A value that is not here must not be
 * guessed: the line does not have the field, or a client may have written it.
 */
final class LineFields {
  private final Map<Role, Value> values = new EnumMap<>(Role.class);
  private AiLog aiLog = AiLog.without(AiLog.State.MISSING, -1);

  /** A piece of a line, or of text decoded from it. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  private record Value(byte[] bytes, int from, int to) {
    boolean isAbsent() {
      return to == from || (to == from + 1 && bytes[from] == '-');
    }
  }

  void put(Role role, byte[] bytes, int from, int to) {
    values.put(role, new Value(bytes, from, to));
  }

  void putAiLog(AiLog value) {
    aiLog = value;
  }

  AiLog aiLog() {
    return aiLog;
  }

  boolean knows(Role role) {
    return values.containsKey(role);
  }

  /** Whether it is known that there is no value: {@code -}, nothing, or JSON's null. */
  boolean isAbsent(Role role) {
    Value value = values.get(role);
    return value != null && value.isAbsent();
  }

  boolean is(Role role, byte[] wanted) {
    Value value = values.get(role);
    return value != null && Bytes.equal(value.bytes, value.from, value.to, wanted);
  }

  boolean startsWith(Role role, byte[] wanted) {
    Value value = values.get(role);
    return value != null && Bytes.startsWith(value.bytes, value.from, value.to, wanted);
  }

  boolean endsWith(Role role, byte[] wanted) {
    Value value = values.get(role);
    return value != null && Bytes.endsWith(value.bytes, value.from, value.to, wanted);
  }

  boolean contains(Role role, byte[] wanted) {
    Value value = values.get(role);
    return value != null && Bytes.indexOf(value.bytes, value.from, value.to, wanted) >= 0;
  }

  /** The value's decimal digits as a number, or -1 if it is not known or no number. */
  long number(Role role) {
    Value value = values.get(role);
    return value == null ? -1 : Numbers.digits(value.bytes, value.from, value.to);
  }

  /** The value, leniently decoded; null if it is not known. */
  @Nullable String text(Role role) {
    return read(
        role, (bytes, from, to) -> new String(bytes, from, to - from, StandardCharsets.UTF_8));
  }

  /** Applies a function to the bytes of a value; null if it is not known. */
  <T> @Nullable T read(Role role, ValueReader<T> reader) {
    Value value = values.get(role);
    return value == null ? null : reader.read(value.bytes, value.from, value.to);
  }

  /** Reads the bytes from {@code from} to before {@code to}. */
  interface ValueReader<T> {
    @Nullable T read(byte[] bytes, int from, int to);
  }
}
