package dev.taximeter.api;

import dev.taximeter.api.settings.ApiSettings;
import dev.taximeter.api.settings.GateSettings;
import dev.taximeter.contract.settings.Environment;
import dev.taximeter.contract.settings.SettingsException;
import java.util.Map;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.context.support.GenericApplicationContext;

/** Starts the billing API. Exit code 2 means that a setting is wrong or the port is taken. */
public final class BillingApi {
  private static final int MISCONFIGURED = 2;

  /**
   * What the server logs below a warning of requests that it cannot read quotes them: an API key in
   * a header that is not quite one, or in a query.
   */
  private static final Map<String, Object> QUIET =
      Map.of(
          "logging.level.org.apache.coyote",
          "WARN",
          "logging.level.org.apache.tomcat.util",
          "WARN");

  private BillingApi() {}

  public static void main(String[] args) {
    try {
      ApiSettings settings = ApiSettings.from(Environment.ofProcess());
      var unused = application(settings, EngineConfiguration.class).run(args);
    } catch (SettingsException e) {
      fail(String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      for (Throwable cause = e; cause != null; cause = cause.getCause()) {
        if (cause instanceof PortInUseException taken) {
          fail("Port %d is in use; %s".formatted(taken.getPort(), advice(taken.getPort())));
        }
      }
      throw e;
    }
  }

  private static String advice(int port) {
    boolean gate = Integer.toString(port).equals(System.getenv(GateSettings.PORT));
    return "choose another with %s.".formatted(gate ? GateSettings.PORT : "TAXIMETER_PORT");
  }

  /**
   * @param ports configuration that supplies what the controllers ask
   */
  static SpringApplicationBuilder application(ApiSettings settings, Class<?> ports) {
    return new SpringApplicationBuilder(ApiConfiguration.class, ports)
        .logStartupInfo(false)
        .lazyInitialization(true)
        .properties(Map.of("server.address", settings.address(), "server.port", settings.port()))
        .properties(QUIET)
        .initializers(
            context ->
                ((GenericApplicationContext) context)
                    .registerBean(ApiSettings.class, () -> settings));
  }

  private static void fail(String sentence) {
    System.err.println(sentence);
    System.exit(MISCONFIGURED);
  }
}
