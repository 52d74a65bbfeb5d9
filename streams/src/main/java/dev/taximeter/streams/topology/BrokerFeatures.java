package dev.taximeter.streams.topology;

import dev.taximeter.contract.settings.SettingsException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.FinalizedVersionRange;

/** What the broker must be able to do for exactly-once to hold. */
public final class BrokerFeatures {
  private static final String TRANSACTIONS = "transaction.version";

  /**
   * From 2 on, every transaction has an epoch of its own, and a late request of an earlier one
   * cannot become part of the next.
   */
  private static final short LEAST_TRANSACTIONS = 2;

  private BrokerFeatures() {}

  /**
   * @param patience how long to wait for the broker
   * @throws SettingsException if a feature is missing
   */
  public static void require(Map<String, Object> kafka, Duration patience)
      throws InterruptedException {
    try (Admin admin = Admin.create(kafka)) {
      FinalizedVersionRange transactions =
          admin
              .describeFeatures()
              .featureMetadata()
              .get(patience.toMillis(), TimeUnit.MILLISECONDS)
              .finalizedFeatures()
              .get(TRANSACTIONS);
      if (transactions == null || transactions.maxVersionLevel() < LEAST_TRANSACTIONS) {
        throw new SettingsException(
            "the Kafka cluster has %s %s, exactly-once metering needs %d: run kafka-features.sh upgrade --feature %s=%d"
                .formatted(
                    TRANSACTIONS,
                    transactions == null ? "0" : transactions.maxVersionLevel(),
                    LEAST_TRANSACTIONS,
                    TRANSACTIONS,
                    LEAST_TRANSACTIONS));
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("Kafka refused to tell its features: " + e.getCause(), e);
    } catch (TimeoutException e) {
      throw new IllegalStateException("Kafka did not answer within " + patience, e);
    }
  }
}
