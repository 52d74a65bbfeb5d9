package dev.taximeter.standalone.inspect;

import dev.taximeter.contract.catalog.ApiKey;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.LineExtent;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.Reason;
import dev.taximeter.contract.security.Fingerprinter;
import dev.taximeter.contract.security.LineIdentity;
import dev.taximeter.contract.security.RootSecret;
import dev.taximeter.parse.AccessLogParser;
import dev.taximeter.parse.GatewayConfiguration;
import dev.taximeter.parse.LineFlags;
import dev.taximeter.parse.ParsedLine;
import dev.taximeter.parse.ParserSettings;
import dev.taximeter.parse.TemplateReport;
import dev.taximeter.ship.LineReader;
import dev.taximeter.ship.UnreadableFileException;
import dev.taximeter.streams.account.policy.Rating;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads files line by line and counts what they hold. Not thread-safe. */
final class Inspection {
  private static final int SECRET_BYTES = 32;

  /** Rules that name a host do not apply: the file may have come from any. */
  private static final LineSource NO_SOURCE = new LineSource("", "stdin");

  private final GatewayConfiguration gateway;
  private final Instant now;
  private final @Nullable ListPrices prices;
  private final boolean catalogued;
  private final KeyNames keyNames;
  private final LineIdentity identities;
  private final SeenLines seen = new SeenLines();
  private final TraitScanner scanner = new TraitScanner();
  private final Map<ParserSettings, TemplateMismatches> mismatches = new LinkedHashMap<>();

  private final List<FileRead> files = new ArrayList<>();
  private final long[] fates = new long[Fate.values().length];
  private final long[] reasons = new long[Reason.values().length];
  private final long[] traits = new long[Trait.values().length];
  private final long[] traitsOfUsage = new long[Trait.values().length];
  private final Groups models = new Groups();
  private final Groups keys = new Groups();
  private final Sum total = new Sum();
  private final long[] leakage = new long[Reason.values().length];
  private long streamsWithoutUsage;
  private long usageWithoutKey;
  private final long[] tampered = new long[Fate.values().length];
  private long inOneFile;
  private long acrossFiles;
  private @Nullable Instant earliest;
  private @Nullable Instant latest;
  private Duration clockAhead = Duration.ZERO;

  private AccessLogParser parser;
  private TemplateMismatches mismatchesOfFile;
  private String fileName = "";
  private int fileNumber;
  private long lineNumber;

  /**
   * A file and what it held.
   *
   * @param bytes decompressed
   */
  record FileRead(String name, long bytes, long lines) {}

  /**
   * @param gateway which template which file has
   * @param secret made for this run: it fingerprints keys and identifies lines
   * @param knownKeys of a catalogue, fingerprinted with this secret; null if there is no catalogue
   * @param prices null to leave costs open
   * @param now stands for the arrival of all lines
   */
  Inspection(
      GatewayConfiguration gateway,
      RootSecret secret,
      @Nullable List<ApiKey> knownKeys,
      @Nullable ListPrices prices,
      Instant now) {
    this.gateway = gateway;
    this.parser = gateway.parserFor(NO_SOURCE);
    this.mismatchesOfFile = new TemplateMismatches("");
    this.identities = new LineIdentity(secret);
    this.catalogued = knownKeys != null;
    this.keyNames =
        new KeyNames(new Fingerprinter(secret), knownKeys == null ? List.of() : knownKeys);
    this.prices = prices;
    this.now = now;
  }

  /** A secret that nobody will ever know. */
  static RootSecret newSecret() {
    byte[] bytes = new byte[SECRET_BYTES];
    new SecureRandom().nextBytes(bytes);
    return RootSecret.of(bytes);
  }

