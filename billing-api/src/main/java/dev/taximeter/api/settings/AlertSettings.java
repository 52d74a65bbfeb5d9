package dev.taximeter.api.settings;

import dev.taximeter.contract.settings.Environment;
import dev.taximeter.contract.settings.SettingsException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * When people are told that something is wrong, and how.
 *
 * @param lowBalancePercent a balance is low at so many percent of the credits in force that are not
 *     used up, 1 to 99
 * @param privateReceivers private addresses that alerts may be sent to; empty for none
 * @param mail by which server mail is sent; null for none
 */
public record AlertSettings(
    int lowBalancePercent, List<AddressRange> privateReceivers, @Nullable Mail mail) {
  /** Names the ranges of private addresses that alerts may be sent to. */
  public static final String PRIVATE_RECEIVERS = "TAXIMETER_PRIVATE_RECEIVERS";

  /** Names the server by which mail is sent. */
  public static final String SMTP_URL = "TAXIMETER_SMTP_URL";

  private static final String LOW_BALANCE = "TAXIMETER_LOW_BALANCE_PERCENT";
  private static final String MAIL_FROM = "TAXIMETER_MAIL_FROM";
  private static final int USUAL_LOW_BALANCE = 10;
  private static final int MOST_LOW_BALANCE = 99;
  private static final int LARGEST_PORT = 65_535;
  private static final Pattern ADDRESS =
      Pattern.compile("[^\\s@<>,;\"]{1,64}@[A-Za-z0-9.-]{1,255}");

  /** What holds unless it is set otherwise. */
  public static final AlertSettings USUAL = new AlertSettings(USUAL_LOW_BALANCE, List.of(), null);

  public AlertSettings {
    privateReceivers = List.copyOf(privateReceivers);
  }

  /** How what is said to the mail server is kept from others. */
  public enum Encryption {
    /** From the first byte. */
    TLS,
    /** Asked for after connecting, and demanded. */
    STARTTLS,
    /** Not at all: a relay on this machine. */
    NONE
  }

  /**
   * A mail server.
   *
   * @param user empty if it asks for none
   * @param password empty with it
   * @param from the sender's address
   */
  public record Mail(
      String host, int port, Encryption encryption, String user, String password, String from) {
    /** Shows no secret. */
    @Override
    public String toString() {
      return "Mail[host=%s, port=%d, from=%s]".formatted(host, port, from);
    }
  }

  /** {@return whether a text can be the address of one mailbox} */
  public static boolean isMailbox(String text) {
    return ADDRESS.matcher(text).matches();
  }

  static AlertSettings from(Environment environment) {
    return new AlertSettings(
        environment.number(LOW_BALANCE, USUAL_LOW_BALANCE, 1, MOST_LOW_BALANCE),
        ranges(environment.optional(PRIVATE_RECEIVERS)),
        mail(environment));
  }

  private static List<AddressRange> ranges(@Nullable String ranges) {
    return ranges == null
        ? List.of()
        : Stream.of(ranges.split("[,\\s]+", -1))
            .filter(range -> !range.isEmpty())
            .map(range -> AddressRange.of(PRIVATE_RECEIVERS, range))
            .toList();
  }

  private static @Nullable Mail mail(Environment environment) {
    String url = environment.optional(SMTP_URL);
    if (url == null) {
      return null;
    }
    String from = environment.required(MAIL_FROM, "the address that alerts are sent from");
    if (!isMailbox(from)) {
      throw new SettingsException(
          MAIL_FROM + " must be one address such as alerts@example.com, not " + from);
    }
    String user = environment.text("TAXIMETER_SMTP_USER", "");
    String password =
        user.isEmpty()
            ? ""
            : environment.secret("TAXIMETER_SMTP_PASSWORD_FILE", "the mail server's password");
    URI server = server(url);
    Encryption encryption = encryption(server);
    if (encryption == Encryption.NONE && !user.isEmpty()) {
      throw new SettingsException(
          "TAXIMETER_SMTP_USER would send its password in clear; set "
              + SMTP_URL
              + " to smtps:// or smtp:// (STARTTLS), or leave the user out");
    }
    int port =
        server.getPort() > 0
            ? server.getPort()
            : switch (encryption) {
              case TLS -> 465;
              case STARTTLS -> 587;
              case NONE -> 25;
            };
    return new Mail(server.getHost(), port, encryption, user, password, from);
  }

  private static URI server(String url) {
    try {
      URI server = new URI(url);
      if (server.getScheme() != null
          && server.getHost() != null
          && server.getPort() <= LARGEST_PORT
          && server.getUserInfo() == null
          && (server.getPath() == null || server.getPath().isEmpty())) {
        return server;
      }
    } catch (URISyntaxException e) {
      // Reported below, with an example.
    }
    throw wrong(url);
  }

  private static Encryption encryption(URI server) {
    return switch (server.getScheme()) {
      case "smtps" -> Encryption.TLS;
      case "smtp" -> Encryption.STARTTLS;
      case "smtp+plain" -> Encryption.NONE;
      default -> throw wrong(server.toString());
    };
  }

  private static SettingsException wrong(String url) {
    return new SettingsException(
        SMTP_URL
            + " must be smtps://HOST:PORT, smtp://HOST:PORT (STARTTLS) or smtp+plain://HOST:PORT,"
            + " without user and path, not "
            + url);
  }
}
