package dev.taximeter.contract.catalog;

import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Who gets alerts, and by which channel. Addresses of webhooks and chat robots are secrets
 * themselves, so none is kept in clear.
 *
 * @param id unique for ever
 * @param name for people
 * @param account id of the account whose alerts it gets; null for those of all accounts and of the
 *     installation
 * @param address sealed; empty once it is removed
 * @param shown what people see of the address: scheme and host, or the whole mailbox
 * @param channelSecret sealed: what a robot's messages are signed with; null if they are not
 * @param signing which secret signs webhooks: secrets derive from it and are not kept
 * @param previousSigning the one before, which signs besides; null if there is none
 * @param previousUntil when the one before stops to sign; null with it
 * @param prefix what texts begin with, for robots that demand a word; may be empty
 * @param alerts kinds that it gets; empty for all
 * @param statusReason why it is disabled; empty if it is not
 */
public record Recipient(
    String id,
    String name,
    @Nullable String account,
    Channel channel,
    String address,
    String shown,
    @Nullable String channelSecret,
    String signing,
    @Nullable String previousSigning,
    @Nullable Instant previousUntil,
    String prefix,
    List<AlertKind> alerts,
    Status status,
    String statusReason,
    Instant createdAt,
    String createdBy) {
  /** What an id is. */
  public static final Pattern ID = Pattern.compile("rcp_[0-9a-f]{16}");

  /** How an alert is sent. */
  public enum Channel {
    /** Signed JSON after the Standard Webhooks specification. */
    WEBHOOK,
    ALERTMANAGER,
    SLACK,
    DINGTALK,
    FEISHU,
    WECOM,
    EMAIL;

    @JsonValue
    public String code() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** {@return the channel of a code; empty if there is none} */
    public static Optional<Channel> of(String code) {
      return Arrays.stream(values()).filter(channel -> channel.code().equals(code)).findFirst();
    }
  }

  /** Whether it gets anything. */
  public enum Status {
    ENABLED,
    DISABLED,
    /** For good. */
    REMOVED;

    @JsonValue
    public String code() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public Recipient {
    alerts = List.copyOf(alerts);
  }

  /** {@return whether it gets an alert} */
  public boolean gets(AlertKind kind, @Nullable String ofAccount) {
    boolean concerned = account == null || (kind.isOfAccounts() && account.equals(ofAccount));
    return status == Status.ENABLED && concerned && (alerts.isEmpty() || alerts.contains(kind));
  }

  /** {@return the same, named, addressed and filtered otherwise} */
  public Recipient with(
      String newName,
      String newAddress,
      String newShown,
      @Nullable String newChannelSecret,
      String newPrefix,
      List<AlertKind> newAlerts) {
    return new Recipient(
        id,
        newName,
        account,
        channel,
        newAddress,
        newShown,
        newChannelSecret,
        signing,
        previousSigning,
        previousUntil,
        newPrefix,
        newAlerts,
        status,
        statusReason,
        createdAt,
        createdBy);
  }

  /** {@return the same in another status} */
  public Recipient with(Status next, String reason) {
    return new Recipient(
        id,
        name,
        account,
        channel,
        address,
        shown,
        channelSecret,
        signing,
        previousSigning,
        previousUntil,
        prefix,
        alerts,
        next,
        reason,
        createdAt,
        createdBy);
  }

  /** {@return the same with another signing secret; the one there is signs besides for a while} */
  public Recipient rotated(String next, Instant until) {
    return new Recipient(
        id,
        name,
        account,
        channel,
        address,
        shown,
        channelSecret,
        next,
        signing,
        until,
        prefix,
        alerts,
        status,
        statusReason,
        createdAt,
        createdBy);
  }

  /** {@return the same, for good without anything secret} */
  public Recipient removed() {
    return new Recipient(
        id,
        name,
        account,
        channel,
        "",
        "",
        null,
        "",
        null,
        null,
        "",
        List.of(),
        Status.REMOVED,
        "",
        createdAt,
        createdBy);
  }

  /** {@return the same without what must not be shown} */
  public Recipient withoutSecrets() {
    return new Recipient(
        id,
        name,
        account,
        channel,
        "",
        shown,
        null,
        "",
        null,
        previousUntil,
        prefix,
        alerts,
        status,
        statusReason,
        createdAt,
        createdBy);
  }
}
