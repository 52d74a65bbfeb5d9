package dev.taximeter.ship;

import dev.taximeter.contract.gateway.LineFormat;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;

/** Writes lines as collectors do. */
final class WrappedLines {
  private static final String INSTANT = "2026-11-03T08:14:05.123456789Z";

  private WrappedLines() {}

  /**
   * @param stream ignored by formats without streams
   * @param last whether the content ends a line
   */
  static byte[] piece(LineFormat format, String stream, byte[] content, boolean last) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    switch (format) {
      case PLAIN -> {}
      case TIMESTAMP -> out.writeBytes(ascii(INSTANT + "\t"));
      case CRI -> out.writeBytes(ascii(INSTANT + " " + stream + " " + (last ? "F " : "P ")));
      case DOCKER_JSON -> {
        out.writeBytes(ascii("{\"log\":\""));
        for (byte octet : content) {
          switch (octet) {
            case '"', '\\' -> out.writeBytes(new byte[] {'\\', octet});
            case '\t' -> out.writeBytes(ascii("\\t"));
            case '<' -> out.writeBytes(ascii("\\u003c"));
            default -> out.write(octet);
          }
        }
        out.writeBytes(ascii(last ? "\\n\"," : "\","));
        out.writeBytes(ascii("\"stream\":\"" + stream + "\",\"attrs\":{\"tag\":[1,{}]},"));
        out.writeBytes(ascii("\"time\":\"" + INSTANT + "\"}\n"));
        return out.toByteArray();
      }
    }
    out.writeBytes(content);
    out.write('\n');
    return out.toByteArray();
  }

  /** A line in random pieces, one after another. */
  static List<byte[]> pieces(LineFormat format, String stream, byte[] line, Random random) {
    if (format == LineFormat.PLAIN || format == LineFormat.TIMESTAMP) {
      return List.of(piece(format, stream, line, true));
    }
    List<byte[]> pieces = new java.util.ArrayList<>();
    int at = 0;
    for (int cuts = random.nextInt(4); cuts > 0; cuts--) {
      int to = at + random.nextInt(line.length - at + 1);
      pieces.add(piece(format, stream, java.util.Arrays.copyOfRange(line, at, to), false));
      at = to;
    }
    pieces.add(piece(format, stream, java.util.Arrays.copyOfRange(line, at, line.length), true));
    return pieces;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
