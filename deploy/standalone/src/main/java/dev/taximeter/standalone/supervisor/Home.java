package dev.taximeter.standalone.supervisor;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The clone that the launcher runs from, and what it built.
 *
 * @param root the top of the clone
 */
public record Home(Path root) {
  /**
   * @throws LaunchException if the program does not run from a clone
   */
  public static Home ofProgram() throws LaunchException {
    try {
      Path code = Path.of(Home.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      for (Path folder = code; folder != null; folder = folder.getParent()) {
        if (folder.endsWith(Path.of("deploy", "standalone"))) {
          return new Home(folder.resolve("../..").normalize());
        }
      }
    } catch (URISyntaxException e) {
      // Reported below.
    }
    throw new LaunchException("the launcher runs from no clone of Taximeter");
  }

  /** The data directory used when none is named. */
  public Path defaultDataDirectory() {
    return root.resolve(".taximeter");
  }

  Path standalone() {
    return root.resolve("deploy").resolve("standalone");
  }

  /** Belongs to the build: what is built anew starts with an empty one. */
  Path classArchives() {
    return standalone().resolve("target").resolve("class-archives");
  }

  Path logging() {
    return standalone().resolve("config").resolve("logback.xml");
  }

  /**
   * The class path of a module: its jar, then its libraries by name, so that it is the same each
   * time.
   *
   * @param module directory of the module
   * @param artifact its artifact's name
   */
  List<Path> classPath(Path module, String artifact) throws LaunchException {
    Path target = module.resolve("target");
    List<Path> path = new ArrayList<>();
    path.addAll(jars(target, artifact + "-"));
    if (path.size() != 1) {
      throw new LaunchException(
          "%s holds %s jar %s-*.jar; run ./taximeter, which builds it"
              .formatted(target, path.isEmpty() ? "no" : "more than one", artifact));
    }
    path.addAll(jars(target.resolve("lib"), ""));
    return path;
  }

  private static List<Path> jars(Path directory, String prefix) throws LaunchException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> isLibrary(file.getFileName().toString(), prefix))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new LaunchException(directory + " cannot be read: " + e.getMessage());
    }
  }

  private static boolean isLibrary(String name, String prefix) {
    String lower = name.toLowerCase(Locale.ROOT);
    return name.startsWith(prefix)
        && lower.endsWith(".jar")
        && !lower.endsWith("-tests.jar")
        && !lower.endsWith("-sources.jar")
        && !lower.endsWith("-javadoc.jar");
  }
}
