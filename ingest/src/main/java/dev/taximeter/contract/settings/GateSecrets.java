package dev.taximeter.contract.settings;

import dev.taximeter.contract.security.GateIdentity;
import dev.taximeter.contract.security.RootSecret;
import java.util.List;

/** The secrets that gates sign with and that metering believes, read alike by both. */
public final class GateSecrets {
  public static final String VARIABLE = "TAXIMETER_GATE_SIGNING_SECRETS_FILE";

  private GateSecrets() {}

  /**
   * @return secrets, the one that signs first; none if the installation's own secret serves
   * @throws SettingsException if the file cannot be read, or holds others; never shows them
   */
  public static List<String> read(Environment environment) {
    if (environment.optional(VARIABLE) == null) {
      return List.of();
    }
    List<String> secrets =
        environment
            .secret(VARIABLE, "secrets, each on its line, the one that signs first")
            .lines()
            .map(String::strip)
            .filter(line -> !line.isEmpty())
            .toList();
    try {
      GateIdentity.of(secrets);
    } catch (IllegalArgumentException e) {
      throw new SettingsException("the file that " + VARIABLE + " names: " + e.getMessage());
    }
    return secrets;
  }

  /** {@return what signs and believes with these secrets} */
  public static GateIdentity identity(List<String> secrets, RootSecret own) {
    return secrets.isEmpty() ? GateIdentity.of(own) : GateIdentity.of(secrets);
  }
}
