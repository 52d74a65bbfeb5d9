package dev.taximeter.api.webhooks;

import dev.taximeter.api.settings.AlertSettings.Encryption;
import dev.taximeter.api.settings.AlertSettings.Mail;
import dev.taximeter.contract.event.AlertMessage;
import jakarta.mail.Authenticator;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.PasswordAuthentication;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** Sends mail by the operator's server. */
final class MailCourier implements Courier {
  private static final Duration CONNECTING = Duration.ofSeconds(5);

  /** Of each of the few answers that the server gives. */
  private static final Duration ANSWERING = Duration.ofSeconds(10);

  private static final int MOST_KEPT = 500;

  private final @Nullable Mail mail;

  /**
   * @param mail null if there is no server
   */
  MailCourier(@Nullable Mail mail) {
    this.mail = mail;
  }

  @Override
  public Verdict send(Addressed to, String id, AlertMessage message, Instant now) {
    Mail server = mail;
    if (server == null) {
      return Verdict.failed("no mail server is set");
    }
    try {
      Transport.send(written(server, to, id, message, now));
      return Verdict.accepted("the mail server took it");
    } catch (MessagingException e) {
      String said = String.valueOf(e.getMessage()).replaceAll("\\p{Cntrl}+", " ").strip();
      return Verdict.failed(said.substring(0, Math.min(said.length(), MOST_KEPT)));
    }
  }

  private static MimeMessage written(
      Mail server, Addressed to, String id, AlertMessage message, Instant now)
      throws MessagingException {
    MimeMessage mail = new Identified(session(server), id, server.from());
    mail.setFrom(new InternetAddress(server.from(), true));
    mail.setRecipient(Message.RecipientType.TO, new InternetAddress(to.address(), true));
    String subject = to.prefix().isEmpty() ? message.title() : to.prefix() + " " + message.title();
    mail.setSubject(subject.replaceAll("\\p{Cntrl}+", " "), StandardCharsets.UTF_8.name());
    mail.setSentDate(Date.from(now));
    // Machines do not answer machines.
    mail.setHeader("Auto-Submitted", "auto-generated");
    mail.setText(text(message), StandardCharsets.UTF_8.name());
    mail.saveChanges();
    return mail;
  }

  private static String text(AlertMessage message) {
    StringBuilder text = new StringBuilder(message.text()).append("\n\n");
    message.details().forEach((name, value) -> text.append(name + ": " + value + "\n"));
    return text.append("alert: ").append(message.alert()).append('\n').toString();
  }

  /** Its Message-ID is that of the delivery, so that mail programs know a repeated one. */
  private static final class Identified extends MimeMessage {
    private final String id;

    Identified(Session session, String delivery, String from) {
      super(session);
      this.id = "<" + delivery + from.substring(from.indexOf('@')) + ">";
    }

    @Override
    protected void updateMessageID() throws MessagingException {
      setHeader("Message-ID", id);
    }
  }

  private static Session session(Mail server) {
    Properties properties = new Properties();
    properties.setProperty("mail.transport.protocol", "smtp");
    properties.setProperty("mail.smtp.host", server.host());
    properties.setProperty("mail.smtp.port", Integer.toString(server.port()));
    properties.setProperty("mail.smtp.connectiontimeout", Long.toString(CONNECTING.toMillis()));
    properties.setProperty("mail.smtp.timeout", Long.toString(ANSWERING.toMillis()));
    properties.setProperty("mail.smtp.writetimeout", Long.toString(ANSWERING.toMillis()));
    boolean tls = server.encryption() == Encryption.TLS;
    boolean startTls = server.encryption() == Encryption.STARTTLS;
    properties.setProperty("mail.smtp.ssl.enable", Boolean.toString(tls));
    properties.setProperty("mail.smtp.ssl.checkserveridentity", "true");
    properties.setProperty("mail.smtp.starttls.enable", Boolean.toString(startTls));
    properties.setProperty("mail.smtp.starttls.required", Boolean.toString(startTls));
    properties.setProperty("mail.smtp.auth", Boolean.toString(!server.user().isEmpty()));
    return Session.getInstance(
        properties,
        new Authenticator() {
          @Override
          protected PasswordAuthentication getPasswordAuthentication() {
            return new PasswordAuthentication(server.user(), server.password());
          }
        });
  }
}
