package dev.taximeter.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.api.docs.BreakingChanges;
import dev.taximeter.contract.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;

/** The OpenAPI document is checked in, is what the code says, and breaks no released client. */
class OpenApiFileTest extends ApiTest {
  /** Tests run in the module's folder. */
  private static final Path FILE = Path.of("openapi/taximeter-v1.json");

  private static final Path RELEASED = Path.of("openapi/taximeter-v1.released.json");

  private static String generated() {
    return Json.MAPPER
            .rebuild()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build()
            .writeValueAsString(get("/v1/openapi.json").json())
        + "\n";
  }

  @Test
  void theFileThatIsCheckedInIsWhatTheCodeSays() throws IOException {
    String generated = generated();
    if (Boolean.getBoolean("taximeter.openapi.write")) {
      Files.writeString(FILE, generated);
    }

    assertThat(Files.readString(FILE))
        .as(
            "%s is not what the code says; write it anew with"
                + " mvn -pl billing-api -am test -Dtest=OpenApiFileTest"
                + " -Dsurefire.failIfNoSpecifiedTests=false -Dtaximeter.openapi.write=true",
            FILE)
        .isEqualTo(generated);
  }

  @Test
  void nothingBreaksClientsOfTheLastRelease() throws IOException {
    JsonNode released = Json.MAPPER.readTree(Files.readString(RELEASED));

    assertThat(BreakingChanges.between(released, get("/v1/openapi.json").json()))
        .as("what breaks clients needs a new version of the API")
        .isEmpty();
  }
}
