package dev.taximeter.api.access;

import java.util.Set;

/** The table of rights, for tests that walk it. */
public final class DeclaredRights {
  private DeclaredRights() {}

  public static Set<String> routes() {
    return Rights.declared();
  }

  /** The name of the right that a route asks for. */
  public static String of(String method, String pattern) {
    return Rights.of(method, pattern).name();
  }
}
