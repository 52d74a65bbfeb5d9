package dev.taximeter.contract.event;

import org.jspecify.annotations.Nullable;

/**
 * Where a line came from.
 *
 * @param host machine that holds the file
 * @param path the file's path there
 */
public record LineSource(String host, String path) {
  /** Compared for every line; what a record makes itself goes through method handles. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof LineSource that && path.equals(that.path) && host.equals(that.host);
  }

  @Override
  public int hashCode() {
    return 31 * path.hashCode() + host.hashCode();
  }
}
