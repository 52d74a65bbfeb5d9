package dev.taximeter.streams.topology.parts;

/** A record that no broker would take. Says how large it is and nothing of what is in it. */
public final class OversizedRecordException extends RuntimeException {
  private static final long serialVersionUID = 1;

  OversizedRecordException(String topic, long bytes, long limit) {
    super("a record of %d bytes for %s is larger than %d".formatted(bytes, topic, limit));
  }
}
