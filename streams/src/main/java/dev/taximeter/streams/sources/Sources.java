package dev.taximeter.streams.sources;

import dev.taximeter.contract.event.SourceInput;
import dev.taximeter.contract.json.Json;
import dev.taximeter.streams.topology.parts.StoreBuilders;
import java.util.Set;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.state.StoreBuilder;

/** Makes the processor that keeps account of all sources, with its store. */
public record Sources() implements ProcessorSupplier<String, SourceInput, byte[], byte[]> {
  @Override
  public Processor<String, SourceInput, byte[], byte[]> get() {
    return new SourceWriter();
  }

  @Override
  public Set<StoreBuilder<?>> stores() {
    return Set.of(StoreBuilders.gathering(SourceWriter.BOOKS, Json.serde(SourceBook.class)));
  }
}
