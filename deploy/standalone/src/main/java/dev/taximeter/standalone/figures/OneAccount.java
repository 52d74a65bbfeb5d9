package dev.taximeter.standalone.figures;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which account a command is about: by its place, or by name as other commands have it. */
final class OneAccount {
  @Parameters(paramLabel = "ACCOUNT", description = "The account.")
  private @Nullable String placed;

  @Option(names = "--account", paramLabel = "ID", description = "The same.")
  private @Nullable String named;

  /** {@return its id; one of both is there} */
  String id() {
    String id = placed != null ? placed : named;
    if (id == null) {
      throw new IllegalStateException("the account is demanded");
    }
    return id;
  }
}
