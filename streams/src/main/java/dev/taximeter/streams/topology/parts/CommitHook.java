package dev.taximeter.streams.topology.parts;

import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.internals.InternalProcessorContext;
import org.apache.kafka.streams.processor.internals.ProcessorNode;
import org.apache.kafka.streams.processor.internals.ProcessorRecordContext;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.internals.CacheFlushListener;
import org.apache.kafka.streams.state.internals.CachedStateStore;
import org.jspecify.annotations.Nullable;

/**
 * Lets a processor work with decoded objects and write them once per transaction instead of once
 * per record: a store without content whose only purpose is that Kafka Streams flushes it.
 *
 * <p>Streams flushes the caches of all of a task's stores whenever it prepares the task's commit:
 * at every commit, when a task is closed cleanly or taken away. It does so before it flushes the
 * producer and before it adds offsets to the transaction. What the work puts into stores and sends
 * to sinks is therefore in the transaction of the records it follows from, exactly like the
 * contents of Streams' own record caches, which reach their stores and sinks by the same call.
 *
 * <p>Stores that the work writes to must be write-through: Streams flushes caches in the order of
 * its own hash set, and what is put into a cache that was flushed before the work ran stays there
 * until the next commit. A process that is killed between the two has then committed the records
 * and lost what followed from them.
 *
 * <p>What the processor holds in memory must not outlive {@code init}: a task that fails is
 * initialised again, and what was in memory belongs to a transaction that was aborted.
 */
public final class CommitHook implements StateStore, CachedStateStore<byte[], byte[]> {
  private final String name;
  private boolean open;
  private @Nullable StateStoreContext storeContext;
  private @Nullable ProcessorNode<?, ?, ?, ?> node;
  private @Nullable Runnable work;

  private CommitHook(String name) {
    this.name = name;
  }

  /**
   * @param name of the store, unique in the topology; it makes no directory and no topic
   */
  public static StoreBuilder<CommitHook> builder(String name) {
    return new Builder(name);
  }

  /**
   * To be called while the processor is initialised.
   *
   * @param context the processor's; the work may forward with it
   * @param atCommit must be safe to run when nothing has changed
   */
  public void onCommit(ProcessorContext<?, ?> context, Runnable atCommit) {
    if (context instanceof InternalProcessorContext<?, ?> internal) {
      node = internal.currentNode();
    }
    work = atCommit;
  }

  @Override
  public void flushCache() {
    Runnable atCommit = work;
    if (atCommit == null) {
      return;
    }
    if (storeContext instanceof InternalProcessorContext<?, ?> internal) {
      runAsProcessor(internal, atCommit);
    } else {
      atCommit.run();
    }
  }

  /** A commit belongs to no record; the context is the one that a punctuation has. */
  private void runAsProcessor(InternalProcessorContext<?, ?> context, Runnable atCommit) {
    ProcessorNode<?, ?, ?, ?> nodeBefore = context.currentNode();
    ProcessorRecordContext recordBefore = context.recordContext();
    context.setCurrentNode(node);
    context.setRecordContext(
        new ProcessorRecordContext(
            context.currentSystemTimeMs(), -1, -1, null, new RecordHeaders()));
    try {
      atCommit.run();
    } finally {
      context.setCurrentNode(nodeBefore);
      context.setRecordContext(recordBefore);
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void init(StateStoreContext context, StateStore root) {
    storeContext = context;
    work = null;
    context.register(root, (key, value) -> {});
    open = true;
  }

  @Override
  public void commit(Map<TopicPartition, Long> changelogOffsets) {
    // There is nothing on disk.
  }

  @Override
  public void close() {
    open = false;
    work = null;
  }

  @Override
  public boolean persistent() {
    return false;
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public boolean setFlushListener(
      CacheFlushListener<byte[], byte[]> listener, boolean sendOldValues) {
    return false;
  }

  @Override
  public void clearCache() {
    // Called when a store is changed from outside, which this one cannot be.
  }

  private record Builder(String name) implements StoreBuilder<CommitHook> {
    @Override
    public StoreBuilder<CommitHook> withCachingEnabled() {
      return this;
    }

    @Override
    public StoreBuilder<CommitHook> withCachingDisabled() {
      return this;
    }

    @Override
    public StoreBuilder<CommitHook> withLoggingEnabled(Map<String, String> config) {
      throw new UnsupportedOperationException("there is nothing to log");
    }

    @Override
    public StoreBuilder<CommitHook> withLoggingDisabled() {
      return this;
    }

    @Override
    public CommitHook build() {
      return new CommitHook(name);
    }

    @Override
    public Map<String, String> logConfig() {
      return Map.of();
    }

    @Override
    public boolean loggingEnabled() {
      return false;
    }
  }
}
