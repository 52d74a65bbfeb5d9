package dev.taximeter.streams.topology.parts;

import dev.taximeter.contract.catalog.CatalogRecord;
import dev.taximeter.contract.event.AccountInput;
import dev.taximeter.contract.event.AccountRecord;
import dev.taximeter.contract.event.Alert;
import dev.taximeter.contract.event.CommandResult;
import dev.taximeter.contract.event.DeadLetter;
import dev.taximeter.contract.event.FinalBill;
import dev.taximeter.contract.event.GateState;
import dev.taximeter.contract.event.Instruction;
import dev.taximeter.contract.event.LateLine;
import dev.taximeter.contract.event.LedgerPosting;
import dev.taximeter.contract.event.LineCount;
import dev.taximeter.contract.event.LineFate;
import dev.taximeter.contract.event.LineReplay;
import dev.taximeter.contract.event.MeteringStatus;
import dev.taximeter.contract.event.SourceInput;
import dev.taximeter.contract.event.SourceState;
import dev.taximeter.contract.event.SuspenseItem;
import dev.taximeter.contract.event.UnattributedKey;
import dev.taximeter.contract.event.UsageEvent;
import dev.taximeter.contract.event.UsageWindows;
import dev.taximeter.contract.packed.PackedEvents;
import dev.taximeter.contract.packed.PackedWindows;
import dev.taximeter.contract.topic.Topics;
import java.util.List;

/** Every way out of the topology. */
public final class Outlets {
  /** Frames that came under another key than their line's checksum; not encoded again. */
  public static final Outlet<byte[]> REKEYED_LINES =
      new Outlet<>("rekeyed-lines", Topics.ACCESS_LOG);

  public static final Outlet<AccountInput> USAGE =
      new Outlet<>("usage", Topics.ACCOUNT_INPUTS, AccountInputs::encode);
  public static final Outlet<LineFate> LINE_FATES = new Outlet<>("line-fates", Topics.LINE_FATES);
  public static final Outlet<DeadLetter> DEAD_LETTERS =
      new Outlet<>("dead-letters", Topics.ACCESS_LOG_DEAD_LETTERS);
  public static final Outlet<LateLine> LATE_LINES = new Outlet<>("late-lines", Topics.LATE_LINES);
  public static final Outlet<LineReplay> LINE_REPLAYS =
      new Outlet<>("line-replays", Topics.LINE_REPLAYS);

  /** What became of replays that only the suspense desk can decide. */
  public static final Outlet<LineReplay> SUSPENSE_REPLAYS =
      new Outlet<>("suspense-replays", Topics.LINE_REPLAYS);

  public static final Outlet<LineCount> FATE_COUNTS =
      new Outlet<>("fate-counts", Topics.LINE_ACCOUNTING);
  public static final Outlet<MeteringStatus> METERING_STATUS =
      new Outlet<>("metering-status", Topics.METERING_STATUS);

  public static final Outlet<CatalogRecord> CATALOGUE = new Outlet<>("catalogue", Topics.CATALOG);
  public static final Outlet<CommandResult> COMMAND_RESULTS =
      new Outlet<>("command-results", Topics.COMMAND_RESULTS);
  public static final Outlet<Instruction> REPLAY_ORDERS =
      new Outlet<>("replay-orders", Topics.REPLAY_ORDERS);
  public static final Outlet<AccountInput> TERMS =
      new Outlet<>("terms", Topics.ACCOUNT_INPUTS, AccountInputs::encode);

  /** Orders to those who keep usage until it is known who pays. */
  public static final Outlet<AccountInput> ORDERS =
      new Outlet<>("orders", Topics.ACCOUNT_INPUTS, AccountInputs::encode);

  /** Usage that has found its payer. */
  public static final Outlet<AccountInput> CLEARED_USAGE =
      new Outlet<>("cleared-usage", Topics.ACCOUNT_INPUTS, AccountInputs::encode);

  /** Answers to commands whose order is decided where it is carried out. */
  public static final Outlet<CommandResult> ORDER_RESULTS =
      new Outlet<>("order-results", Topics.COMMAND_RESULTS);

  public static final Outlet<UnattributedKey> UNATTRIBUTED_KEYS =
      new Outlet<>("unattributed-keys", Topics.UNATTRIBUTED_KEYS);
  public static final Outlet<SuspenseItem> SUSPENSE_ITEMS =
      new Outlet<>("suspense-items", Topics.SUSPENSE_ITEMS);

  public static final Outlet<List<UsageEvent>> USAGE_EVENTS =
      new Outlet<>("usage-events", Topics.USAGE_EVENTS, PackedEvents::encode);
  public static final Outlet<UsageWindows> USAGE_WINDOWS =
      new Outlet<>("usage-windows", Topics.USAGE_WINDOWS, PackedWindows::encode);
  public static final Outlet<AccountRecord> ACCOUNT_STATES =
      new Outlet<>("account-states", Topics.ACCOUNT_STATES);
  public static final Outlet<LedgerPosting> LEDGER_ENTRIES =
      new Outlet<>("ledger-entries", Topics.LEDGER_ENTRIES);
  public static final Outlet<FinalBill> BILLS = new Outlet<>("bills", Topics.BILLS);
  public static final Outlet<Alert> ALERTS = new Outlet<>("alerts", Topics.ALERTS);
  public static final Outlet<GateState> GATE_STATES =
      new Outlet<>("gate-states", Topics.GATE_STATES);
  public static final Outlet<LineCount> SETTLED_COUNTS =
      new Outlet<>("settled-counts", Topics.LINE_ACCOUNTING);

  public static final Outlet<SourceInput> SIGHTINGS =
      new Outlet<>("sightings", Topics.SOURCE_INPUTS);
  public static final Outlet<SourceInput> RETIREMENTS =
      new Outlet<>("retirements", Topics.SOURCE_INPUTS);
  public static final Outlet<SourceState> SOURCES = new Outlet<>("sources", Topics.SOURCES);
  public static final Outlet<CommandResult> RETIREMENT_RESULTS =
      new Outlet<>("retirement-results", Topics.COMMAND_RESULTS);

  private Outlets() {}
}
