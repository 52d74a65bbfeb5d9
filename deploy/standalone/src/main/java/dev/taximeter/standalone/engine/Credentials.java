package dev.taximeter.standalone.engine;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The two users of the endpoint; the embedded engine itself knows none. */
final class Credentials {
  private static final String WRITER = "taximeter";
  private static final String READER = "taximeter_reader";
  private static final String BASIC = "Basic ";

  private final byte[] writer;
  private final byte[] reader;

  Credentials(String writerPassword, String readerPassword) {
    this.writer = bytes(WRITER, writerPassword);
    this.reader = bytes(READER, readerPassword);
  }

  enum Role {
    WRITER,
    READER
  }

  /**
   * @param authorization the header's value
   * @return empty if nobody has these credentials
   */
  Optional<Role> role(@Nullable String authorization) {
    if (authorization == null || !authorization.startsWith(BASIC)) {
      return Optional.empty();
    }
    byte[] given;
    try {
      given = Base64.getDecoder().decode(authorization.substring(BASIC.length()).strip());
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
    // Both are compared, and each in constant time, so that the time taken tells nothing.
    boolean isWriter = MessageDigest.isEqual(writer, given);
    boolean isReader = MessageDigest.isEqual(reader, given);
    return isWriter
        ? Optional.of(Role.WRITER)
        : isReader ? Optional.of(Role.READER) : Optional.empty();
  }

  private static byte[] bytes(String user, String password) {
    return (user + ":" + password).getBytes(StandardCharsets.UTF_8);
  }
}
