package dev.taximeter.streams.intake;

import dev.taximeter.contract.security.RootSecret;
import dev.taximeter.streams.sources.Sightings;
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
 * @param horizon how long the identity of a line is remembered
 */
public record Intake(LineParser parser, RootSecret secret, Duration horizon)
    implements ProcessorSupplier<byte[], byte[], byte[], byte[]> {
  @Override
  public Processor<byte[], byte[], byte[], byte[]> get() {
    return new IntakeProcessor(parser, secret, horizon);
  }

  @Override
  public Set<StoreBuilder<?>> stores() {
    return Set.of(
        StoreBuilders.writeThrough(IntakeProcessor.ARRIVALS, Serdes.Bytes(), Serdes.Long()),
        StoreBuilders.gathering(Sightings.STORE, Serdes.ByteArray()),
        StoreBuilders.gathering(IntakeProcessor.COUNTS, Serdes.ByteArray()),
        StoreBuilders.gathering(IntakeProcessor.PENDING, Serdes.ByteArray()));
  }
}
