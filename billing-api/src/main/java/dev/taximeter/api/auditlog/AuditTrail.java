package dev.taximeter.api.auditlog;

import dev.taximeter.api.catalog.CatalogSnapshot;
import dev.taximeter.api.catalog.CommandObserver;
import dev.taximeter.contract.catalog.AccessToken;
import dev.taximeter.contract.catalog.CatalogRecord.Resource;
import dev.taximeter.contract.event.AuditRecord.Asked;
import dev.taximeter.contract.event.Command;
import dev.taximeter.contract.event.CommandResult;
import dev.taximeter.contract.event.Order;
import dev.taximeter.contract.json.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.web.context.request.RequestAttributes;
import org.springframework.web.context.request.RequestContextHolder;

/** Remembers, with the request that caused them, the commands that were sent and their results. */
public final class AuditTrail implements CommandObserver {
  /** A request sends one command, an import of prices a few. */
  private static final int MOST_COMMANDS = 10;

  /** Of one side of a change. Longer ones are told by ids; the catalogue's history has all. */
  private static final int MOST_CHARACTERS = 32_000;

  private static final int MOST_IDS = 100;
  private static final String ATTRIBUTE = AuditTrail.class.getName();

  /** The commands of one request; used by its thread only. */
  static final class Steps {
    private final List<Asked> asked = new ArrayList<>();

    List<Asked> asked() {
      return List.copyOf(asked);
    }

    /** {@return whether nothing can have changed} */
    boolean changedNothing() {
      return asked.stream().allMatch(one -> one.result() != null && isRefusal(one.result()));
    }

    private static boolean isRefusal(String result) {
      return !Json.MAPPER.readTree(result).path("accepted").asBoolean(true);
    }

    private void decided(String commandId, Asked decided) {
      asked.replaceAll(one -> one.commandId().equals(commandId) ? decided : one);
    }

    private @Nullable Asked find(String commandId) {
      return asked.stream()
          .filter(one -> one.commandId().equals(commandId))
          .findFirst()
          .orElse(null);
    }
  }

  /** {@return the steps of the request that this thread serves} */
  static Steps current() {
    RequestAttributes request = RequestContextHolder.currentRequestAttributes();
    if (request.getAttribute(ATTRIBUTE, RequestAttributes.SCOPE_REQUEST) instanceof Steps steps) {
      return steps;
    }
    Steps steps = new Steps();
    request.setAttribute(ATTRIBUTE, steps, RequestAttributes.SCOPE_REQUEST);
    return steps;
  }

  @Override
  public void sending(Command command) {
    if (RequestContextHolder.getRequestAttributes() == null) {
      return;
    }
    List<Asked> asked = current().asked;
    if (asked.size() < MOST_COMMANDS) {
      asked.add(new Asked(command.id(), null, null, json(command.orders()), null));
    }
  }

  private static @Nullable String json(List<Order> orders) {
    return orders.isEmpty()
        ? null
        : bounded(Json.MAPPER.writerFor(Order.class).writeValueAsString(orders.get(0)));
  }

  @Override
  public void decided(CommandResult result, CatalogSnapshot before, CatalogSnapshot after) {
    if (RequestContextHolder.getRequestAttributes() == null) {
      return;
    }
    Steps steps = current();
    Asked sent = steps.find(result.id());
    if (sent != null) {
      boolean changed = !result.changed().isEmpty();
      steps.decided(
          result.id(),
          new Asked(
              result.id(),
              changed ? resources(result.changed(), before) : null,
              changed ? resources(result.changed(), after) : null,
              sent.order(),
              Json.MAPPER.writeValueAsString(summary(result))));
    }
  }

  /** Ids stand in before and after; what was posted is short. */
  private static CommandResult summary(CommandResult result) {
    return new CommandResult(
        result.id(),
        result.accepted(),
        result.catalogVersion(),
        List.of(),
        result.problems().stream().limit(MOST_IDS).toList(),
        result.refusal(),
        result.posting(),
        result.bill());
  }

  private static String resources(List<String> ids, CatalogSnapshot catalog) {
    Map<String, @Nullable Object> shown = new LinkedHashMap<>();
    ids.forEach(id -> shown.put(id, withoutHash(catalog.resource(id))));
    String all = Json.MAPPER.writeValueAsString(shown);
    return all.length() <= MOST_CHARACTERS ? all : tooLong(ids);
  }

  /** Not even the hash of a token's secret is shown, nor a sealed address. */
  private static @Nullable Resource withoutHash(@Nullable Resource resource) {
    if (resource instanceof Resource.OfToken of) {
      AccessToken token = of.token();
      return new Resource.OfToken(
          new AccessToken(
              token.id(),
              token.name(),
              "",
              token.role(),
              token.account(),
              token.createdAt(),
              token.createdBy(),
              token.expiresAt(),
              token.revokedAt()));
    }
    if (resource instanceof Resource.OfRecipient of) {
      return new Resource.OfRecipient(of.recipient().withoutSecrets());
    }
    return resource;
  }

  private static String tooLong(List<String> ids) {
    return Json.MAPPER.writeValueAsString(
        Map.of("tooLong", true, "ids", ids.stream().limit(MOST_IDS).toList(), "count", ids.size()));
  }

  private static String bounded(String json) {
    return json.length() <= MOST_CHARACTERS
        ? json
        : Json.MAPPER.writeValueAsString(Map.of("tooLong", true));
  }
}
