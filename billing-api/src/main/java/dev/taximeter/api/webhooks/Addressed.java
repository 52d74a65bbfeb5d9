package dev.taximeter.api.webhooks;

import dev.taximeter.contract.catalog.Recipient.Channel;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a message goes, with all secrets open.
 *
 * @param address URL, or a mailbox
 * @param channelSecret what a robot's messages are signed with; null if they are not
 * @param signingSecrets what webhooks are signed with; one, or two while they are rotated
 * @param prefix what texts begin with; may be empty
 */
record Addressed(
    Channel channel,
    String address,
    @Nullable String channelSecret,
    List<byte[]> signingSecrets,
    String prefix) {
  Addressed {
    signingSecrets = List.copyOf(signingSecrets);
  }

  /** Shows no secret. */
  @Override
  public String toString() {
    return "Addressed[" + channel + "]";
  }
}
