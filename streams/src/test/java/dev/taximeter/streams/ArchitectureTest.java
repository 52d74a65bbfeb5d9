package dev.taximeter.streams;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Clock;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.taximeter.streams");

  @Test
  void policiesOfAnAccountKnowNoKafkaAndNoJson() {
    noClasses()
        .that()
        .resideInAPackage("..account.policy..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.apache.kafka..",
            "tools.jackson..",
            "com.fasterxml..",
            "dev.taximeter.contract.json..",
            "dev.taximeter.streams.topology..")
        .check(CLASSES);
  }

  @Test
  void policiesOfAnAccountKnowNoClock() {
    noClasses()
        .that()
        .resideInAPackage("..account.policy..")
        .should()
        .dependOnClassesThat()
        .areAssignableTo(Clock.class)
        .orShould()
        .callMethod(Instant.class, "now")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(System.class, "nanoTime")
        .check(CLASSES);
  }

  @Test
  void theTopologyKnowsNoClickHouse() {
    noClasses()
        .that()
        .resideInAnyPackage("..topology..", "..intake..", "..catalogue..", "..account..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("java.sql..", "com.clickhouse..", "dev.taximeter.streams.landing..")
        .check(CLASSES);
  }

  @Test
  void capabilitiesDoNotKnowEachOther() {
    for (String capability : new String[] {"intake", "catalogue", "account"}) {
      noClasses()
          .that()
          .resideInAPackage("dev.taximeter.streams." + capability + "..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              java.util.stream.Stream.of("intake", "catalogue", "account")
                  .filter(other -> !other.equals(capability))
                  .map(other -> "dev.taximeter.streams." + other + "..")
                  .toArray(String[]::new))
          .check(CLASSES);
    }
  }

  @Test
  void packagesAreFreeOfCycles() {
    slices().matching("dev.taximeter.streams.(**)").should().beFreeOfCycles().check(CLASSES);
  }
}
