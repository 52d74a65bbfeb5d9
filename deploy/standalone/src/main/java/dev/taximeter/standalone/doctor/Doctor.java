package dev.taximeter.standalone.doctor;

import dev.taximeter.contract.json.Json;
import dev.taximeter.standalone.backfill.RunningSystem;
import dev.taximeter.standalone.doctor.Finding.Status;
import dev.taximeter.standalone.engine.EngineInstallation;
import dev.taximeter.standalone.instance.DataDirectory;
import dev.taximeter.standalone.supervisor.Home;
import dev.taximeter.standalone.supervisor.LaunchException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** All checks, in the order in which one would make them by hand. */
public final class Doctor {
  private static final List<String> NPM = List.of("npm", "--version");
  private static final List<String> SERVICES =
      List.of("kafka", "clickhouse", "api", "metering", "lag", "gaps", "sources", "lines", "audit");

  private Doctor() {}

  /**
   * Looks at the machine, the data directory and, if the system runs, at its processes. Changes
   * nothing.
   */
  public static List<Finding> examine(DataDirectory data) throws InterruptedException {
    List<Finding> findings = new ArrayList<>();
    findings.add(MachineChecks.java());
    findings.add(MachineChecks.memory());
    findings.add(MachineChecks.disk(data.root()));
    findings.add(MachineChecks.openFiles());
    findings.add(MachineChecks.clock());
    findings.add(MachineChecks.fileClock(data.root()));
    findings.add(engine());
    findings.add(InstallationChecks.rights(data));
    findings.add(InstallationChecks.port(data));
    Optional<RunningSystem> system = RunningSystem.find(data);
    if (system.isPresent()) {
      ServiceChecks services = new ServiceChecks(system.get());
      findings.add(services.kafka());
      findings.add(services.clickHouse());
      findings.add(services.api());
      findings.add(services.metering());
      findings.add(services.lag());
      findings.add(services.gaps());
      findings.add(services.sources());
      findings.add(services.lines());
      findings.add(services.audit());
    } else {
      SERVICES.forEach(service -> findings.add(Finding.notRunning(service)));
    }
    return List.copyOf(findings);
  }

  /** npm is needed once, to fetch the engine. */
  private static Finding engine() throws InterruptedException {
    try {
      Path project = Home.ofProgram().root();
      Optional<Path> library = EngineInstallation.of(project, System.getenv()).library();
      if (library.isPresent()) {
        return Finding.ok("engine", "The ClickHouse engine is installed in " + library.get() + ".");
      }
    } catch (LaunchException e) {
      return Finding.failure(
          "engine",
          "The program is not where it was built.",
          "Run it as ./taximeter in its clone.");
    }
    return MachineChecks.npm(NPM);
  }

  /** {@return the worst status among the findings; not running is as good as ok} */
  public static Status worst(List<Finding> findings) {
    Status worst = Status.OK;
    for (Finding finding : findings) {
      Status status = finding.status();
      if (status == Status.FAILURE || (status == Status.WARNING && worst == Status.OK)) {
        worst = status;
      }
    }
    return worst;
  }

  /** Prints findings for people. */
  public static void print(List<Finding> findings, PrintStream output) {
    for (Finding finding : findings) {
      output.printf(
          "%-11s  %-11s  %s%n", mark(finding.status()), finding.check(), finding.finding());
      if (finding.fix() != null) {
        output.printf("%-11s  %-11s  -> %s%n", "", "", finding.fix());
      }
    }
  }

  /** Prints what is wrong, if anything is. */
  public static void printTroubles(List<Finding> findings, PrintStream output) {
    print(findings.stream().filter(finding -> finding.fix() != null).toList(), output);
  }

  /** {@return the findings as one JSON object} */
  public static String json(List<Finding> findings) {
    return Json.MAPPER.writeValueAsString(new Diagnosis(worst(findings), findings));
  }

  private record Diagnosis(Status status, List<Finding> checks) {}

  private static String mark(Status status) {
    return switch (status) {
      case OK -> "ok";
      case WARNING -> "warning";
      case FAILURE -> "FAILURE";
      case NOT_RUNNING -> "not running";
    };
  }
}
