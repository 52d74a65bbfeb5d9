package dev.taximeter.contract.catalog.file;

import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.security.Fingerprinter;
import dev.taximeter.contract.yaml.Problems;
import dev.taximeter.contract.yaml.Value;
import dev.taximeter.contract.yaml.YamlFile;
import java.util.List;
import java.util.Optional;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * The YAML file that accounts, keys, prices, plans, quotas and credits are loaded from. Raw keys
 * become fingerprints while it is read, and appear neither in the result nor in any message.
 */
public final class CatalogFile {
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
    Node root = YamlFile.compose(yaml, problems);
    throwIfAny(problems);
    if (root == null) {
      problems.add(Optional.empty(), "the file is empty; a catalogue has accounts or other lists");
    } else {
      CatalogReader reader = new CatalogReader(problems, fingerprinter, existing);
      catalog = reader.read(new Value(problems, root, ""));
    }
    throwIfAny(problems);
    return catalog;
  }

  private static void throwIfAny(Problems problems) {
    List<String> sentences = problems.sentences();
    if (!sentences.isEmpty()) {
      throw new CatalogFileException(sentences);
    }
  }
}
