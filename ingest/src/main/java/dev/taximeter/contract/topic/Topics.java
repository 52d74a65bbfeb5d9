package dev.taximeter.contract.topic;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.TopicConfig;

/**
 * Every topic of the product, with its partitioning and retention. Nothing creates a topic
 * elsewhere, and no topic is created by the broker on first use.
 */
public enum Topics {
  /**
   * Raw lines. Key: {@link dev.taximeter.contract.event.RawLine#checksum FNV-1a checksum} of the
   * line; value: frame of {@link dev.taximeter.contract.event.RawLine}. Holds plaintext API keys
   * and prompts: metering deletes what it has read after {@link #RAW_RETENTION}, and what nobody
   * has read goes after a week.
   */
  ACCESS_LOG("gateway.access-log.v1", Partitioning.PARTITIONED, Duration.ofDays(7)),
  /** Lines that could not be metered: {@link dev.taximeter.contract.event.DeadLetter}. */
  ACCESS_LOG_DEAD_LETTERS(
      "gateway.access-log.v1.dlq", Partitioning.PARTITIONED, Duration.ofDays(30)),
  /** Changes asked for by people: {@link dev.taximeter.contract.event.Command}. */
  COMMANDS("commands.v1", Partitioning.SINGLE, Duration.ofDays(7)),
  /**
   * Answers to commands, by the catalogue's writer or whoever carries out the order: {@link
   * dev.taximeter.contract.event.CommandResult}. Key: command id.
   */
  COMMAND_RESULTS("command.results.v1", Partitioning.SINGLE, Duration.ofDays(7)),
  /**
   * The catalogue as decided by its one writer: {@link
   * dev.taximeter.contract.catalog.CatalogRecord}.
   */
  CATALOG("catalog.v1", Partitioning.SINGLE, Retention.COMPACTED),
  /**
   * Usage and terms on their way to the account's single writer: {@link
   * dev.taximeter.contract.event.AccountInput}. Key: account id. Its lines are known as seen, so
   * what expired here unread could not be shipped again: nothing expires, metering deletes what it
   * has read.
   */
  ACCOUNT_INPUTS("account.inputs.v1", Partitioning.PARTITIONED, Retention.UNTIL_READ),
  /**
   * Billed and unattributed lines, rated: {@link dev.taximeter.contract.event.UsageEvent}, some of
   * one account to a record, as {@link dev.taximeter.contract.packed.PackedEvents} packs them. Key:
   * account id.
   */
  USAGE_EVENTS("usage.events.v1", Partitioning.PARTITIONED, Duration.ofDays(7)),
  /**
   * Usage per account, key, model and minute, hour, day or month: {@link
   * dev.taximeter.contract.event.UsageWindows}, as {@link
   * dev.taximeter.contract.packed.PackedWindows} packs them. Key: account id (windows of one
   * account stay in order); the latest record of a window replaces the earlier.
   */
  USAGE_WINDOWS("usage.windows.v1", Partitioning.PARTITIONED, Duration.ofDays(7)),
  /** Latest state of each account: {@link dev.taximeter.contract.event.AccountRecord}. */
  ACCOUNT_STATES("account.states.v1", Partitioning.PARTITIONED, Retention.COMPACTED),
  /**
   * The ledgers of all accounts: {@link dev.taximeter.contract.event.LedgerPosting}. Key: account,
   * tab, number; no posting replaces another, so the topic keeps them all, and its partitions are
   * those of {@link #ACCOUNT_STATES}.
   */
  LEDGER_ENTRIES("ledger.entries.v1", Partitioning.PARTITIONED, Retention.COMPACTED),
  /**
   * Final bills: {@link dev.taximeter.contract.event.FinalBill}. Key: account, tab, number;
   * partitions as those of {@link #ACCOUNT_STATES}.
   */
  BILLS("bills.v1", Partitioning.PARTITIONED, Retention.COMPACTED),
  /**
   * Thresholds of quotas that usage has reached: {@link dev.taximeter.contract.event.Alert}. Key:
   * account id. Long enough for landing to be away.
   */
  ALERTS("alerts.v1", Partitioning.PARTITIONED, Duration.ofDays(30)),
  /**
   * What stops an account's keys at the gate: {@link dev.taximeter.contract.event.GateState}. Key:
   * account id.
   */
  GATE_STATES("gate.states.v1", Partitioning.PARTITIONED, Retention.COMPACTED),
  /**
   * What was metered of each unknown key, and who claims it: {@link
   * dev.taximeter.contract.event.UnattributedKey}.
   */
  UNATTRIBUTED_KEYS("unattributed.keys.v1", Partitioning.PARTITIONED, Retention.COMPACTED),
  /**
   * Lines in suspense and what was decided: {@link dev.taximeter.contract.event.SuspenseItem}. Key:
   * the line's identity.
   */
  SUSPENSE_ITEMS("suspense.items.v1", Partitioning.PARTITIONED, Retention.COMPACTED),
  /**
   * Every line that was not billed: {@link dev.taximeter.contract.event.LineFate}. Its records tell
   * which lines have been seen, so it outlives any stop of landing, as {@link #ACCOUNT_INPUTS}
   * does.
   */
  LINE_FATES("line.fates.v1", Partitioning.PARTITIONED, Duration.ofDays(30)),
  /**
   * Lines that intake has judged but cannot know to be new: {@link
   * dev.taximeter.contract.event.LateLine}. Key and partition: the raw line's. Their identities are
   * known as seen, so what expired here unread would be lost.
   */
  LATE_LINES("late.lines.v1", Partitioning.PARTITIONED, Duration.ofDays(30)),
  /**
   * The same lines with a verdict of history in their headers, on their way back to intake: {@link
   * dev.taximeter.contract.event.LateLine}. Key and partition: the raw line's.
   */
  LATE_LINES_DECIDED("late.lines.decided.v1", Partitioning.PARTITIONED, Duration.ofDays(30)),
  /** Orders to send dead letters again: {@link dev.taximeter.contract.event.Instruction}. */
  REPLAY_ORDERS("replay.orders.v1", Partitioning.SINGLE, Duration.ofDays(30)),
  /**
   * What became of replayed dead letters: {@link dev.taximeter.contract.event.LineReplay}. Key: the
   * line's identity.
   */
  LINE_REPLAYS("line.replays.v1", Partitioning.PARTITIONED, Duration.ofDays(30)),
  /** Conservation counters: {@link dev.taximeter.contract.event.LineCount}. */
  LINE_ACCOUNTING("line-accounting.v1", Partitioning.PARTITIONED, Retention.COMPACTED),
  /** How far metering has come: {@link dev.taximeter.contract.event.MeteringStatus}. */
  METERING_STATUS("metering.status.v1", Partitioning.SINGLE, Retention.COMPACTED),
  /**
   * What shippers and intake find out about sources: {@link
   * dev.taximeter.contract.event.SourceInput}. Key: host, tab, path. One writer sees all sources,
   * since a file may be shipped again under another name.
   */
  SOURCE_INPUTS("source.inputs.v1", Partitioning.SINGLE, Duration.ofDays(7)),
  /** Where each source stands: {@link dev.taximeter.contract.event.SourceState}. */
  SOURCES("sources.v1", Partitioning.SINGLE, Retention.COMPACTED),
  /**
   * Every request to change something: {@link dev.taximeter.contract.event.AuditRecord}. Key: the
   * request's id. Long enough for landing to be away.
   */
  AUDIT_LOG("audit.log.v1", Partitioning.SINGLE, Duration.ofDays(30)),
  /**
   * When tokens of the API were used, to the hour: {@link dev.taximeter.contract.event.TokenUse}.
   * Key: the token's id.
   */
  TOKEN_USES("token.uses.v1", Partitioning.SINGLE, Retention.COMPACTED),
  /**
   * Messages on their way to recipients of alerts: {@link dev.taximeter.contract.event.Delivery}.
   * Partitions as those of {@link #ALERTS}: who reads alerts of a partition delivers them.
   */
  DELIVERIES("deliveries.v1", Partitioning.PARTITIONED, Retention.COMPACTED),
  /**
   * Orders to deliver something again, or a message to try a recipient: {@link
   * dev.taximeter.contract.event.DeliveryOrder}. Partitions as those of {@link #ALERTS}.
   */
  DELIVERY_ORDERS("delivery.orders.v1", Partitioning.PARTITIONED, Duration.ofDays(7)),
  /**
   * What is or was wrong: {@link dev.taximeter.contract.event.Incident}. Key: the incident's id.
   */
  INCIDENTS("incidents.v1", Partitioning.SINGLE, Retention.COMPACTED),
  /**
   * What people say about alerts: {@link dev.taximeter.contract.event.AlertMark}. Written by every
   * API, because whoever speaks last is right.
   */
  ALERT_MARKS("alert.marks.v1", Partitioning.SINGLE, Retention.COMPACTED),
  /** Input that expired unread: {@link dev.taximeter.contract.event.ReadGap}. */
  METERING_GAPS("metering.gaps.v1", Partitioning.SINGLE, Duration.ofDays(30)),
  /** Where shippers resume: {@link dev.taximeter.contract.event.ShipperPosition}. */
  SHIPPER_POSITIONS("shipper.positions.v1", Partitioning.SINGLE, Retention.COMPACTED);

