package dev.taximeter.production;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What the pages say can be followed: links lead somewhere, variables and metrics exist. */
class PagesTest {
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)(#[^)]*)?\\)");
  private static final Pattern VARIABLE = Pattern.compile("\\bTAXIMETER_[A-Z_]+[A-Z]\\b");

  @Test
  void linksLeadToFiles() {
    for (Path page : DeployFiles.below("docs", ".md")) {
      Matcher link = LINK.matcher(DeployFiles.text(page));
      while (link.find()) {
        assertThat(Files.exists(page.resolveSibling(link.group(1))))
            .as("%s in %s", link.group(1), page.getFileName())
            .isTrue();
      }
    }
  }

  @Test
  void variablesExist() {
    Set<String> known =
        new TreeSet<>(
            ClassFiles.variables(
                "dev/taximeter/contract/",
                "dev/taximeter/ship/",
                "dev/taximeter/streams/",
                "dev/taximeter/api/"));
    for (String page :
        Set.of(
            "production.md",
            "kubernetes.md",
            "kafka.md",
            "clickhouse.md",
            "containers.md",
            "runbook.md",
            "sources.md")) {
      Matcher variable = VARIABLE.matcher(DeployFiles.text("docs/" + page));
      while (variable.find()) {
        if (!variable.group().equals("TAXIMETER_BILLING_API_PORT")) {
          assertThat(known).as(page).contains(variable.group());
        }
      }
    }
  }
}
