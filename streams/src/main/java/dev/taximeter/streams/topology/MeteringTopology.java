package dev.taximeter.streams.topology;

import static org.apache.kafka.common.serialization.Serdes.ByteArray;
import static org.apache.kafka.common.serialization.Serdes.String;

import dev.taximeter.contract.event.Command;
import dev.taximeter.contract.event.LateLine;
import dev.taximeter.contract.event.SourceInput;
import dev.taximeter.contract.json.Json;
import dev.taximeter.contract.topic.Topics;
import dev.taximeter.streams.account.Accounts;
import dev.taximeter.streams.account.BillingSettings;
import dev.taximeter.streams.account.Completeness;
import dev.taximeter.streams.catalogue.CatalogueWriting;
import dev.taximeter.streams.intake.CatalogueKeys;
import dev.taximeter.streams.intake.Intake;
import dev.taximeter.streams.intake.IntakeInput;
import dev.taximeter.streams.intake.LineParser;
import dev.taximeter.streams.sources.Sources;
import dev.taximeter.streams.topology.parts.AccountInputs;
import dev.taximeter.streams.topology.parts.Outlets;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;

/** The road from a raw line to an account's state. */
public final class MeteringTopology {
  private MeteringTopology() {}

  /**
   * Nodes, stores and sinks carry the names that dashboards, changelogs and tests know.
   *
   * @param nothingBefore whether no line had been metered anywhere when this process started
   */
  public static Topology build(
      MeteringSettings settings, LineParser parser, boolean nothingBefore) {
    BillingSettings billing = new BillingSettings(settings.billGrace());
    return build(
        settings, parser, nothingBefore, new Accounts(settings.windowRetention(), billing));
  }

  static Topology build(
      MeteringSettings settings, LineParser parser, boolean nothingBefore, Accounts writers) {
    StreamsBuilder road =
        new StreamsBuilder(new TopologyConfig(new StreamsConfig(StreamsSettings.of(settings))));

    // Changes of the catalogue: one writer decides, the accounts concerned learn their new terms.
    // Orders are checked here and passed on to the single writer concerned.
    KStream<byte[], byte[]> catalogue =
        read(road, Topics.COMMANDS, "commands", String(), Json.serde(Command.class))
            .process(new CatalogueWriting(), Named.as("catalogue-writer"));
    Outlets.TERMS.drain(catalogue);
    Outlets.ORDERS.drain(catalogue);
    Outlets.CATALOGUE.drain(catalogue);
    Outlets.COMMAND_RESULTS.drain(catalogue);
    Outlets.REPLAY_ORDERS.drain(catalogue);
    Outlets.RETIREMENTS.drain(catalogue);

    // Who pays for a key, as every task of intake sees it.
    road.addGlobalStore(
        CatalogueKeys.store(),
        Topics.CATALOG.topicName(),
        Consumed.with(ByteArray(), ByteArray()).withName("catalogue-source"),
        CatalogueKeys.Updater::new);

    // Raw lines: re-key, de-duplicate, parse, attribute, count. What may have been seen longer ago
    // than intake remembers makes a detour: late lines, the late lane, decided late lines.
    KStream<byte[], IntakeInput> lines =
        read(road, Topics.ACCESS_LOG, "raw-lines", ByteArray(), ByteArray())
            .mapValues(IntakeInput::raw, Named.as("lines"));
    KStream<byte[], IntakeInput> decidedLateLines =
        read(
                road,
                Topics.LATE_LINES_DECIDED,
                "decided-late-lines",
                ByteArray(),
                Json.serde(LateLine.class))
            .mapValues(IntakeInput::decided, Named.as("late-arrivals"));
    KStream<byte[], byte[]> intake =
        lines
            .merge(decidedLateLines, Named.as("arrivals"))
            .process(
                new Intake(
                    parser,
                    settings.rootSecret(),
                    settings.duplicateHorizon(),
                    settings.identityRetention(),
                    settings.partitions(),
                    nothingBefore,
                    settings.gate()),
                Named.as("intake"));
    Outlets.REKEYED_LINES.drain(intake);
    Outlets.LATE_LINES.drain(intake);
    Outlets.USAGE.drain(intake);
    Outlets.LINE_FATES.drain(intake);
    Outlets.DEAD_LETTERS.drain(intake);
    Outlets.LINE_REPLAYS.drain(intake);
    Outlets.FATE_COUNTS.drain(intake);
    Outlets.METERING_STATUS.drain(intake);
    Outlets.SIGHTINGS.drain(intake);

    // What was shipped, seen and lost of each source: gaps, completeness, silence.
    KStream<byte[], byte[]> sources =
        read(road, Topics.SOURCE_INPUTS, "source-inputs", String(), Json.serde(SourceInput.class))
            .process(new Sources(), Named.as("source-writer"));
    Outlets.SOURCES.drain(sources);
    Outlets.RETIREMENT_RESULTS.drain(sources);

    // How complete usage is: bills wait for it.
    road.addGlobalStore(
        Completeness.store(),
        Topics.SOURCES.topicName(),
        Consumed.with(ByteArray(), ByteArray()).withName("completeness-source"),
        Completeness.Updater::new);

    // Usage and terms of each account: rate, number, window, draw down, count. Usage without a
    // payer waits here, too, and comes round once more when it has found one.
    KStream<byte[], byte[]> accounts =
        read(road, Topics.ACCOUNT_INPUTS, "account-inputs", String(), AccountInputs.serde())
            .process(writers, Named.as("accounts"));
    Outlets.USAGE_EVENTS.drain(accounts);
    Outlets.USAGE_WINDOWS.drain(accounts);
    Outlets.ACCOUNT_STATES.drainByAccount(accounts);
    Outlets.LEDGER_ENTRIES.drainByAccount(accounts);
    Outlets.BILLS.drainByAccount(accounts);
    Outlets.ALERTS.drain(accounts);
    Outlets.GATE_STATES.drainByAccount(accounts);
    Outlets.SETTLED_COUNTS.drain(accounts);
    Outlets.CLEARED_USAGE.drain(accounts);
    Outlets.UNATTRIBUTED_KEYS.drain(accounts);
    Outlets.SUSPENSE_ITEMS.drain(accounts);
    Outlets.SUSPENSE_REPLAYS.drain(accounts);
    Outlets.ORDER_RESULTS.drain(accounts);

    return road.build();
  }

  private static <K, V> KStream<K, V> read(
      StreamsBuilder road, Topics topic, String name, Serde<K> keys, Serde<V> values) {
    return road.stream(topic.topicName(), Consumed.with(keys, values).withName(name));
  }
}
