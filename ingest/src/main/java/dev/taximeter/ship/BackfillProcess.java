package dev.taximeter.ship;

import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.gateway.GatewayFile;
import dev.taximeter.contract.settings.Environment;
import dev.taximeter.contract.settings.SettingsException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.KafkaException;

/**
 * A backfill as a process of its own, for machines without the launcher: the arguments are the
 * files, {@code -} is standard input. Settings: TAXIMETER_KAFKA_CONFIG, TAXIMETER_HOST_NAME (of the
 * machine whose lines they are), TAXIMETER_GATEWAY_CONFIG (what collectors put around lines).
 *
 * <p>Exit codes: 0 all is shipped, 1 something could not be shipped, 2 wrong settings.
 */
public final class BackfillProcess {
  private static final int FAILED = 1;
  private static final int WRONG_SETTINGS = 2;

  private BackfillProcess() {}

  public static void main(String[] arguments) throws InterruptedException {
    System.exit(run(Environment.ofProcess(), Arrays.stream(arguments).map(Path::of).toList()));
  }

  static int run(Environment environment, List<Path> files) throws InterruptedException {
    try (Backfill backfill = backfill(environment, files)) {
      ShipmentResult result = backfill.ship(files, new Said());
      Map<String, Long> lines = new TreeMap<>();
      for (Map.Entry<LineSource, Long> file : result.linesBySource().entrySet()) {
        lines.put(file.getKey().host() + ':' + file.getKey().path(), file.getValue());
      }
      lines.forEach((file, count) -> System.out.println(file + ": " + count + " lines"));
      return 0;
    } catch (SettingsException e) {
      System.err.println(e.getMessage());
      return WRONG_SETTINGS;
    } catch (UnreadableFileException e) {
      System.err.println(e.getMessage());
      return FAILED;
    } catch (KafkaException e) {
      System.err.println("nothing more is shipped: " + e.getMessage());
      return FAILED;
    }
  }

  private static Backfill backfill(Environment environment, List<Path> files) {
    Map<String, Object> kafka = environment.kafka("TAXIMETER_KAFKA_CONFIG");
    if (files.isEmpty()) {
      throw new SettingsException("no file is named; the arguments are the files to ship");
    }
    return new Backfill(
        new BackfillSettings(
            ShipperSettings.hostName(environment), GatewayFile.from(environment, null)::formatOf),
        kafka);
  }

  private static final class Said implements ProgressListener {
    @Override
    public void progress(long lines, long bytesDone, long bytesTotal) {
      System.err.println(
          lines
              + " lines shipped, "
              + bytesDone
              + (bytesTotal < 0 ? "" : " of " + bytesTotal)
              + " bytes");
    }

    @Override
    public void waiting(String reason) {
      System.err.println("waiting: " + reason);
    }
  }
}
