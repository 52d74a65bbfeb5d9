package dev.taximeter.standalone.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.taximeter.standalone.instance.DataDirectory;
import dev.taximeter.standalone.instance.Instance;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class TokenCommandTest {
  @TempDir private Path directory;

  private final StringWriter errors = new StringWriter();
  private final StringWriter output = new StringWriter();
  private final CommandLine commandLine =
      Main.commandLine()
          .setErr(new PrintWriter(errors, true))
          .setOut(new PrintWriter(output, true));
  private HttpServer api;
  private int status = 201;
  private String answer = "{\"id\":\"tok_1\",\"secret\":\"txm_shown\"}";
  private String asked;
  private String authorization;

  @BeforeEach
  void anApi() throws IOException {
    api = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    api.createContext(
        "/v1/tokens",
        exchange -> {
          asked = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
          authorization = exchange.getRequestHeaders().getFirst("Authorization");
          byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    api.start();
    DataDirectory data = new DataDirectory(directory);
    data.create();
    Files.writeString(data.adminTokenFile(), "the-administrators-token");
    data.record(
        new Instance(
            Instance.ProcessIdentity.of(ProcessHandle.current()),
            Map.of(),
            "http://127.0.0.1:" + api.getAddress().getPort(),
            Map.of(),
            "",
            new Instance.ClickHouseTarget("", "", "", "", ""),
            null));
  }

  @AfterEach
  void end() {
    api.stop(0);
  }

  private int create(String... options) {
    String[] line = new String[options.length + 4];
    line[0] = "token";
    line[1] = "create";
    line[2] = "--data-dir";
    line[3] = directory.toString();
    System.arraycopy(options, 0, line, 4, options.length);
    return commandLine.execute(line);
  }

  @Test
  void theTokenAloneIsPrinted() {
    int exit =
        create(
            "--name",
            "job \"1\"",
            "--role",
            "viewer",
            "--account",
            "acme",
            "--expires",
            "2027-01-01T00:00:00Z");

    assertThat(exit).isZero();
    assertThat(output.toString().strip()).isEqualTo("txm_shown");
    assertThat(errors.toString()).contains("tok_1").doesNotContain("txm_shown");
    assertThat(authorization).isEqualTo("Bearer the-administrators-token");
    assertThat(asked)
        .isEqualTo(
            "{\"name\":\"job \\\"1\\\"\",\"role\":\"viewer\",\"account\":\"acme\","
                + "\"expiresAt\":\"2027-01-01T00:00:00Z\"}");
  }

  @Test
  void theWholeAnswerIsPrintedAsJson() {
    assertThat(create("--name", "a", "--role", "viewer", "--json")).isZero();
    assertThat(output.toString().strip()).isEqualTo(answer);
  }

  @Test
  void aRefusalIsTold() {
    status = 409;
    answer = "{\"detail\":\"There is a token named a\"}";

    assertThat(create("--name", "a", "--role", "viewer")).isEqualTo(1);
    assertThat(errors.toString().strip())
        .isEqualTo("taximeter: the token was not made: There is a token named a");
    assertThat(output.toString()).isEmpty();
  }

  @Test
  void nothingRunning() throws IOException {
    Files.delete(new DataDirectory(directory).instanceFile());

    assertThat(create("--name", "a", "--role", "viewer")).isEqualTo(1);
    assertThat(errors.toString()).startsWith("taximeter: nothing runs on " + directory);
  }
}