  /** Consumer group whose committed offsets tell how far metering has read. */
  public static final String METERING_GROUP = "taximeter-metering";

  /** Consumer group of the late lane. */
  public static final String LATE_LANE_GROUP = "taximeter-late-lane";

  /** Consumer group of the replay of dead letters. */
  public static final String REPLAY_GROUP = "taximeter-replay";

  /** Consumer group of those who deliver alerts. */
  public static final String DELIVERY_GROUP = "taximeter-delivery";

  /** The largest frame that fits a record: a line of 10 MB with its frame and key, in bytes. */
  public static final int MAX_RECORD_BYTES = 12 * 1024 * 1024;

  /** A dead letter is the base64 of a sealed frame of the largest size, and a little around it. */
  public static final int MAX_DEAD_LETTER_BYTES = MAX_RECORD_BYTES / 3 * 4 + 1024 * 1024;

  /**
   * Segment of a compacted topic. The one being written is never compacted, and readers start at
   * the beginning: with the default of 1 GiB they would read days of superseded records.
   */
  private static final int COMPACTED_SEGMENT_BYTES = 32 * 1024 * 1024;

  private enum Partitioning {
    SINGLE,
    PARTITIONED
  }

  private enum Retention {
    COMPACTED,
    UNTIL_READ
  }

