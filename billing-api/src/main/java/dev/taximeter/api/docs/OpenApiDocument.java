package dev.taximeter.api.docs;

import dev.taximeter.api.web.Problem;
import io.swagger.v3.core.converter.ModelConverters;
import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.PathItem;
import io.swagger.v3.oas.models.info.Info;
import io.swagger.v3.oas.models.info.License;
import io.swagger.v3.oas.models.security.SecurityRequirement;
import io.swagger.v3.oas.models.security.SecurityScheme;
import io.swagger.v3.oas.models.servers.Server;
import java.util.List;
import java.util.Locale;
import org.springdoc.core.customizers.OpenApiCustomizer;

/** What the OpenAPI document says beside what the controllers say. */
public final class OpenApiDocument implements OpenApiCustomizer {
  private static final String TOKEN = "token";
  private static final String API_KEY = "apiKey";

  @Override
  public void customise(OpenAPI document) {
    document
        .info(
            new Info()
                .title("Taximeter billing API")
                .version("v1")
                .description(
                    """
                    Usage, balances and bills of an LLM gateway. Decimals are JSON strings with \
                    every digit; times are RFC 3339 in UTC; every answer about usage or money says \
                    how fresh it is. Errors are RFC 9457 problems whose types never change their \
                    meaning.

                    Writes about money carry an Idempotency-Key, which belongs to the address and \
                    the account. The same request with the same key is decided once and answered \
                    as the first time; the key with another body or reason is refused (422, \
                    idempotency-key-reused), and that does not change what the first request is \
                    answered. The last 10,000 decisions of each account are remembered, however \
                    old. A request that is sent again after that is a new one, with one exception: \
                    a credit is never given twice, such a request is refused (422). So send a \
                    request again within minutes or days, and look at the ledger before you send \
                    an old one.""")
                .license(new License().name("Apache-2.0").identifier("Apache-2.0")))
        .servers(List.of(new Server().url("/")))
        .security(List.of(new SecurityRequirement().addList(TOKEN)));
    if (document.getComponents() == null) {
      document.components(new Components());
    }
    document
        .getComponents()
        .addSecuritySchemes(
            TOKEN,
            new SecurityScheme()
                .type(SecurityScheme.Type.HTTP)
                .scheme("bearer")
                .description(
                    "The token from the file admin-token in the data directory, or one that POST"
                        + " /v1/tokens made, or one of the identity provider that is configured."));
    document
        .getComponents()
        .addSecuritySchemes(
            API_KEY,
            new SecurityScheme()
                .type(SecurityScheme.Type.HTTP)
                .scheme("bearer")
                .description("An API key of the gateway, which asks about itself."));
    ModelConverters.getInstance(true)
        .readAll(Problem.class)
        .forEach(document.getComponents()::addSchemas);
    document
        .getPaths()
        .forEach(
            (path, item) ->
                item.readOperationsMap()
                    .forEach((method, operation) -> operation.operationId(nameOf(method, path))));
  }

  /** Names that generated clients keep when operations are added: they say method and path. */
  private static String nameOf(PathItem.HttpMethod method, String path) {
    StringBuilder name = new StringBuilder(method.name().toLowerCase(Locale.ROOT));
    for (String part : path.split("[/-]", -1)) {
      if (!part.isEmpty() && !part.equals("v1")) {
        String word = part.startsWith("{") ? part.substring(1, part.length() - 1) : part;
        name.append(part.startsWith("{") ? "By" : "")
            .append(Character.toUpperCase(word.charAt(0)))
            .append(word.substring(1).replace(".", ""));
      }
    }
    return name.toString();
  }
}
