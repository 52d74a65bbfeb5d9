package dev.taximeter.api.kafka;

import dev.taximeter.api.tokens.TokenUses;
import dev.taximeter.contract.event.TokenUse;
import dev.taximeter.contract.topic.Topics;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** The latest use of each token in {@code token.uses.v1}; one entry for each token ever made. */
public final class LiveTokenUses implements TokenUses, TopicView.Sink {
  private final Records<TokenUse> records = new Records<>(TokenUse.class);
  private final Map<String, Instant> uses = new ConcurrentHashMap<>();
  private final KafkaWriter writer;

  public LiveTokenUses(KafkaWriter writer) {
    this.writer = writer;
  }

  @Override
  public void accept(List<ConsumerRecord<String, byte[]>> batch) {
    for (ConsumerRecord<String, byte[]> record : batch) {
      TokenUse use = records.read(record);
      if (use != null) {
        uses.merge(use.token(), use.at(), (old, next) -> next.isAfter(old) ? next : old);
      }
    }
  }

  @Override
  public @Nullable Instant lastUse(String token) {
    return uses.get(token);
  }

  @Override
  public void note(String token, Instant at) {
    var unused = writer.write(Topics.TOKEN_USES, token, new TokenUse(token, at));
  }
}