  /** How long raw lines stay after they have been read, at least: for a look at what went wrong. */
  public static final Duration RAW_RETENTION = Duration.ofHours(24);

  /**
   * Only whole segments leave the disk: of topics that are deleted as they are read, small ones.
   */
  private static final Duration READ_SEGMENT = Duration.ofHours(6);

  private static final int READ_SEGMENT_BYTES = 64 * 1024 * 1024;

  private final String topicName;
  private final Partitioning partitioning;
  private final boolean compacted;

  /** Zero if records do not expire by time. */
  private final Duration retention;

  Topics(String topicName, Partitioning partitioning, Duration retention) {
    this.topicName = topicName;
    this.partitioning = partitioning;
    this.compacted = false;
    this.retention = retention;
  }

  Topics(String topicName, Partitioning partitioning, Retention retention) {
    this.topicName = topicName;
    this.partitioning = partitioning;
    this.compacted = retention == Retention.COMPACTED;
    this.retention = Duration.ZERO;
  }

  public String topicName() {
    return topicName;
  }

  /**
   * @param partitions partitions of a partitioned topic, 1 to 1,000; fixed for the life of an
   *     installation
   * @param replication replication factor, 1 to 32,767
   */
  public NewTopic toNewTopic(int partitions, short replication) {
    Map<String, String> config = new HashMap<>();
    config.put(
        TopicConfig.CLEANUP_POLICY_CONFIG,
        compacted ? TopicConfig.CLEANUP_POLICY_COMPACT : TopicConfig.CLEANUP_POLICY_DELETE);
    if (compacted) {
      config.put(TopicConfig.SEGMENT_BYTES_CONFIG, Integer.toString(COMPACTED_SEGMENT_BYTES));
    }
    config.putAll(retentionConfig());
    if (replication == 1 && isOnlyRecord()) {
      config.put(TopicConfig.FLUSH_MESSAGES_INTERVAL_CONFIG, "1");
    }
    config.put(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(maxRecordBytes()));
    return new NewTopic(topicName, partitionCount(partitions), replication).configs(config);
  }

  /**
   * Whether people wrote what is in it, so that no file could bring it back. Without a replica such
   * a record must be on disk before it is acknowledged; these topics are small.
   */
  private boolean isOnlyRecord() {
    return this == COMMANDS
        || this == COMMAND_RESULTS
        || this == CATALOG
        || this == AUDIT_LOG
        || this == ALERT_MARKS
        || this == LEDGER_ENTRIES
        || this == BILLS;
  }

  /**
   * @return what decides when records leave the topic; empty if compacted
   */
  Map<String, String> retentionConfig() {
    if (compacted) {
      return Map.of();
    }
    String retentionMillis = Long.toString(retention.isZero() ? -1 : retention.toMillis());
    return isDeletedAsRead()
        ? Map.of(
            TopicConfig.RETENTION_MS_CONFIG,
            retentionMillis,
            TopicConfig.SEGMENT_MS_CONFIG,
            Long.toString(READ_SEGMENT.toMillis()),
            TopicConfig.SEGMENT_BYTES_CONFIG,
            Integer.toString(READ_SEGMENT_BYTES))
        : Map.of(TopicConfig.RETENTION_MS_CONFIG, retentionMillis);
  }

  /** Whether only metering reads it, and deletes what it has read. */
  public boolean isDeletedAsRead() {
    return this == ACCESS_LOG || this == ACCOUNT_INPUTS;
  }

  /**
   * @return largest record in bytes, with key and headers
   */
  public int maxRecordBytes() {
    return switch (this) {
      case ACCESS_LOG_DEAD_LETTERS, LATE_LINES, LATE_LINES_DECIDED -> MAX_DEAD_LETTER_BYTES;
      default -> MAX_RECORD_BYTES;
    };
  }

  /**
   * @return 1 for topics with one writer, else {@code partitions}
   */
  public int partitionCount(int partitions) {
    return partitioning == Partitioning.SINGLE ? 1 : partitions;
  }

  /**
   * @return all topics, ready to be created
   */
  public static List<NewTopic> all(int partitions, short replication) {
    return List.of(values()).stream().map(t -> t.toNewTopic(partitions, replication)).toList();
  }
}
