package dev.taximeter.api.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taximeter.contract.catalog.AccessToken.Role;
import dev.taximeter.contract.settings.Environment;
import dev.taximeter.contract.settings.SettingsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ApiSettingsTest {
  @TempDir Path directory;
  private final Map<String, String> variables = new HashMap<>();

  @BeforeEach
  void allThatIsRequired() throws IOException {
    file("TAXIMETER_KAFKA_CONFIG", "bootstrap.servers=127.0.0.1:9092\n");
    file("TAXIMETER_ROOT_SECRET_FILE", "ab".repeat(32));
    file("TAXIMETER_ADMIN_TOKEN_FILE", "secret-token-0123456789\n");
    file("TAXIMETER_CLICKHOUSE_PASSWORD_FILE", "secret-password\n");
    variables.put("TAXIMETER_CLICKHOUSE_URL", "jdbc:clickhouse:http://127.0.0.1:8123/");
  }

  private void file(String variable, String content) throws IOException {
    Path file = Files.writeString(directory.resolve(variable), content);
    variables.put(variable, file.toString());
  }

  private ApiSettings settings() {
    return ApiSettings.from(new Environment(variables));
  }

  @Test
  void hasDefaults() {
    ApiSettings settings = settings();

    assertThat(settings.address()).isEqualTo("127.0.0.1");
    assertThat(settings.boundToLoopback()).isTrue();
    assertThat(settings.port()).isEqualTo(8080);
    assertThat(settings.partitions()).isEqualTo(4);
    assertThat(settings.hostNames()).isEmpty();
    assertThat(settings.clickHouse().database()).isEqualTo("taximeter");
    assertThat(settings.clickHouse().user()).isEqualTo("default");
    assertThat(settings.clickHouse().password()).isEqualTo("secret-password");
    assertThat(settings.adminToken()).isEqualTo("secret-token-0123456789");
    assertThat(settings.access()).isEqualTo(ApiSettings.Access.USUAL);
    assertThat(settings.access().corsOrigins()).isEmpty();
  }

  @Test
  void thereIsNoGateUnlessItHasAPort() throws IOException {
    assertThat(settings().gate()).isNull();
    variables.put("TAXIMETER_GATE_PORT", "8090");
    GateSettings usual = settings().gate();
    assertThat(usual)
        .isEqualTo(
            new GateSettings(
                "127.0.0.1",
                8090,
                null,
                List.of("authorization", "x-api-key"),
                "x-higress-llm-model",
                false,
                false,
                List.of()));
    file("TAXIMETER_GATE_CALLER_SECRET_FILE", "caller-0123456789-0123456789-0123\n");
    file(
        "TAXIMETER_GATE_SIGNING_SECRETS_FILE",
        "first-0123456789-0123456789-01234\n\nsecond-0123456789-0123456789-0123\n");
    variables.put("TAXIMETER_GATE_ADDRESS", "0.0.0.0");
    variables.put("TAXIMETER_GATE_KEY_HEADERS", "X-Key, Authorization");
    variables.put("TAXIMETER_GATE_MODEL_HEADER", "X-Model");
    variables.put("TAXIMETER_GATE_UNKNOWN_KEYS", "allow");
    variables.put("TAXIMETER_GATE_NOT_READY", "allow");
    GateSettings given = settings().gate();
    assertThat(given.keyHeaders()).containsExactly("x-key", "authorization");
    assertThat(given.modelHeader()).isEqualTo("x-model");
    assertThat(given.unknownKeysPass()).isTrue();
    assertThat(given.passWhenNotReady()).isTrue();
    assertThat(given.signingSecrets()).hasSize(2);
    assertThat(given.toString()).doesNotContain("0123456789");
  }

  @Test
  void aGateThatStrangersReachNeedsASecret() throws IOException {
    variables.put("TAXIMETER_GATE_PORT", "8080");
    assertRefused("another port than TAXIMETER_PORT");
    variables.put("TAXIMETER_GATE_PORT", "8090");
    variables.put("TAXIMETER_GATE_ADDRESS", "0.0.0.0");
    assertRefused("TAXIMETER_GATE_CALLER_SECRET_FILE");
    file("TAXIMETER_GATE_CALLER_SECRET_FILE", "short-secret");
    assertRefused("at least 32 characters");
    file("TAXIMETER_GATE_CALLER_SECRET_FILE", "caller-0123456789-0123456789-0123");
    assertThat(settings().gate()).isNotNull();
    variables.put("TAXIMETER_GATE_UNKNOWN_KEYS", "yes");
    assertRefused("deny or allow, not yes");
    variables.remove("TAXIMETER_GATE_UNKNOWN_KEYS");
    variables.put("TAXIMETER_GATE_KEY_HEADERS", "x key:");
    assertRefused("not key:");
    variables.remove("TAXIMETER_GATE_KEY_HEADERS");
    file("TAXIMETER_GATE_SIGNING_SECRETS_FILE", "weak-secret\n");
    assertRefused("at least 32 characters");
  }

  private void assertRefused(String words) {
    assertThatThrownBy(this::settings)
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining(words)
        .hasMessageNotContaining("short-secret")
        .hasMessageNotContaining("weak-secret");
  }

  @Test
  void readsWhatIsGiven() {
    variables.put("TAXIMETER_ADDRESS", "0.0.0.0");
    variables.put("TAXIMETER_PORT", "9090");
    variables.put("TAXIMETER_TOKEN_REQUESTS_PER_MINUTE", "1");
    variables.put("TAXIMETER_FAILURES_PER_MINUTE", "2");
    variables.put("TAXIMETER_KEY_REQUESTS_PER_MINUTE", "3");
    variables.put("TAXIMETER_KEY_ADDRESS_REQUESTS_PER_MINUTE", "4");
    variables.put("TAXIMETER_CORS_ORIGINS", "https://a.example.com, http://[::1]:3000");
    variables.put("TAXIMETER_TOKEN_LIFETIME", "P90D");
    variables.put("TAXIMETER_HOST_NAMES", "Billing.example.com, other.example.com");

    ApiSettings settings = settings();
    assertThat(settings.boundToLoopback()).isFalse();
    assertThat(settings.port()).isEqualTo(9090);
    assertThat(settings.access())
        .isEqualTo(
            new ApiSettings.Access(
                1,
                2,
                3,
                4,
                List.of("https://a.example.com", "http://[::1]:3000"),
                null,
                Duration.ofDays(90)));
    assertThat(settings.hostNames()).containsExactly("billing.example.com", "other.example.com");
  }

  @Test
  void showsNoSecret() {
    assertThat(settings().toString()).doesNotContain("secret-");
  }

  @Test
  void namesWhatIsWrong() throws IOException {
    expect("TAXIMETER_PORT", "65536", "TAXIMETER_PORT must be a whole number");
    expect("TAXIMETER_FAILURES_PER_MINUTE", "0", "must be a whole number");
    expect("TAXIMETER_CORS_ORIGINS", "*", "must hold origins");
    expect("TAXIMETER_CORS_ORIGINS", "https://a.example.com/path", "must hold origins");
    expect("TAXIMETER_CLICKHOUSE_URL", "http://x", "must begin with jdbc:clickhouse:");
    expect("TAXIMETER_CLICKHOUSE_DATABASE", "a; DROP", "must be letters");
    expect("TAXIMETER_ADMIN_TOKEN_FILE", "/no/such/file", "cannot be read");
    file("short", "tooshort");
    expect("TAXIMETER_ADMIN_TOKEN_FILE", variables.get("short"), "at least 16 characters");
    file("wrong", "xyz-not-hex");
    expect("TAXIMETER_ROOT_SECRET_FILE", variables.get("wrong"), "holds no root secret");
  }

  @Test
  void anIdentityProviderIsTrustedOnlyIfItIsNamedInFull() {
    assertThat(settings().access().oidc()).isNull();
    variables.put("TAXIMETER_OIDC_ISSUER", "https://id.example.com");
    assertThatThrownBy(this::settings).hasMessageContaining("TAXIMETER_OIDC_AUDIENCE");
    variables.put("TAXIMETER_OIDC_AUDIENCE", "taximeter, taximeter-2");
    assertThatThrownBy(this::settings).hasMessageContaining("TAXIMETER_OIDC_JWKS_URL");
    variables.put("TAXIMETER_OIDC_JWKS_URL", "https://id.example.com/keys");

    OidcSettings oidc = settings().access().oidc();
    assertThat(oidc.issuer()).isEqualTo("https://id.example.com");
    assertThat(oidc.audiences()).containsExactlyInAnyOrder("taximeter", "taximeter-2");
    assertThat(oidc.roleClaim()).isEqualTo("roles");
    assertThat(oidc.accountClaim()).isEqualTo("taximeter_account");
    assertThat(oidc.clockSkew()).isEqualTo(Duration.ofMinutes(1));
    assertThat(oidc.longestLife()).isEqualTo(Duration.ofHours(24));
    assertThat(oidc.roles())
        .hasSize(5)
        .containsEntry("taximeter-billing", new OidcSettings.Grant(Role.BILLING, false))
        .containsEntry("taximeter-account-viewer", new OidcSettings.Grant(Role.VIEWER, true));

    variables.put("TAXIMETER_OIDC_ROLES", "/groups/fin=ance=billing, t=account-viewer");
    assertThat(settings().access().oidc().roles())
        .containsOnly(
            Map.entry("/groups/fin=ance", new OidcSettings.Grant(Role.BILLING, false)),
            Map.entry("t", new OidcSettings.Grant(Role.VIEWER, true)));
  }

  @Test
  void whoCouldForgeKeysOrRightsIsRefused() {
    variables.put("TAXIMETER_OIDC_ISSUER", "https://id.example.com");
    variables.put("TAXIMETER_OIDC_AUDIENCE", "taximeter");
    for (String here : List.of("http://127.0.0.1:1/k", "http://localhost/k", "http://[::1]:9/k")) {
      variables.put("TAXIMETER_OIDC_JWKS_URL", here);
      assertThat(settings().access().oidc().keys()).hasToString(here);
    }
    for (String role :
        List.of("x=root", "=billing", "x", "x=account-administrator", "x=viewer,x=billing")) {
      expect("TAXIMETER_OIDC_ROLES", role, "must hold pairs");
    }
    expect("TAXIMETER_OIDC_CLOCK_SKEW", "PT6M", "at most");
    expect("TAXIMETER_OIDC_TOKEN_LIFETIME", "1 day", "must be a duration above 0");
    expect("TAXIMETER_TOKEN_LIFETIME", "PT0S", "must be a duration above 0");
    expect("TAXIMETER_OIDC_JWKS_URL", "http://id.example.com/keys", "must be an https address");
    expect("TAXIMETER_OIDC_JWKS_URL", "http://127.0.0.1.example.com/", "must be an https address");
    expect("TAXIMETER_OIDC_JWKS_URL", "https://u:p@id.example.com/", "must be an https address");
    expect("TAXIMETER_OIDC_JWKS_URL", "file:///etc/passwd", "must be an https address");
  }

  private void expect(String variable, String value, String sentence) {
    String before = variables.put(variable, value);
    assertThatThrownBy(this::settings)
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining(variable)
        .hasMessageContaining(sentence)
        .hasMessageNotContaining("xyz-not-hex")
        .hasMessageNotContaining("tooshort");
    if (before == null) {
      variables.remove(variable);
    } else {
      variables.put(variable, before);
    }
  }

  @Test
  void readsHowPeopleAreTold() throws Exception {
    assertThat(settings().alerts()).isEqualTo(AlertSettings.USUAL);
    variables.put("TAXIMETER_LOW_BALANCE_PERCENT", "25");
    variables.put("TAXIMETER_PRIVATE_RECEIVERS", "10.1.0.0/16, fd00::/8 192.168.1.7");
    variables.put("TAXIMETER_SMTP_URL", "smtp://mail.example.com");
    variables.put("TAXIMETER_MAIL_FROM", "alerts@example.com");
    variables.put("TAXIMETER_SMTP_USER", "taximeter");
    file("TAXIMETER_SMTP_PASSWORD_FILE", "secret-of-mail\n");

    AlertSettings alerts = settings().alerts();
    assertThat(alerts.lowBalancePercent()).isEqualTo(25);
    assertThat(alerts.privateReceivers()).extracting(AddressRange::bits).containsExactly(16, 8, 32);
    assertThat(alerts.mail())
        .isEqualTo(
            new AlertSettings.Mail(
                "mail.example.com",
                587,
                AlertSettings.Encryption.STARTTLS,
                "taximeter",
                "secret-of-mail",
                "alerts@example.com"));
    assertThat(alerts.toString()).doesNotContain("secret-of-mail");
  }

  @Test
  void refusesWhatTellsNobody() throws IOException {
    variables.put("TAXIMETER_SMTP_USER", "taximeter");
    file("TAXIMETER_SMTP_PASSWORD_FILE", "secret-of-mail\n");
    for (String[] wrong :
        new String[][] {
          {"TAXIMETER_LOW_BALANCE_PERCENT", "100"},
          {"TAXIMETER_PRIVATE_RECEIVERS", "10.1.0.0/33"},
          {"TAXIMETER_PRIVATE_RECEIVERS", "intranet.example.com"},
          {"TAXIMETER_SMTP_URL", "mail.example.com"},
          {"TAXIMETER_SMTP_URL", "smtp://user@mail.example.com"},
          {"TAXIMETER_SMTP_URL", "https://mail.example.com"},
          {"TAXIMETER_SMTP_URL", "smtp+plain://mail.example.com"},
          {"TAXIMETER_MAIL_FROM", "nobody"}
        }) {
      variables.put("TAXIMETER_SMTP_URL", "smtps://mail.example.com");
      variables.put("TAXIMETER_MAIL_FROM", "alerts@example.com");
      String before = variables.put(wrong[0], wrong[1]);
      assertThatThrownBy(this::settings)
          .as(wrong[1])
          .isInstanceOf(SettingsException.class)
          .hasMessageContaining(wrong[0]);
      if (before == null) {
        variables.remove(wrong[0]);
      }
    }
  }
}
