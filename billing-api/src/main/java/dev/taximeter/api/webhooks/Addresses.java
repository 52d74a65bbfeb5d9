package dev.taximeter.api.webhooks;

import dev.taximeter.api.settings.AddressRange;
import dev.taximeter.api.settings.AlertSettings;
import dev.taximeter.api.web.ProblemException;
import dev.taximeter.api.web.ProblemType;
import dev.taximeter.contract.catalog.Recipient.Channel;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads where recipients want to get their alerts. */
final class Addresses {
  private static final int LONGEST = 2_000;
  private static final int LARGEST_PORT = 65_535;

  /** Not names: what a name means is checked when it is connected to. */
  private static final Pattern LITERAL = Pattern.compile("[0-9.]+|\\[[0-9A-Fa-f:.]+\\]");

  private final AlertSettings settings;

  Addresses(AlertSettings settings) {
    this.settings = settings;
  }

  /**
   * Checks an address.
   *
   * @return as it is used
   * @throws ProblemException if it is none, or of nobody who may get alerts
   */
  String checked(Channel channel, @Nullable String given) {
    String address = given == null ? "" : given.strip();
    if (channel != Channel.EMAIL) {
      checkUrl(address);
      return address;
    }
    if (settings.mail() == null) {
      throw ProblemException.of(
          ProblemType.NOT_POSSIBLE,
          "This installation sends no mail; its operator sets %s and TAXIMETER_MAIL_FROM for that."
              .formatted(AlertSettings.SMTP_URL));
    }
    if (!AlertSettings.isMailbox(address)) {
      throw ProblemException.field("address", "must be one mailbox such as ops@example.com");
    }
    return address;
  }

  private void checkUrl(String address) {
    URI url = address.length() > LONGEST ? null : url(address);
    boolean mayBePrivate = !settings.privateReceivers().isEmpty();
    if (url == null
        || url.getHost() == null
        || url.getRawUserInfo() != null
        || url.getRawFragment() != null
        || url.getPort() > LARGEST_PORT
        || !("https".equals(url.getScheme()) || (mayBePrivate && "http".equals(url.getScheme())))) {
      throw ProblemException.field(
          "address",
          "must be an https URL of at most %,d characters, without user and fragment; http is for receivers in %s only"
              .formatted(LONGEST, AlertSettings.PRIVATE_RECEIVERS));
    }
    checkLiteral(url.getHost());
  }

  private static @Nullable URI url(String address) {
    try {
      return new URI(address);
    } catch (URISyntaxException e) {
      return null;
    }
  }

  /** Says at once what would be refused on every try. */
  private void checkLiteral(String host) {
    if (!LITERAL.matcher(host).matches()) {
      return;
    }
    try {
      InetAddress address = InetAddress.getByName(host);
      List<AddressRange> allowed = settings.privateReceivers();
      if ((!AddressGuard.isPublic(address) || AddressGuard.isOfThisHost(address))
          && allowed.stream().noneMatch(range -> range.contains(address))) {
        throw ProblemException.field(
            "address",
            "is not public, or is this machine; the operator allows private receivers with "
                + AlertSettings.PRIVATE_RECEIVERS);
      }
    } catch (UnknownHostException e) {
      throw ProblemException.field("address", "has no valid IP address");
    }
  }

  /** {@return what people may see of an address: paths of chat robots are secrets} */
  static String shown(Channel channel, String address) {
    if (channel == Channel.EMAIL) {
      return address;
    }
    URI url = URI.create(address);
    String port = url.getPort() < 0 ? "" : ":" + url.getPort();
    String path = url.getRawPath() == null ? "" : url.getRawPath();
    boolean more = path.length() > 1 || url.getRawQuery() != null;
    return url.getScheme() + "://" + url.getHost() + port + (more ? "/…" : "");
  }
}