  /**
   * Reads files. What rotation has split is joined.
   *
   * @throws UnreadableFileException if one cannot be read, or is damaged
   */
  void read(List<Path> paths, InputStream standardInput) {
    LineReader.read(
        paths,
        gateway::formatOf,
        standardInput,
        new LineReader.Visitor() {
          @Override
          public void begin(LineSource source, String name) {
            parser = gateway.parserFor(source);
            mismatchesOfFile = mismatches(source);
            fileName = name;
            fileNumber++;
            lineNumber = 0;
          }

          @Override
          public void line(byte[] buffer, int from, int to, LineExtent extent) {
            Inspection.this.line(Arrays.copyOfRange(buffer, from, to), extent);
          }

          @Override
          public void end(long bytes) {
            files.add(new FileRead(fileName, bytes, lineNumber));
          }
        });
  }

  private void line(byte[] line, LineExtent extent) {
    lineNumber++;
    switch (seen.add(identities.of(line), fileNumber)) {
      case FIRST -> {
        if (extent == LineExtent.PART) {
          count(Fate.QUARANTINED, Reason.LINE_TOO_LONG);
        } else {
          judge(line, extent == LineExtent.UNCERTAIN_BEGINNING);
        }
      }
      case IN_THIS_FILE -> {
        inOneFile++;
        count(Fate.DUPLICATE, Reason.SEEN_BEFORE);
      }
      case IN_EARLIER_FILE -> {
        acrossFiles++;
        count(Fate.DUPLICATE, Reason.SEEN_BEFORE);
      }
    }
  }

  private void judge(byte[] line, boolean doubtful) {
    ParsedLine parsed = parser.parse(line, now, doubtful);
    int bits = scanner.scan(line);
    boolean usage = parsed.tokens().totalTokens() > 0;
    addTraits(traits, bits);
    if (usage) {
      addTraits(traitsOfUsage, bits);
    }
    KeyNames.Name key = keyNames.of(parsed.rawKey());
    Fate fate = fate(parsed, key);
    count(fate, parsed.reason());
    if (parsed.flags().contains(LineFlags.TAMPERED)) {
      tampered[fate.ordinal()]++;
      mismatchesOfFile.add(line, fileName, lineNumber);
    }
    if (parsed.completion() != null && fate != Fate.QUARANTINED) {
      extend(parsed.completion());
    }
    if (parsed.completion() != null && parsed.reason() == Reason.ABSURD_FUTURE) {
      Duration by = Duration.between(now, parsed.completion());
      clockAhead = by.compareTo(clockAhead) > 0 ? by : clockAhead;
    }
    if (parsed.verdict() == ParsedLine.Verdict.BILLABLE) {
      addUsage(parsed, key);
    } else if (parsed.leakage()) {
      addLeakage(parsed, key, bits);
    }
  }

  /** Without a catalogue, whoever shows a key counts as somebody who pays. */
  private Fate fate(ParsedLine parsed, KeyNames.Name key) {
    return switch (parsed.verdict()) {
      case BILLABLE ->
          key.known() || (!catalogued && parsed.rawKey() != null) ? Fate.BILLED : Fate.UNATTRIBUTED;
      case UNBILLABLE -> Fate.UNBILLABLE;
      case SUSPENSE -> Fate.SUSPENSE;
      case QUARANTINED -> Fate.QUARANTINED;
    };
  }

  private void addUsage(ParsedLine parsed, KeyNames.Name key) {
    String model = String.valueOf(parsed.model());
    Instant completion = parsed.completion();
    BigDecimal cost = BigDecimal.ZERO;
    boolean unpriced = false;
    if (prices != null && completion != null) {
      Rating rating = prices.rate(model, parsed.tokens(), completion);
      cost = rating.cost();
      unpriced = rating.unpriced();
    }
    if (parsed.rawKey() == null) {
      usageWithoutKey++;
    }
    for (Sum sum : List.of(models.of(model), keys.of(key.text()), total)) {
      sum.addUsage(parsed.tokens(), cost, unpriced);
    }
  }

  private void addLeakage(ParsedLine parsed, KeyNames.Name key, int bits) {
    Reason reason = parsed.reason();
    if (reason != null) {
      leakage[reason.ordinal()]++;
    }
    if (reason == Reason.SUCCESS_WITHOUT_USAGE && (bits & Trait.STREAM.bit()) != 0) {
      streamsWithoutUsage++;
    }
    String model = parsed.model();
    for (Sum sum :
        List.of(models.of(model == null ? "(unknown)" : model), keys.of(key.text()), total)) {
      sum.addLeakage();
    }
  }

