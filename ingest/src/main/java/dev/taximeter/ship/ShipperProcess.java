package dev.taximeter.ship;

import dev.taximeter.contract.gateway.GatewayFile;
import dev.taximeter.contract.settings.Environment;
import dev.taximeter.contract.settings.SettingsException;
import java.util.Map;

/**
 * The tail shipper as a process of its own, for a gateway's machine. Settings:
 * TAXIMETER_KAFKA_CONFIG, TAXIMETER_LOG_FILES (separated by the path separator),
 * TAXIMETER_HOST_NAME, TAXIMETER_SHIPPER_ID, TAXIMETER_GATEWAY_CONFIG (what collectors put around
 * lines).
 */
public final class ShipperProcess {
  private static final int WRONG_SETTINGS = 2;

  private ShipperProcess() {}

  /** Runs until the process is told to stop; exit code 2 after wrong settings. */
  public static void main(String[] arguments) {
    TailShipper shipper;
    try {
      shipper = shipper(Environment.ofProcess());
    } catch (SettingsException e) {
      System.err.println(e.getMessage());
      System.exit(WRONG_SETTINGS);
      return;
    }
    Runtime.getRuntime().addShutdownHook(new Thread(shipper::close, "shutdown"));
    shipper.start();
  }

  static TailShipper shipper(Environment environment) {
    Map<String, Object> kafka = environment.kafka("TAXIMETER_KAFKA_CONFIG");
    ShipperSettings settings = ShipperSettings.read(environment);
    if (settings == null) {
      throw new SettingsException(
          "TAXIMETER_LOG_FILES is not set; it must hold the files to follow");
    }
    return new TailShipper(settings, kafka, GatewayFile.from(environment, null)::formatOf);
  }
}
