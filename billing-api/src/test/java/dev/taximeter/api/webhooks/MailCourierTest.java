package dev.taximeter.api.webhooks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.api.settings.AlertSettings.Encryption;
import dev.taximeter.api.settings.AlertSettings.Mail;
import dev.taximeter.contract.catalog.Recipient.Channel;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a mail server hears, and what is made of its answers. */
@Timeout(60)
class MailCourierTest {
  /** Takes one conversation, and answers to recipients as told. */
  private static CompletableFuture<List<String>> talk(ServerSocket server, String toRecipient) {
    return CompletableFuture.supplyAsync(
        () -> {
          List<String> heard = new java.util.ArrayList<>();
          try (Socket socket = server.accept();
              BufferedReader in =
                  new BufferedReader(
                      new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))) {
            say(socket, "220 mail.example ESMTP");
            boolean data = false;
            for (String line = in.readLine(); line != null; line = in.readLine()) {
              heard.add(line);
              if (data) {
                data = !line.equals(".");
                if (!data) {
                  say(socket, "250 queued");
                }
              } else if (line.startsWith("EHLO")) {
                say(socket, "250 mail.example");
              } else if (line.startsWith("RCPT")) {
                say(socket, toRecipient);
              } else if (line.equals("DATA")) {
                data = true;
                say(socket, "354 go on");
              } else if (line.equals("QUIT")) {
                say(socket, "221 bye");
                return heard;
              } else {
                say(socket, "250 ok");
              }
            }
            return heard;
          } catch (IOException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  private static void say(Socket socket, String line) throws IOException {
    socket.getOutputStream().write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().flush();
  }

  private static Verdict send(int port, Encryption encryption) {
    Mail mail = new Mail("127.0.0.1", port, encryption, "", "", "alerts@example.com");
    return new MailCourier(mail)
        .send(
            new Addressed(
                Channel.EMAIL, "ops@example.com", null, List.of(new byte[32]), "[billing]"),
            "msg_1",
            Messages.quota("a1", "acme"),
            Messages.NOW);
  }

  private static ServerSocket server() throws IOException {
    return new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
  }

  @Test
  void theServerGetsTheMessageWithAStableId() throws Exception {
    try (ServerSocket server = server()) {
      CompletableFuture<List<String>> talk = talk(server, "250 ok");

      Verdict verdict = send(server.getLocalPort(), Encryption.NONE);

      assertThat(verdict.accepted()).isTrue();
      List<String> heard = talk.get(20, TimeUnit.SECONDS);
      assertThat(heard)
          .contains("MAIL FROM:<alerts@example.com>", "RCPT TO:<ops@example.com>")
          .contains("Message-ID: <msg_1@example.com>", "Auto-Submitted: auto-generated")
          .contains("Subject: [billing] Quota acme-month of acme has reached 80 %")
          .contains("80.25 of 100 USD are used in 2026-11.", "threshold: 80");
    }
  }

  @Test
  void aRefusalIsAFailure() throws Exception {
    try (ServerSocket server = server()) {
      CompletableFuture<List<String>> talk = talk(server, "550 no such mailbox");

      Verdict verdict = send(server.getLocalPort(), Encryption.NONE);

      assertThat(verdict.accepted()).isFalse();
      assertThat(talk.get(20, TimeUnit.SECONDS)).doesNotContain("DATA");
    }
  }

  @Test
  void nothingIsSentInClearWhereEncryptionIsDemanded() throws Exception {
    try (ServerSocket server = server()) {
      CompletableFuture<List<String>> talk = talk(server, "250 ok");

      Verdict verdict = send(server.getLocalPort(), Encryption.STARTTLS);

      assertThat(verdict.accepted()).isFalse();
      assertThat(talk.get(20, TimeUnit.SECONDS)).noneMatch(line -> line.startsWith("MAIL"));
    }
  }

  @Test
  void withoutAServerNothingIsSent() {
    Verdict verdict =
        new MailCourier(null)
            .send(
                new Addressed(Channel.EMAIL, "ops@example.com", null, List.of(), ""),
                "msg_1",
                Messages.quota("a1", "acme"),
                Messages.NOW);
    assertThat(verdict.accepted()).isFalse();
  }
}
