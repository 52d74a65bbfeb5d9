package dev.taximeter.api.audit;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Audits everything again and again while the system runs: first what belongs to no account, then
 * one account after the other. It rests most of the time, so that however much there is to audit,
 * people who ask ClickHouse hardly notice.
 *
 * <p>A difference stands if it is found again, unchanged, a while later: topics land independently,
 * and while one of them cannot, what is on its way looks different for longer than an audit waits.
 */
public final class BackgroundAudit implements AuditProgress, AutoCloseable {
  /** Until views are read and landing has caught up after a start. */
  private static final Duration FIRST_REST = Duration.ofSeconds(30);

  private static final Duration SHORTEST_REST = Duration.ofMillis(500);

  /** However slow a machine is, a small installation is through within minutes. */
  private static final Duration LONGEST_REST = Duration.ofMinutes(1);

  private static final Duration BETWEEN_ROUNDS = Duration.ofSeconds(30);
  private static final Duration AFTER_FAILURE = Duration.ofSeconds(30);
  private static final Duration UNTIL_SECOND_LOOK = Duration.ofSeconds(45);

  /** Differences kept of one account; all of them are counted. */
  private static final int MOST_KEPT = 20;

  /** Accounts whose differences are kept; beyond, a system has one problem, not many. */
  private static final int MOST_ACCOUNTS_KEPT = 500;

  /**
   * No account takes that long: if nothing could be audited for so long, nobody would hear of a
   * difference.
   */
  static final Duration STALLED_AFTER = Duration.ofHours(1);

  /** Stands for what belongs to no account. */
  private static final String LINES = "";

  private static final Logger LOG = LoggerFactory.getLogger(BackgroundAudit.class);

  private final Source source;
  private final int percentOfTime;
  private final Clock clock;
  private final Audit.Pause pause;
  private final Thread thread;

  // Guarded by this.
  private final TreeMap<String, Drift> drifts = new TreeMap<>();
  private @Nullable Instant roundStartedAt;
  private @Nullable Instant roundCompletedAt;
  private long accounts;
  private long audited;
  private @Nullable String failure;
  private @Nullable Instant driftingSince;

  /** When something was audited last; when it began, before. */
  private Instant lastLook;

  /** Where landed data is read. */
  public interface Source {
    /** {@return a new connection to Taximeter's database, for statements that take minutes} */
    Connection open() throws SQLException;
  }

  private record Drift(long count, List<Difference> kept) {}

  /**
   * @param percentOfTime how much of the time it works, 0 to 50; 0 switches it off
   */
  public BackgroundAudit(Source source, int percentOfTime, Clock clock) {
    this(source, percentOfTime, clock, duration -> Thread.sleep(duration.toMillis()));
  }

  /**
   * @param percentOfTime how much of the time it works, 0 to 50; 0 switches it off
   * @param pause how it rests
   */
  public BackgroundAudit(Source source, int percentOfTime, Clock clock, Audit.Pause pause) {
    this.lastLook = clock.instant();
    this.source = source;
    this.percentOfTime = percentOfTime;
    this.clock = clock;
    this.pause = pause;
    this.thread = new Thread(this::run, "audit");
    thread.setDaemon(true);
  }

  /** Begins, unless it is switched off. */
  public void start() {
    if (percentOfTime > 0) {
      thread.start();
    }
  }

  @Override
  public synchronized State state() {
    return new State(
        percentOfTime > 0,
        roundStartedAt,
        roundCompletedAt,
        accounts,
        audited,
        drifts.values().stream().mapToLong(Drift::count).sum(),
        drifts.values().stream().flatMap(drift -> drift.kept().stream()).toList(),
        failure,
        trouble());
  }

  private @Nullable AuditTrouble trouble() {
    long count = drifts.values().stream().mapToLong(Drift::count).sum();
    Instant drifting = driftingSince;
    if (count > 0 && drifting != null) {
      String first =
          drifts.values().stream()
              .flatMap(drift -> drift.kept().stream())
              .map(difference -> "; the first: " + difference)
              .findFirst()
              .orElse("");
      return new AuditTrouble(
          AuditTrouble.Kind.DRIFT,
          drifting,
          "The audit finds %d differences between the landed events and what was made of them%s. GET /v1/audit names them."
              .formatted(count, first));
    }
    if (percentOfTime > 0 && clock.instant().isAfter(lastLook.plus(STALLED_AFTER))) {
      return new AuditTrouble(
          AuditTrouble.Kind.STALLED,
          lastLook,
          "Nothing could be audited since %s%s. Until it can, nobody would hear of a wrong balance or bill; look at ClickHouse and at the log."
              .formatted(lastLook, failure == null ? "" : ": " + failure));
    }
    return null;
  }

