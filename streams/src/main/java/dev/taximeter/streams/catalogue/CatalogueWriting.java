package dev.taximeter.streams.catalogue;

import dev.taximeter.contract.catalog.CatalogRecord;
import dev.taximeter.contract.event.Command;
import dev.taximeter.contract.event.CommandResult;
import dev.taximeter.contract.event.Instruction;
import dev.taximeter.contract.json.Json;
import dev.taximeter.streams.topology.parts.StoreBuilders;
import java.util.Set;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.state.StoreBuilder;

/** Makes the processor that decides every change of the catalogue, with its stores. */
public record CatalogueWriting() implements ProcessorSupplier<String, Command, byte[], byte[]> {
  @Override
  public Processor<String, Command, byte[], byte[]> get() {
    return new CatalogueWriter();
  }

  @Override
  public Set<StoreBuilder<?>> stores() {
    return Set.of(
        StoreBuilders.writeThrough(
            CatalogueWriter.RESOURCES, Serdes.String(), Json.serde(CatalogRecord.class)),
        StoreBuilders.writeThrough(
            CatalogueWriter.ANSWERS, Serdes.String(), Json.serde(CommandResult.class)),
        StoreBuilders.writeThrough(
            CatalogueWriter.INSTRUCTIONS, Serdes.String(), Json.serde(Instruction.class)));
  }
}
