package dev.taximeter.streams.topology.parts;

import dev.taximeter.contract.catalog.CatalogRecord;
import dev.taximeter.contract.event.AccountInput;
import dev.taximeter.contract.event.AccountRecord;
import dev.taximeter.contract.event.CommandResult;
import dev.taximeter.contract.event.DeadLetter;
import dev.taximeter.contract.event.LineCount;
import dev.taximeter.contract.event.LineFate;
import dev.taximeter.contract.event.MeteringStatus;
import dev.taximeter.contract.event.UsageEvent;
import dev.taximeter.contract.event.UsageWindow;
import dev.taximeter.contract.topic.Topics;

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
  public static final Outlet<LineCount> FATE_COUNTS =
      new Outlet<>("fate-counts", Topics.LINE_ACCOUNTING);
  public static final Outlet<MeteringStatus> METERING_STATUS =
      new Outlet<>("metering-status", Topics.METERING_STATUS);

  public static final Outlet<CatalogRecord> CATALOGUE = new Outlet<>("catalogue", Topics.CATALOG);
  public static final Outlet<CommandResult> COMMAND_RESULTS =
      new Outlet<>("command-results", Topics.COMMAND_RESULTS);
  public static final Outlet<AccountInput> TERMS =
      new Outlet<>("terms", Topics.ACCOUNT_INPUTS, AccountInputs::encode);

  public static final Outlet<UsageEvent> USAGE_EVENTS =
      new Outlet<>("usage-events", Topics.USAGE_EVENTS);
  public static final Outlet<UsageWindow> USAGE_WINDOWS =
      new Outlet<>("usage-windows", Topics.USAGE_WINDOWS);
  public static final Outlet<AccountRecord> ACCOUNT_STATES =
      new Outlet<>("account-states", Topics.ACCOUNT_STATES);
  public static final Outlet<LineCount> SETTLED_COUNTS =
      new Outlet<>("settled-counts", Topics.LINE_ACCOUNTING);

  private Outlets() {}
}
