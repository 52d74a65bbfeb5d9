package dev.taximeter.standalone.doctor;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** Asks metering what an operator has to see to, although it may be at work. */
final class MeteringCheck {
  private static final String CHECK = "metering";
  private static final int TIMEOUT_MILLIS = 5_000;

  /** Metering names each thing once; more is a sign of another program at that port. */
  private static final int MOST_BYTES = 64 * 1024;

  /** Sentences that are shown; the rest is counted. */
  private static final int MOST_SHOWN = 5;

  private MeteringCheck() {}

  /**
   * @param problems address of metering's {@code GET /problems}
   * @param log of metering
   */
  static Finding of(URI problems, Path log) {
    try {
      HttpURLConnection connection =
          (HttpURLConnection) problems.toURL().openConnection(Proxy.NO_PROXY);
      connection.setConnectTimeout(TIMEOUT_MILLIS);
      connection.setReadTimeout(TIMEOUT_MILLIS);
      try {
        if (connection.getResponseCode() == HttpURLConnection.HTTP_OK) {
          return Finding.ok(CHECK, "Metering has nothing to complain of.");
        }
        return complaint(read(connection), log);
      } finally {
        connection.disconnect();
      }
    } catch (IOException e) {
      return Finding.failure(
          CHECK,
          "Metering does not answer: " + e.getMessage(),
          "Look into %s for why metering fails; the launcher restarts it meanwhile."
              .formatted(log));
    }
  }

  private static List<String> read(HttpURLConnection connection) throws IOException {
    try (InputStream body = connection.getErrorStream()) {
      return body == null
          ? List.of()
          : new String(body.readNBytes(MOST_BYTES), StandardCharsets.UTF_8)
              .lines()
              .filter(line -> !line.isBlank())
              .toList();
    }
  }

  private static Finding complaint(List<String> problems, Path log) {
    String shown = String.join("; ", problems.subList(0, Math.min(MOST_SHOWN, problems.size())));
    int rest = problems.size() - MOST_SHOWN;
    return Finding.warning(
        CHECK,
        "Metering says: %s%s.".formatted(shown, rest > 0 ? "; and %d more".formatted(rest) : ""),
        "See to what it names; what waits goes on by itself then. Details are in %s."
            .formatted(log));
  }
}
