package dev.taximeter.api.docs;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/**
 * Finds what a client of an earlier document would stumble over in a later one: what it may send is
 * refused, or what it reads is not there any more. New operations, new optional inputs, new fields
 * and new values in answers break nobody.
 */
public final class BreakingChanges {
  private final JsonNode before;
  private final JsonNode after;
  private final List<String> found = new ArrayList<>();

  private BreakingChanges(JsonNode before, JsonNode after) {
    this.before = before;
    this.after = after;
  }

  /**
   * @return one sentence for each; empty if there are none
   */
  public static List<String> between(JsonNode before, JsonNode after) {
    BreakingChanges changes = new BreakingChanges(before, after);
    changes.compare();
    return changes.found;
  }

  private void compare() {
    before
        .path("paths")
        .forEachEntry(
            (path, operations) ->
                operations.forEachEntry(
                    (method, operation) -> {
                      String where = method + " " + path;
                      JsonNode now = after.path("paths").path(path).path(method);
                      if (now.isMissingNode()) {
                        found.add(where + " is gone");
                      } else {
                        parameters(where, operation, now);
                        body(where, operation.path("requestBody"), now.path("requestBody"));
                        answers(where, operation.path("responses"), now.path("responses"));
                      }
                    }));
  }

  private void parameters(String where, JsonNode was, JsonNode now) {
    for (JsonNode parameter : was.path("parameters")) {
      JsonNode same = sameParameter(now, parameter);
      String name = where + " parameter " + parameter.path("name").asString();
      if (same.isMissingNode()) {
        found.add(name + " is gone");
      } else {
        if (same.path("required").asBoolean(false)
            && !parameter.path("required").asBoolean(false)) {
          found.add(name + " is required now");
        }
        input(name, parameter.path("schema"), same.path("schema"), new HashSet<>());
      }
    }
    for (JsonNode parameter : now.path("parameters")) {
      if (parameter.path("required").asBoolean(false)
          && sameParameter(was, parameter).isMissingNode()) {
        found.add(
            where + " parameter " + parameter.path("name").asString() + " is new and required");
      }
    }
  }

  private static JsonNode sameParameter(JsonNode operation, JsonNode parameter) {
    for (JsonNode other : operation.path("parameters")) {
      if (other.path("name").equals(parameter.path("name"))
          && other.path("in").equals(parameter.path("in"))) {
        return other;
      }
    }
    return MissingNode.getInstance();
  }

  private void body(String where, JsonNode was, JsonNode now) {
    if (was.isMissingNode() && now.path("required").asBoolean(false)) {
      found.add(where + " needs a body now");
    }
    was.path("content")
        .forEachEntry(
            (type, media) -> {
              JsonNode same = now.path("content").path(type);
              if (same.isMissingNode()) {
                found.add(where + " takes no " + type + " any more");
              } else {
                input(where + " body", media.path("schema"), same.path("schema"), new HashSet<>());
              }
            });
  }

  private void answers(String where, JsonNode was, JsonNode now) {
    was.forEachEntry(
        (status, response) -> {
          if (status.startsWith("2")) {
            response
                .path("content")
                .forEachEntry(
                    (type, media) -> {
                      JsonNode same = now.path(status).path("content").path(type);
                      if (same.isMissingNode()) {
                        found.add(where + " answers no " + type + " with " + status + " any more");
                      } else {
                        output(
                            where + " answer",
                            media.path("schema"),
                            same.path("schema"),
                            new HashSet<>());
                      }
                    });
          }
        });
  }

  /** What a client may send: less than before breaks it. */
  private void input(String where, JsonNode was, JsonNode now, Set<String> seen) {
    both(
        where,
        was,
        now,
        seen,
        (old, current) -> {
          Set<String> allowed = values(current.path("enum"));
          if (!allowed.isEmpty() && !allowed.containsAll(values(old.path("enum")))) {
            found.add(where + " allows fewer values");
          }
          if (old.path("enum").isMissingNode() && !allowed.isEmpty()) {
            found.add(where + " allows only some values now");
          }
          Set<String> required = values(current.path("required"));
          required.removeAll(values(old.path("required")));
          required.forEach(field -> found.add(where + "." + field + " is required now"));
          old.path("properties")
              .forEachEntry(
                  (field, property) -> {
                    JsonNode same = current.path("properties").path(field);
                    if (same.isMissingNode()) {
                      found.add(where + "." + field + " is gone");
                    } else {
                      input(where + "." + field, property, same, seen);
                    }
                  });
          if (old.has("items")) {
            input(where + "[]", old.path("items"), current.path("items"), seen);
          }
        });
  }

  /** What a client reads: what it relies on must still be there. */
  private void output(String where, JsonNode was, JsonNode now, Set<String> seen) {
    both(
        where,
        was,
        now,
        seen,
        (old, current) -> {
          Set<String> required = values(old.path("required"));
          required.removeAll(values(current.path("required")));
          required.forEach(field -> found.add(where + "." + field + " may be absent now"));
          old.path("properties")
              .forEachEntry(
                  (field, property) -> {
                    JsonNode same = current.path("properties").path(field);
                    if (same.isMissingNode()) {
                      found.add(where + "." + field + " is gone");
                    } else {
                      output(where + "." + field, property, same, seen);
                    }
                  });
          if (old.has("items")) {
            output(where + "[]", old.path("items"), current.path("items"), seen);
          }
          for (int i = 0; i < old.path("oneOf").size(); i++) {
            // One answer where there were several must be as good as each.
            JsonNode answer = current.has("oneOf") ? current.path("oneOf").path(i) : current;
            output(where, old.path("oneOf").path(i), answer, seen);
          }
        });
  }

  private void both(
      String where,
      JsonNode was,
      JsonNode now,
      Set<String> seen,
      BiConsumer<JsonNode, JsonNode> compare) {
    String reference = was.path("$ref").asString("") + ' ' + now.path("$ref").asString("");
    if (!reference.isBlank() && !seen.add(reference)) {
      return;
    }
    JsonNode old = resolved(before, was);
    JsonNode current = resolved(after, now);
    if (old.has("type") && !old.path("type").equals(current.path("type"))) {
      found.add(
          where + " was " + old.path("type") + ", is " + current.path("type").asString("unsaid"));
      return;
    }
    compare.accept(old, current);
  }

  private static JsonNode resolved(JsonNode document, JsonNode schema) {
    String reference = schema.path("$ref").asString("");
    return reference.isEmpty() ? schema : document.at(reference.substring(1));
  }

  private static Set<String> values(JsonNode list) {
    Set<String> values = new TreeSet<>();
    list.forEach(value -> values.add(value.asString("")));
    return values;
  }
}
