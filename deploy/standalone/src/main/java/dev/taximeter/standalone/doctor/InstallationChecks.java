package dev.taximeter.standalone.doctor;

import dev.taximeter.standalone.instance.DataDirectory;
import dev.taximeter.standalone.instance.Instance;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Checks of a data directory, whether or not the system runs on it. */
final class InstallationChecks {
  private static final int DEFAULT_PORT = 8_080;

  /** Whoever may do one of these to a secret knows it. */
  private static final Set<PosixFilePermission> OTHERS =
      EnumSet.of(
          PosixFilePermission.GROUP_READ,
          PosixFilePermission.GROUP_WRITE,
          PosixFilePermission.GROUP_EXECUTE,
          PosixFilePermission.OTHERS_READ,
          PosixFilePermission.OTHERS_WRITE,
          PosixFilePermission.OTHERS_EXECUTE);

  private InstallationChecks() {}

  static Finding rights(DataDirectory data) {
    if (!Files.exists(data.root())) {
      return Finding.ok("file rights", data.root() + " will be created by the first start.");
    }
    if (!Files.isDirectory(data.root()) || !Files.isWritable(data.root())) {
      return Finding.failure(
          "file rights",
          data.root() + " is no directory that you may write.",
          "Change its owner or rights, or choose another directory with --data-dir.");
    }
    try {
      for (Path secret : secrets(data)) {
        Set<PosixFilePermission> rights = EnumSet.noneOf(PosixFilePermission.class);
        rights.addAll(Files.getPosixFilePermissions(secret));
        if (rights.removeAll(OTHERS)) {
          return Finding.failure(
              "file rights",
              secret + " is a secret that other users may read or change.",
              "Take their rights away: chmod go= " + secret);
        }
        if (!Files.isReadable(secret)) {
          return Finding.failure(
              "file rights",
              secret + " cannot be read.",
              "Make yourself its owner, or run as the user who started the system.");
        }
      }
    } catch (UnsupportedOperationException e) {
      return Finding.warning(
          "file rights",
          data.root() + " is on a file system without owners and rights.",
          "Choose a directory on a local disk with --data-dir, so that secrets stay secret.");
    } catch (IOException e) {
      return Finding.failure(
          "file rights",
          "The rights of the secrets in %s cannot be read: %s"
              .formatted(data.root(), e.getMessage()),
          "Run as the user who started the system.");
    }
    return Finding.ok("file rights", "Only you can read the secrets in " + data.root() + ".");
  }

  private static List<Path> secrets(DataDirectory data) throws IOException {
    List<Path> secrets = new ArrayList<>();
    for (Path file : List.of(data.adminTokenFile(), data.kafkaClientFile(), data.secrets())) {
      if (Files.exists(file)) {
        secrets.add(file);
      }
    }
    if (Files.isReadable(data.secrets())) {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(data.secrets())) {
        files.forEach(secrets::add);
      }
    }
    return secrets;
  }

  /** Whether the API's port is free, or used by this very installation. */
  static Finding port(DataDirectory data) {
    int port =
        data.instance()
            .map(instance -> URI.create(instance.apiUrl()).getPort())
            .orElse(DEFAULT_PORT);
    if (data.instance().filter(Instance::isRunning).isPresent()) {
      return Finding.ok("port", "Port " + port + " serves this installation.");
    }
    return port(port);
  }

  static Finding port(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return Finding.ok("port", "Port " + port + " is free.");
    } catch (IOException e) {
      return Finding.warning(
          "port",
          "Port " + port + " is in use by another program.",
          "Stop that program, or choose another port with --port.");
    }
  }
}
