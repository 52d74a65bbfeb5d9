package dev.taximeter.streams.topology;

import static org.apache.kafka.common.serialization.Serdes.ByteArray;
import static org.apache.kafka.common.serialization.Serdes.String;

import dev.taximeter.contract.event.Command;
import dev.taximeter.contract.json.Json;
import dev.taximeter.contract.topic.Topics;
import dev.taximeter.streams.account.Accounts;
import dev.taximeter.streams.catalogue.CatalogueWriting;
import dev.taximeter.streams.intake.CatalogueKeys;
import dev.taximeter.streams.intake.Intake;
import dev.taximeter.streams.intake.LineParser;
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

  /** Nodes, stores and sinks carry the names that dashboards, changelogs and tests know. */
  public static Topology build(MeteringSettings settings, LineParser parser) {
    StreamsBuilder road =
        new StreamsBuilder(new TopologyConfig(new StreamsConfig(StreamsSettings.of(settings))));

    // Changes of the catalogue: one writer decides, the accounts concerned learn their new terms.
    KStream<byte[], byte[]> catalogue =
        read(road, Topics.COMMANDS, "commands", String(), Json.serde(Command.class))
            .process(new CatalogueWriting(), Named.as("catalogue-writer"));
    Outlets.TERMS.drain(catalogue);
    Outlets.CATALOGUE.drain(catalogue);
    Outlets.COMMAND_RESULTS.drain(catalogue);

    // Who pays for a key, as every task of intake sees it.
    road.addGlobalStore(
        CatalogueKeys.store(),
        Topics.CATALOG.topicName(),
        Consumed.with(ByteArray(), ByteArray()).withName("catalogue-source"),
        CatalogueKeys.Updater::new);

    // Raw lines: re-key, de-duplicate, parse, attribute, count.
    KStream<byte[], byte[]> intake =
        read(road, Topics.ACCESS_LOG, "raw-lines", ByteArray(), ByteArray())
            .process(
                new Intake(parser, settings.rootSecret(), settings.duplicateHorizon()),
                Named.as("intake"));
    Outlets.REKEYED_LINES.drain(intake);
    Outlets.USAGE.drain(intake);
    Outlets.LINE_FATES.drain(intake);
    Outlets.DEAD_LETTERS.drain(intake);
    Outlets.FATE_COUNTS.drain(intake);
    Outlets.METERING_STATUS.drain(intake);

    // Usage and terms of each account: rate, number, window, draw down, count.
    KStream<byte[], byte[]> accounts =
        read(road, Topics.ACCOUNT_INPUTS, "account-inputs", String(), AccountInputs.serde())
            .process(new Accounts(settings.windowRetention()), Named.as("accounts"));
    Outlets.USAGE_EVENTS.drain(accounts);
    Outlets.USAGE_WINDOWS.drain(accounts);
    Outlets.ACCOUNT_STATES.drain(accounts);
    Outlets.SETTLED_COUNTS.drain(accounts);

    return road.build();
  }

  private static <K, V> KStream<K, V> read(
      StreamsBuilder road, Topics topic, String name, Serde<K> keys, Serde<V> values) {
    return road.stream(topic.topicName(), Consumed.with(keys, values).withName(name));
  }
}
