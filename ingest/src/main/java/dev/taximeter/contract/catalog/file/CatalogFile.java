package dev.taximeter.contract.catalog.file;

import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.security.Fingerprinter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * The YAML file that accounts, keys, prices, plans, quotas and credits are loaded from. Raw keys
 * become fingerprints while it is read, and appear neither in the result nor in any message.
 */
public final class CatalogFile {
  /** Size of a file, in bytes of UTF-8. */
  public static final int MOST_BYTES = 1024 * 1024;

  /** Nesting of lists and mappings; a catalogue needs 7. */
  private static final int DEEPEST = 16;

  private CatalogFile() {}

  /**
   * @param yaml the file's content
   * @param fileName for messages
   * @throws CatalogFileException if anything is wrong; it tells all of it, not only the first
   */
  public static Catalog read(String yaml, String fileName, Fingerprinter fingerprinter)
      throws CatalogFileException {
    return read(yaml, fileName, fingerprinter, Catalog.EMPTY);
  }

  /**
   * @param existing resources that the installation already has: the file may refer to them
   * @return what the file itself defines
   * @throws CatalogFileException if anything is wrong; it tells all of it, not only the first
   */
  public static Catalog read(
      String yaml, String fileName, Fingerprinter fingerprinter, Catalog existing)
      throws CatalogFileException {
    Problems problems = new Problems(fileName);
    Catalog catalog = Catalog.EMPTY;
    Node root = compose(yaml, problems);
    if (root == null) {
      problems.add(Optional.empty(), "the file is empty; a catalogue has accounts or other lists");
    } else {
      CatalogReader reader = new CatalogReader(problems, fingerprinter, existing);
      catalog = reader.read(new Value(problems, root, ""));
    }
    problems.throwIfAny();
    return catalog;
  }

  private static @Nullable Node compose(String yaml, Problems problems) {
    if (yaml.length() > MOST_BYTES || yaml.getBytes(StandardCharsets.UTF_8).length > MOST_BYTES) {
      problems.add(Optional.empty(), "the file is larger than %d bytes".formatted(MOST_BYTES));
      problems.throwIfAny();
    }
    LoadSettings settings =
        LoadSettings.builder()
            .setCodePointLimit(MOST_BYTES)
            .setMaxAliasesForCollections(0)
            .setAllowDuplicateKeys(true) // Reported with the field's path instead.
            .build();
    try {
      checkShape(new Parse(settings).parseString(yaml), problems);
      problems.throwIfAny();
      return new Compose(settings).composeString(yaml).orElse(null);
    } catch (MarkedYamlEngineException e) {
      problems.add(e.getProblemMark().or(e::getContextMark), "not valid YAML: " + explained(e));
    } catch (YamlEngineException e) {
      problems.add(Optional.empty(), "not valid YAML");
    }
    problems.throwIfAny();
    return null;
  }

  /** Refuses what would make composing expensive, before anything is composed. */
  private static void checkShape(Iterable<Event> events, Problems problems) {
    int depth = 0;
    for (Event event : events) {
      switch (event.getEventId()) {
        case MappingStart, SequenceStart -> depth++;
        case MappingEnd, SequenceEnd -> depth--;
        default -> {}
      }
      if (depth > DEEPEST) {
        problems.add(event.getStartMark(), "nested more than %d deep".formatted(DEEPEST));
        return;
      }
      if (event.getEventId() == Event.ID.Alias
          || (event instanceof NodeEvent node && node.getAnchor().isPresent())) {
        problems.add(
            event.getStartMark(), "anchors and aliases are not allowed; quote a leading & or *");
        return;
      }
    }
  }

  /** The parser's own words, unless they would quote the file: it may be a raw key. */
  private static String explained(MarkedYamlEngineException e) {
    String problem = e.getProblem();
    boolean quotes =
        problem == null
            || List.of("alias", "tag", "key ", "URI", "handle").stream()
                .anyMatch(problem::contains);
    return quotes ? "check the quotes, colons and indentation here" : problem;
  }
}
