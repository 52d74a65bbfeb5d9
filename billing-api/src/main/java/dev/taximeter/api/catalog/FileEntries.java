package dev.taximeter.api.catalog;

import dev.taximeter.api.web.Problem;
import dev.taximeter.api.web.ProblemException;
import dev.taximeter.api.web.ProblemType;
import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.catalog.file.CatalogFile;
import dev.taximeter.contract.catalog.file.CatalogFileException;
import dev.taximeter.contract.json.Json;
import dev.taximeter.contract.security.Fingerprinter;
import dev.taximeter.contract.security.RootSecret;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads a single resource that is sent as JSON the way the catalogue file is read: one format, one
 * set of rules, the same sentences about mistakes.
 */
final class FileEntries {
  private static final Pattern ID = Pattern.compile("[a-z0-9][a-z0-9_.-]{0,63}");

  /** What answers show and nobody decides. */
  private static final Set<String> SHOWN_ONLY = Set.of("version", "versions", "priceVersion");

  private final RootSecret rootSecret;

  FileEntries(RootSecret rootSecret) {
    this.rootSecret = rootSecret;
  }

  /**
   * @param list the file's list that the resource stands in, such as {@code plans}
   * @param id as the address has it
   * @param existing what the resource may refer to
   * @return a catalogue of this resource alone
   */
  Catalog read(String list, String id, byte[] json, CatalogSnapshot existing) {
    if (!ID.matcher(id).matches()) {
      throw ProblemException.parameter(
          "id", "must be 1 to 64 of a-z 0-9 - _ . and begin with a letter or digit");
    }
    ObjectNode entry = entry(json);
    JsonNode own = entry.path("id");
    if (!own.isMissingNode() && !own.asString("").equals(id)) {
      throw ProblemException.field("id", "must be %s as in the address, or absent".formatted(id));
    }
    entry.put("id", id);
    ObjectNode file = Json.MAPPER.createObjectNode();
    file.putArray(list).add(entry);
    try {
      return CatalogFile.read(
          file.toString(), "the body", new Fingerprinter(rootSecret), existing.catalog());
    } catch (CatalogFileException e) {
      List<Problem.Mistake> mistakes =
          e.problems().stream().map(sentence -> new Problem.Mistake("", sentence)).toList();
      throw ProblemException.of(
          ProblemType.INVALID_CATALOG, String.join("; ", e.problems()), mistakes);
    }
  }

  private static ObjectNode entry(byte[] json) {
    try {
      if (Json.MAPPER.readTree(json) instanceof ObjectNode entry) {
        entry.remove(SHOWN_ONLY);
        entry
            .path("prices")
            .forEach(
                price -> {
                  if (price instanceof ObjectNode object) {
                    object.remove(SHOWN_ONLY);
                  }
                });
        return entry;
      }
    } catch (JacksonException e) {
      // Reported below.
    }
    throw ProblemException.of(ProblemType.INVALID_BODY, "The body is no JSON object.");
  }
}
