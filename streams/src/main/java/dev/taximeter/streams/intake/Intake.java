package dev.taximeter.streams.intake;

import dev.taximeter.contract.security.GateIdentity;
import dev.taximeter.contract.security.RootSecret;
import dev.taximeter.streams.sources.Sightings;
import dev.taximeter.streams.topology.parts.CommitHook;
import dev.taximeter.streams.topology.parts.StoreBuilders;
import java.time.Duration;
import java.util.Set;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.state.StoreBuilder;

/**
 * Makes the processor that gives each raw line its fate, with its stores.
 *
 * @param horizon lines that completed longer ago are late: history must be asked about them
 * @param retention how long history keeps identities
 * @param partitions of the raw topic
 * @param nothingBefore whether no line had been metered anywhere when this process started
 * @param gate whose word for a key is believed
 */
public record Intake(
    LineParser parser,
    RootSecret secret,
    Duration horizon,
    Duration retention,
    int partitions,
    boolean nothingBefore,
    GateIdentity gate)
    implements ProcessorSupplier<byte[], IntakeInput, byte[], byte[]> {
  @Override
  public Processor<byte[], IntakeInput, byte[], byte[]> get() {
    return new IntakeProcessor(this);
  }

  @Override
  public Set<StoreBuilder<?>> stores() {
    return Set.of(
        StoreBuilders.writeThrough(Arrivals.STORE, Serdes.Bytes(), Serdes.ByteArray()),
        StoreBuilders.gathering(Sightings.STORE, Serdes.ByteArray()),
        CommitHook.builder(IntakeProcessor.COMMIT),
        StoreBuilders.writeThrough(IntakeProcessor.COUNTS, Serdes.String(), Serdes.ByteArray()),
        StoreBuilders.writeThrough(IntakeProcessor.PENDING, Serdes.String(), Serdes.ByteArray()));
  }
}