  private void count(Fate fate, @Nullable Reason reason) {
    fates[fate.ordinal()]++;
    if (reason != null) {
      reasons[reason.ordinal()]++;
    }
  }

  private void extend(Instant completion) {
    if (earliest == null || completion.isBefore(earliest)) {
      earliest = completion;
    }
    if (latest == null || completion.isAfter(latest)) {
      latest = completion;
    }
  }

  private static void addTraits(long[] counts, int bits) {
    for (int rest = bits; rest != 0; rest &= rest - 1) {
      counts[Integer.numberOfTrailingZeros(rest)]++;
    }
  }

  /** {@return by how much lines that were refused for it lie ahead of this machine's clock} */
  Duration clockAhead() {
    return clockAhead;
  }

  List<FileRead> files() {
    return List.copyOf(files);
  }

  long lines() {
    return Arrays.stream(fates).sum();
  }

  long lines(Fate fate) {
    return fates[fate.ordinal()];
  }

  /** Why lines are not billed; only what occurred. */
  Map<Reason, Long> reasons() {
    return occurring(reasons);
  }

  /** Answers that the provider charges for and the log has no counts of. */
  Map<Reason, Long> leakageByReason() {
    return occurring(leakage);
  }

  /** Lines, duplicates apart, that show a trait. */
  long lines(Trait trait) {
    return traits[trait.ordinal()];
  }

  /** Lines with usage that show a trait. */
  long usage(Trait trait) {
    return traitsOfUsage[trait.ordinal()];
  }

  long tampered() {
    return Arrays.stream(tampered).sum();
  }

  long tampered(Fate fate) {
    return tampered[fate.ordinal()];
  }

  /** Good answers to streaming requests that have no counts. */
  long streamsWithoutUsage() {
    return streamsWithoutUsage;
  }

  /** Lines with usage and without a key. */
  long usageWithoutKey() {
    return usageWithoutKey;
  }

  /** Duplicates whose bytes stand in the same file before. */
  long duplicatesInOneFile() {
    return inOneFile;
  }

  /** Duplicates whose bytes stand in an earlier file. */
  long duplicatesAcrossFiles() {
    return acrossFiles;
  }

  /** Whether all lines were remembered, so that no duplicate went unseen. */
  boolean sawAllDuplicates() {
    return !seen.isFull();
  }

  List<TemplateMismatches.Mismatch> mismatches() {
    return mismatches.values().stream()
        .flatMap(found -> found.all().stream())
        .sorted(Comparator.comparingLong(TemplateMismatches.Mismatch::lines).reversed())
        .toList();
  }

  /** What the templates of the files read lose or risk. */
  List<TemplateReport> templates() {
    return mismatches.keySet().stream()
        .map(settings -> TemplateReport.of(settings.template(), settings.payer()))
        .toList();
  }

  private TemplateMismatches mismatches(LineSource source) {
    return mismatches.computeIfAbsent(
        gateway.settingsFor(source), settings -> new TemplateMismatches(settings.template()));
  }

  Sum total() {
    return total;
  }

  Groups models() {
    return models;
  }

  Groups keys() {
    return keys;
  }

  /** The earliest completion; null if no line tells one. */
  @Nullable Instant earliest() {
    return earliest;
  }

  /** The latest completion; null if no line tells one. */
  @Nullable Instant latest() {
    return latest;
  }

  boolean isCatalogued() {
    return catalogued;
  }

  @Nullable ListPrices prices() {
    return prices;
  }

  private static Map<Reason, Long> occurring(long[] counts) {
    Map<Reason, Long> occurring = new EnumMap<>(Reason.class);
    for (Reason reason : Reason.values()) {
      if (counts[reason.ordinal()] > 0) {
        occurring.put(reason, counts[reason.ordinal()]);
      }
    }
    return occurring;
  }
}
