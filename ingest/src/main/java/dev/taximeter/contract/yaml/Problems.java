package dev.taximeter.contract.yaml;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.exceptions.Mark;

/** Collects what is wrong with a file, so that its author can mend all of it at once. */
public final class Problems {
  /** Problems reported at once; more would hide the first. */
  static final int MOST_REPORTED = 20;

  /** Problems kept, so that a hostile file cannot fill memory with them. */
  private static final int MOST_KEPT = 1_000;

  private final String fileName;
  private final Set<String> secrets = new HashSet<>();
  private final List<Problem> found = new ArrayList<>();

  private record Problem(int line, int column, String sentence) {}

  /**
   * @param fileName for messages
   */
  public Problems(String fileName) {
    this.fileName = fileName;
  }

  /**
   * @param sentence begins with the field's path
   */
  public void add(Optional<Mark> mark, String sentence) {
    if (found.size() < MOST_KEPT) {
      int line = mark.map(Mark::getLine).orElse(0) + 1;
      int column = mark.map(Mark::getColumn).orElse(0) + 1;
      found.add(new Problem(line, column, sentence));
    }
  }

  /** Keeps a raw key out of every sentence, whatever field it was also written into. */
  public void hide(String secret) {
    secrets.add(secret);
  }

  private String withoutSecrets(String sentence) {
    String clean = sentence;
    for (String secret : secrets) {
      clean = clean.replace(secret, "***");
    }
    return clean;
  }

  /**
   * @return one sentence for each problem, in the order of the file, with file, line, column and
   *     field; empty if there is none
   */
  public List<String> sentences() {
    found.sort(Comparator.comparingInt(Problem::line).thenComparingInt(Problem::column));
    List<String> sentences = new ArrayList<>();
    for (Problem problem : found.subList(0, Math.min(MOST_REPORTED, found.size()))) {
      sentences.add(
          "%s:%d:%d: %s"
              .formatted(fileName, problem.line, problem.column, withoutSecrets(problem.sentence)));
    }
    if (found.size() > MOST_REPORTED) {
      sentences.add("%s: %d more problems".formatted(fileName, found.size() - MOST_REPORTED));
    }
    return sentences;
  }
}
