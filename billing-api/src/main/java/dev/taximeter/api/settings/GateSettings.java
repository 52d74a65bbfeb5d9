package dev.taximeter.api.settings;

import dev.taximeter.contract.security.GateIdentity;
import dev.taximeter.contract.settings.Environment;
import dev.taximeter.contract.settings.GateSecrets;
import dev.taximeter.contract.settings.SettingsException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where a gateway asks whether a key may pass, and what it is told when that is not known.
 *
 * @param address it listens on
 * @param port its own; 0 for any
 * @param callerSecret what the gateway sends in {@code x-taximeter-gate}; null if only the network
 *     decides who asks
 * @param keyHeaders headers that may hold the API key, lower case; they must not hold two
 * @param modelHeader header with the model that is asked for, lower case
 * @param unknownKeysPass whether requests without a known key may pass
 * @param passWhenNotReady whether requests may pass while this process does not know enough
 * @param signingSecrets sign the header that names the key, as in {@link GateIdentity}; empty for
 *     one of the installation's own secret
 */
public record GateSettings(
    String address,
    int port,
    @Nullable String callerSecret,
    List<String> keyHeaders,
    String modelHeader,
    boolean unknownKeysPass,
    boolean passWhenNotReady,
    List<String> signingSecrets) {
  /** Switches the gate on. */
  public static final String PORT = "TAXIMETER_GATE_PORT";

  public static final List<String> USUAL_KEY_HEADERS = List.of("authorization", "x-api-key");

  /** Set by Higress's plugins from the body of a request. */
  public static final String USUAL_MODEL_HEADER = "x-higress-llm-model";

  private static final String CALLER_SECRET = "TAXIMETER_GATE_CALLER_SECRET_FILE";
  private static final Pattern HEADER = Pattern.compile("[a-z0-9][a-z0-9-]{0,63}");
  private static final int MOST_KEY_HEADERS = 8;

  public GateSettings {
    keyHeaders = List.copyOf(keyHeaders);
    signingSecrets = List.copyOf(signingSecrets);
  }

  /** {@return the settings; null if there is no gate} */
  static @Nullable GateSettings from(Environment environment) {
    if (environment.optional(PORT) == null) {
      return null;
    }
    String address = environment.text("TAXIMETER_GATE_ADDRESS", "127.0.0.1");
    String secret =
        environment.optional(CALLER_SECRET) == null
            ? null
            : environment.secret(CALLER_SECRET, "the gateway's secret in one line");
    if (secret != null && secret.length() < GateIdentity.SHORTEST_SECRET) {
      throw new SettingsException(
          "the secret in the file that %s names must have at least %d characters"
              .formatted(CALLER_SECRET, GateIdentity.SHORTEST_SECRET));
    }
    if (secret == null && !isLoopback(address)) {
      throw new SettingsException(
          CALLER_SECRET
              + " must name a file with the gateway's secret, since the gate listens on "
              + address
              + ", where others than this machine can ask it about keys");
    }
    return new GateSettings(
        address,
        environment.number(PORT, 0, 0, 65_535),
        secret,
        keyHeaders(environment.optional("TAXIMETER_GATE_KEY_HEADERS")),
        header(
            "TAXIMETER_GATE_MODEL_HEADER",
            environment.text("TAXIMETER_GATE_MODEL_HEADER", USUAL_MODEL_HEADER)),
        passes(environment, "TAXIMETER_GATE_UNKNOWN_KEYS"),
        passes(environment, "TAXIMETER_GATE_NOT_READY"),
        GateSecrets.read(environment));
  }

  private static boolean isLoopback(String address) {
    try {
      return InetAddress.getByName(address).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }

  private static List<String> keyHeaders(@Nullable String names) {
    if (names == null) {
      return USUAL_KEY_HEADERS;
    }
    List<String> headers =
        Stream.of(names.split("[,\\s]+", -1))
            .filter(name -> !name.isEmpty())
            .map(name -> header("TAXIMETER_GATE_KEY_HEADERS", name))
            .toList();
    if (headers.isEmpty() || headers.size() > MOST_KEY_HEADERS) {
      throw new SettingsException(
          "TAXIMETER_GATE_KEY_HEADERS must name 1 to %d headers".formatted(MOST_KEY_HEADERS));
    }
    return headers;
  }

  private static String header(String variable, String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    if (!HEADER.matcher(lower).matches()) {
      throw new SettingsException(
          variable + " must name HTTP headers such as x-api-key, not " + name);
    }
    return lower;
  }

  private static boolean passes(Environment environment, String variable) {
    String value = environment.text(variable, "deny");
    if (!value.equals("deny") && !value.equals("allow")) {
      throw new SettingsException(variable + " must be deny or allow, not " + value);
    }
    return value.equals("allow");
  }

  /** Shows no secret. */
  @Override
  public String toString() {
    return "GateSettings[address=%s, port=%d]".formatted(address, port);
  }
}
