package dev.taximeter.api.webhooks;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.taximeter.contract.catalog.AlertKind;
import dev.taximeter.contract.catalog.Recipient;
import dev.taximeter.contract.event.AlertMessage;
import dev.taximeter.contract.event.Delivery;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Recipients and deliveries as they are shown, and asked for. */
final class RecipientViews {
  private RecipientViews() {}

  @Schema(name = "Recipient", description = "Who gets alerts, and by which channel.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record RecipientView(
      @Schema(example = "rcp_4f1d2c3b9a8e7f60") String id,
      @Schema(example = "on-call") String name,
      @Schema(
              description =
                  "The account whose alerts it gets; absent: those of all accounts and of the"
                      + " installation.",
              example = "acme")
          @Nullable String account,
      @Schema(
              allowableValues = {
                "webhook",
                "alertmanager",
                "slack",
                "dingtalk",
                "feishu",
                "wecom",
                "email"
              },
              example = "webhook")
          String channel,
      @Schema(
              description = "The address, without the path and the query of URLs.",
              example = "https://hooks.example.com/…")
          String address,
      @Schema(description = "What texts begin with; for robots that demand a word.") String prefix,
      @Schema(description = "Kinds of alerts that it gets; empty: all.") List<String> alerts,
      @Schema(allowableValues = {"enabled", "disabled"}) String status,
      @Schema(description = "Why it is disabled.") @Nullable String statusReason,
      @Schema(
              description =
                  "What webhooks are signed with; shown once, when it is made. Standard Webhooks"
                      + " format.")
          @Nullable String secret,
      @Schema(description = "Until when the secret before signs besides; absent if none does.")
          @Nullable Instant previousSecretUntil,
      @Schema(description = "Messages that wait.", example = "0") long pending,
      @Schema(description = "When it was made.") Instant createdAt,
      @Schema(example = "admin") String createdBy) {
    static RecipientView of(
        Recipient recipient, int pending, @Nullable String secret, Instant now) {
      Instant until = recipient.previousUntil();
      return new RecipientView(
          recipient.id(),
          recipient.name(),
          recipient.account(),
          recipient.channel().code(),
          recipient.shown(),
          recipient.prefix(),
          recipient.alerts().stream().map(AlertKind::code).toList(),
          recipient.status().code(),
          recipient.statusReason().isEmpty() ? null : recipient.statusReason(),
          secret,
          until != null && until.isAfter(now) ? until : null,
          pending,
          recipient.createdAt(),
          recipient.createdBy());
    }

    /** Shows no secret. */
    @Override
    public String toString() {
      return "RecipientView[id=" + id + "]";
    }
  }

  @Schema(description = "One page of recipients, by id.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record RecipientPage(
      List<RecipientView> items,
      @Schema(description = "Pass as cursor for the next page; absent on the last.")
          @Nullable String next) {}

  @Schema(description = "A recipient to make.")
  record NewRecipient(
      @Schema(description = "1 to 64 characters.", example = "on-call") @Nullable String name,
      @Schema(
              allowableValues = {
                "webhook",
                "alertmanager",
                "slack",
                "dingtalk",
                "feishu",
                "wecom",
                "email"
              },
              example = "webhook")
          @Nullable String channel,
      @Schema(
              description =
                  "The account whose alerts it gets. If absent: those of all accounts and of the"
                      + " installation.",
              example = "acme")
          @Nullable String account,
      @Schema(
              description = "An https URL, or a mailbox.",
              example = "https://hooks.example.com/taximeter")
          @Nullable String address,
      @Schema(description = "What the messages of a DingTalk or Feishu robot are signed with.")
          @Nullable String robotSecret,
      @Schema(description = "What texts begin with, 64 characters at most.")
          @Nullable String prefix,
      @Schema(description = "Kinds of alerts that it gets; absent or empty: all.", example = "[]")
          @Nullable List<@Nullable String> alerts) {
    /** Shows no secret. */
    @Override
    public String toString() {
      return "NewRecipient[name=" + name + "]";
    }
  }

  @Schema(description = "What to change; what is absent stays.")
  record RecipientChange(
      @Schema(description = "1 to 64 characters.", example = "on-call") @Nullable String name,
      @Schema(description = "An https URL, or a mailbox.") @Nullable String address,
      @Schema(description = "What the messages of a robot are signed with; empty: not any more.")
          @Nullable String robotSecret,
      @Schema(description = "What texts begin with.") @Nullable String prefix,
      @Schema(description = "Kinds of alerts that it gets; empty: all.")
          @Nullable List<@Nullable String> alerts,
      @Schema(allowableValues = {"enabled", "disabled"}) @Nullable String status) {
    /** Shows no secret. */
    @Override
    public String toString() {
      return "RecipientChange[name=" + name + "]";
    }
  }

  @Schema(description = "How a secret is replaced.")
  record SecretRotation(
      @Schema(
              description =
                  "Hours for which the secret before signs besides, 0 to 168; 24 if absent.",
              example = "24")
          @Nullable Integer overlapHours) {}

  @Schema(name = "Delivery", description = "A message to a recipient, and every try.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record DeliveryView(
      @Schema(
              description = "Of a webhook, the header webhook-id of every try.",
              example = "msg_0f8fad5bd9cb369fa16570867728950e")
          String id,
      @Schema(description = "Id of the alert that it tells of.") String alert,
      @Schema(example = "alert.quota") String type,
      @Schema(description = "Whom it concerns; absent: the installation.") @Nullable String account,
      @Schema(description = "One line.") String title,
      @Schema(description = "One sentence.") String text,
      @Schema(description = "Facts.") Map<String, String> details,
      @Schema(allowableValues = {"pending", "delivered", "failed", "muted", "superseded"})
          String status,
      @Schema(description = "When it was made.") Instant createdAt,
      @Schema(description = "When it is tried next; absent unless it is pending.")
          @Nullable Instant nextTry,
      @Schema(description = "The latest tries, oldest first.") List<TryView> tries) {
    static DeliveryView of(Delivery delivery) {
      AlertMessage message = delivery.message();
      return new DeliveryView(
          delivery.id(),
          message.alert(),
          message.type(),
          message.account(),
          message.title(),
          message.text(),
          message.details(),
          delivery.status().code(),
          delivery.createdAt(),
          delivery.nextTry(),
          delivery.tries().stream().map(TryView::of).toList());
    }
  }

  @Schema(name = "DeliveryTry", description = "One try to hand a message over.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record TryView(
      @Schema(description = "When.") Instant at,
      @Schema(description = "How long it took.", example = "41") long millis,
      @Schema(description = "HTTP status; absent without an answer, and of mail.", example = "200")
          @Nullable Integer status,
      @Schema(description = "What the recipient answered, or what went wrong; cut short.")
          String answer,
      @Schema(description = "Whether the recipient has taken the message.") boolean accepted) {
    static TryView of(Delivery.Try one) {
      return new TryView(one.at(), one.millis(), one.status(), one.answer(), one.accepted());
    }
  }

  @Schema(
      description = "One page of a recipient's deliveries, newest first unless asked otherwise.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record DeliveryPage(
      List<DeliveryView> items,
      @Schema(description = "Pass as cursor for the next page; absent on the last.")
          @Nullable String next) {}

  @Schema(description = "A message that is on its way.")
  record Sent(
      @Schema(
              description = "Where the recipient's deliveries show it in a moment.",
              example = "msg_0f8fad5bd9cb369fa16570867728950e")
          String delivery) {}
}