  @Override
  public void close() {
    thread.interrupt();
  }

  private void run() {
    try {
      pause.sleep(FIRST_REST);
      while (!Thread.currentThread().isInterrupted()) {
        pause.sleep(round() ? BETWEEN_ROUNDS : AFTER_FAILURE);
      }
    } catch (InterruptedException e) {
      // The process ends.
    }
  }

  /**
   * Audits everything once.
   *
   * @return whether everything could be read
   * @throws InterruptedException if the thread is interrupted while it rests
   */
  public boolean round() throws InterruptedException {
    List<String> subjects;
    try (Connection connection = source.open()) {
      subjects = new ArrayList<>(new Audit(connection).accounts());
    } catch (SQLException | RuntimeException e) {
      failed("the accounts", e);
      return false;
    }
    begin(subjects);
    subjects.add(0, LINES);
    boolean complete = true;
    for (String subject : subjects) {
      long began = System.nanoTime();
      boolean read = look(subject);
      complete &= read;
      passed(subject, read);
      rest(Duration.ofNanos(System.nanoTime() - began), read);
    }
    end(complete);
    return complete;
  }

  private synchronized void begin(List<String> subjects) {
    roundStartedAt = clock.instant();
    accounts = subjects.size();
    audited = 0;
    drifts.keySet().removeIf(account -> !account.equals(LINES) && !subjects.contains(account));
    driftingSince = drifts.isEmpty() ? null : driftingSince;
  }

  private synchronized void passed(String subject, boolean read) {
    lastLook = read ? clock.instant() : lastLook;
    audited += subject.equals(LINES) ? 0 : 1;
  }

  private synchronized void end(boolean complete) {
    if (complete) {
      roundCompletedAt = clock.instant();
      failure = null;
    }
  }

  private void rest(Duration worked, boolean read) throws InterruptedException {
    Duration fair = worked.multipliedBy(100L - percentOfTime).dividedBy(percentOfTime);
    Duration least = read ? SHORTEST_REST : AFTER_FAILURE;
    Duration bounded = fair.compareTo(LONGEST_REST) < 0 ? fair : LONGEST_REST;
    pause.sleep(bounded.compareTo(least) > 0 ? bounded : least);
  }

  private boolean look(String subject) throws InterruptedException {
    try (Connection connection = source.open()) {
      Audit audit = new Audit(connection, Audit.CONFIRMATIONS, pause);
      AuditReport report = audit(audit, subject);
      Set<List<Object>> seen = new HashSet<>();
      if (!report.isClean()) {
        report.differences().forEach(difference -> seen.add(difference.identity()));
        pause.sleep(UNTIL_SECOND_LOOK);
        report = audit(audit, subject);
      }
      keep(
          subject,
          report.differences().stream()
              .filter(difference -> seen.contains(difference.identity()))
              .toList());
      return true;
    } catch (SQLException | RuntimeException e) {
      failed(subject.equals(LINES) ? "the lines" : "account " + subject, e);
      return false;
    }
  }

  private static AuditReport audit(Audit audit, String subject)
      throws SQLException, InterruptedException {
    return subject.equals(LINES) ? audit.runLines() : audit.run(subject, null);
  }

  private void failed(String what, Exception e) {
    String message = e.getMessage();
    String sentence =
        "%s cannot be read: %s"
            .formatted(what, message == null ? e.getClass().getSimpleName() : message);
    synchronized (this) {
      failure = sentence;
    }
    LOG.warn("The audit in the background waits: {}", sentence);
  }

  private void keep(String subject, List<Difference> differences) {
    Drift before;
    synchronized (this) {
      before = drifts.remove(subject);
      if (!differences.isEmpty()) {
        boolean room = drifts.size() < MOST_ACCOUNTS_KEPT;
        drifts.put(
            subject,
            new Drift(
                differences.size(),
                room
                    ? differences.subList(0, Math.min(MOST_KEPT, differences.size()))
                    : List.of()));
      }
      if (drifts.isEmpty()) {
        driftingSince = null;
      } else if (driftingSince == null) {
        driftingSince = clock.instant();
      }
    }
    if (before == null && !differences.isEmpty()) {
      LOG.error(
          "The audit finds {} differences, the first: {}", differences.size(), differences.get(0));
    } else if (before != null && differences.isEmpty()) {
      LOG.info("The audit finds no difference any more in {}", Map.of("account", subject));
    }
  }
}
