package dev.taximeter.standalone.bench;

import dev.taximeter.standalone.instance.DataDirectory;
import dev.taximeter.standalone.instance.Instance;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a process has used so far, as the operating system counts.
 *
 * @param processor time on all cores since its start
 * @param residentBytes in memory now; null where the system does not tell (only Linux does)
 * @param peakBytes in memory at most; null likewise
 */
record ProcessUse(Duration processor, @Nullable Long residentBytes, @Nullable Long peakBytes) {
  private static final String RESIDENT = "VmRSS:";
  private static final String PEAK = "VmHWM:";
  private static final long KIBIBYTE = 1_024;

  /** {@return the processes of a running system, by name, and {@code bench}, which is this one} */
  static Map<String, ProcessUse> of(DataDirectory directory) {
    Map<String, ProcessUse> uses = new TreeMap<>();
    directory
        .instance()
        .map(Instance::processes)
        .orElse(Map.of())
        .forEach(
            (name, identity) -> identity.handle().ifPresent(handle -> uses.put(name, of(handle))));
    uses.put("bench", of(ProcessHandle.current()));
    return uses;
  }

  private static ProcessUse of(ProcessHandle handle) {
    return new ProcessUse(
        handle.info().totalCpuDuration().orElse(Duration.ZERO),
        bytes(handle.pid(), RESIDENT),
        bytes(handle.pid(), PEAK));
  }

  private static @Nullable Long bytes(long pid, String field) {
    Path status = Path.of("/proc", Long.toString(pid), "status");
    try {
      for (String line : Files.readAllLines(status, StandardCharsets.UTF_8)) {
        if (line.startsWith(field)) {
          String kibibytes = line.substring(field.length()).replace("kB", "").strip();
          return Long.parseLong(kibibytes) * KIBIBYTE;
        }
      }
    } catch (IOException e) {
      // Not Linux, or the process is gone.
    }
    return null;
  }
}
