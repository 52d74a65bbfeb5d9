package dev.taximeter.contract.catalog.file;

import java.util.List;

/** A catalogue file is wrong. No message ever holds a raw key. */
public final class CatalogFileException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final List<String> problems;

  CatalogFileException(List<String> problems) {
    super(String.join(System.lineSeparator(), problems));
    this.problems = List.copyOf(problems);
  }

  /**
   * @return what is wrong, in the order of the file, one sentence each with file, line, column and
   *     field; at least one
   */
  public List<String> problems() {
    return problems;
  }
}
