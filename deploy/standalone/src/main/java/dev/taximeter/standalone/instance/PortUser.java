package dev.taximeter.standalone.instance;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Tells which process listens on a port, where the operating system tells that at all. */
final class PortUser {
  private static final String NOBODY_KNOWN = "another program";
  private static final Path PROC = Path.of("/proc");
  private static final List<String> TABLES = List.of("net/tcp", "net/tcp6");
  private static final String LISTENING = "0A";

  /** Columns of a table, after the spaces in front. */
  private static final int LOCAL_ADDRESS = 1;

  private static final int STATE = 3;
  private static final int INODE = 9;
  private static final int HEXADECIMAL = 16;

  private PortUser() {}

  /**
   * @return such as {@code process 4711 (java)}; {@code another program} if it is somebody else's,
   *     or the operating system keeps it to itself
   */
  static String of(int port) {
    Set<String> sockets = listening(port);
    if (sockets.isEmpty()) {
      return NOBODY_KNOWN;
    }
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (Path process : processes) {
        if (holdsAny(process, sockets)) {
          return "process %s (%s)".formatted(process.getFileName(), name(process));
        }
      }
    } catch (IOException e) {
      // Not told, then.
    }
    return NOBODY_KNOWN;
  }

  /** Links of the sockets that listen on a port, as they stand in the folders of processes. */
  private static Set<String> listening(int port) {
    Set<String> sockets = new HashSet<>();
    for (String table : TABLES) {
      try {
        for (String row : Files.readAllLines(PROC.resolve(table), StandardCharsets.US_ASCII)) {
          String[] columns = row.strip().split("\\s+");
          if (columns.length > INODE
              && columns[STATE].toUpperCase(Locale.ROOT).equals(LISTENING)
              && portOf(columns[LOCAL_ADDRESS]) == port) {
            sockets.add("socket:[" + columns[INODE] + "]");
          }
        }
      } catch (IOException e) {
        // No such table: another operating system.
      }
    }
    return sockets;
  }

  private static int portOf(String address) {
    return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1), HEXADECIMAL);
  }

  private static boolean holdsAny(Path process, Set<String> sockets) {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(process.resolve("fd"))) {
      for (Path file : files) {
        if (sockets.contains(Files.readSymbolicLink(file).toString())) {
          return true;
        }
      }
    } catch (IOException e) {
      // Ended meanwhile, or another user's.
    }
    return false;
  }

  private static String name(Path process) {
    try {
      return Files.readString(process.resolve("comm"), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      return "?";
    }
  }
}
