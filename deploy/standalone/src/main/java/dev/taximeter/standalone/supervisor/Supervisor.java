package dev.taximeter.standalone.supervisor;

import dev.taximeter.contract.catalog.file.CatalogFile;
import dev.taximeter.contract.catalog.file.CatalogFileException;
import dev.taximeter.contract.security.Fingerprinter;
import dev.taximeter.contract.security.RootSecret;
import dev.taximeter.contract.settings.SettingsException;
import dev.taximeter.standalone.broker.BrokerProcess;
import dev.taximeter.standalone.instance.DataDirectory;
import dev.taximeter.standalone.instance.InstanceLock;
import dev.taximeter.standalone.instance.Ports;
import dev.taximeter.standalone.instance.Ports.PortInUseException;
import dev.taximeter.standalone.instance.Ports.Role;
import dev.taximeter.standalone.instance.PrivateFiles;
import dev.taximeter.standalone.instance.Secrets;
import java.io.IOException;
import java.io.StringWriter;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** Starts an installation on this machine and keeps it running until it is stopped. */
public final class Supervisor {
  private Supervisor() {}

  /**
   * Checks the input, takes the data directory, and begins to start the processes. Returns before
   * they serve: {@link RunningStack#awaitReady()} waits for that.
   *
   * @param listener hears how the start goes
   * @throws LaunchException if something is wrong that waiting does not mend; nothing runs then
   */
  public static RunningStack start(UpOptions options, StageListener listener)
      throws LaunchException, InterruptedException {
    Home home = Home.ofProgram();
    DataDirectory directory = options.dataDirectory();
    requireInput(options);
    InetAddress address = Preflight.requireAddress(options.address());
    InstanceLock lock = lock(directory);
    boolean started = false;
    try {
      Preflight.requireSpace(directory);
      Preflight.awaitOrphans(directory, listener::note);
      Secrets.create(directory);
      @Nullable Catalog catalog = readCatalog(options);
      Ports ports = Ports.choose(directory, options.port(), address, listener::note);
      Path kafkaConfig = kafkaConfig(options, ports);
      RunningStack stack =
          new RunningStack(home, options, listener, lock, ports, kafkaConfig, catalog);
      stack.begin();
      started = true;
      return stack;
    } catch (PortInUseException e) {
      throw LaunchException.of(e);
    } catch (IOException e) {
      throw new LaunchException(
          "%s cannot be used (%s); check its rights and the free space"
              .formatted(directory.root(), reason(e)));
    } finally {
      if (!started) {
        release(lock);
      }
    }
  }

  private static void requireInput(UpOptions options) throws LaunchException {
    if (options.catalog() != null) {
      Preflight.requireReadable(options.catalog(), "the catalogue");
    }
    for (Path log : options.logs()) {
      Preflight.requireLog(log);
    }
    if (options.gateway() != null) {
      Preflight.requireGateway(options.gateway());
    }
    if (options.kafkaConfig() != null) {
      try {
        Processes.kafkaSettings(options.kafkaConfig());
      } catch (SettingsException e) {
        throw LaunchException.of(e);
      }
    }
    if (options.clickHouse() != null) {
      Preflight.requireReadable(options.clickHouse().password(), "the ClickHouse password file");
    }
  }

  private static InstanceLock lock(DataDirectory directory) throws LaunchException {
    try {
      directory.create();
      return InstanceLock.acquire(directory);
    } catch (InstanceLock.HeldException e) {
      throw LaunchException.of(e);
    } catch (IOException e) {
      throw new LaunchException(
          "the data directory %s cannot be written (%s); choose another --data-dir, or free space and rights there"
              .formatted(directory.root(), reason(e)));
    }
  }

  /** Exceptions of the file system often name nothing but the file. */
  private static String reason(IOException failure) {
    if (failure instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (failure instanceof NoSuchFileException) {
      return "it cannot be created";
    }
    String message = failure.getMessage();
    return message == null ? failure.getClass().getSimpleName() : message;
  }

  static void release(InstanceLock lock) {
    try {
      lock.close();
    } catch (IOException e) {
      // The operating system gives it back when the launcher ends.
    }
  }

  /** A wrong catalogue is refused before anything starts. */
  private static @Nullable Catalog readCatalog(UpOptions options)
      throws IOException, LaunchException {
    Path file = options.catalog();
    if (file == null) {
      return null;
    }
    String yaml = Files.readString(file, StandardCharsets.UTF_8);
    RootSecret secret = RootSecret.read(options.dataDirectory().rootSecretFile());
    try {
      CatalogFile.read(yaml, file.toString(), new Fingerprinter(secret));
    } catch (CatalogFileException e) {
      throw LaunchException.of(e);
    }
    return new Catalog(file.toString(), yaml);
  }

  /** A checked catalogue file. */
  record Catalog(String fileName, String yaml) {}

  private static Path kafkaConfig(UpOptions options, Ports ports) throws IOException {
    if (options.kafkaConfig() != null) {
      return options.kafkaConfig().toAbsolutePath().normalize();
    }
    DataDirectory directory = options.dataDirectory();
    String password =
        Files.readString(directory.kafkaPasswordFile(), StandardCharsets.US_ASCII).strip();
    Properties client = BrokerProcess.client(ports.of(Role.BROKER), password);
    StringWriter text = new StringWriter();
    client.store(text, "How to reach the broker; written at each start.");
    PrivateFiles.write(directory.kafkaClientFile(), text.toString());
    return directory.kafkaClientFile();
  }
}
