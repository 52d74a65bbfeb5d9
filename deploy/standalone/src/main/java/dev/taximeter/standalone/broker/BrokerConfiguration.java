package dev.taximeter.standalone.broker;

import java.nio.file.Path;
import java.util.Properties;

/**
 * The settings of the one broker. Only loopback listens, and both listeners want a password: other
 * users of the machine can reach loopback, too.
 */
final class BrokerConfiguration {
  static final String USER = "taximeter";
  private static final String CLIENT = "CLIENT";
  static final String CONTROLLER = "CONTROLLER";
  private static final String HOST = "127.0.0.1";
  static final int NODE = 1;

  private BrokerConfiguration() {}

  /**
   * @param directory holds the log and the metadata
   * @param port for clients
   * @param controllerPort for the broker itself
   * @param password of {@link #USER}
   */
  static Properties properties(Path directory, int port, int controllerPort, String password) {
    Properties properties = new Properties();
    String[][] settings = {
      {"process.roles", "broker,controller"},
      {"node.id", Integer.toString(NODE)},
      {"controller.quorum.voters", NODE + "@" + HOST + ":" + controllerPort},
      {"log.dirs", directory.resolve("log").toString()},

      // Listeners.
      {
        "listeners",
        "%s://%s:%d,%s://%s:%d".formatted(CLIENT, HOST, port, CONTROLLER, HOST, controllerPort)
      },
      {"advertised.listeners", CLIENT + "://" + HOST + ":" + port},
      {
        "listener.security.protocol.map",
        CLIENT + ":SASL_PLAINTEXT," + CONTROLLER + ":SASL_PLAINTEXT"
      },
      {"inter.broker.listener.name", CLIENT},
      {"controller.listener.names", CONTROLLER},
      {"sasl.enabled.mechanisms", "PLAIN"},
      {"sasl.mechanism.inter.broker.protocol", "PLAIN"},
      {"sasl.mechanism.controller.protocol", "PLAIN"},
      {"listener.name.client.plain.sasl.jaas.config", login(password)},
      {"listener.name.controller.plain.sasl.jaas.config", login(password)},

      // Topics are created by name with stated partitions; a typing error must not make one.
      {"auto.create.topics.enable", "false"},
      {"default.replication.factor", "1"},
      {"min.insync.replicas", "1"},
      {"offsets.topic.replication.factor", "1"},
      {"offsets.topic.num.partitions", "4"},
      // A machine that was off for months must still know what metering has read: ten years.
      {"offsets.retention.minutes", Integer.toString(10 * 365 * 24 * 60)},
      {"transaction.state.log.replication.factor", "1"},
      {"transaction.state.log.min.isr", "1"},
      {"transaction.state.log.num.partitions", "4"},
      {"share.coordinator.state.topic.replication.factor", "1"},
      {"share.coordinator.state.topic.min.isr", "1"},
      {"share.coordinator.state.topic.num.partitions", "1"},

      // A single consumer of each group starts at once and, after a kill, again within seconds.
      {"group.initial.rebalance.delay.ms", "0"},
      {"group.min.session.timeout.ms", "1000"},
      {"group.consumer.min.session.timeout.ms", "5000"},
      {"group.streams.initial.rebalance.delay.ms", "0"},
      {"group.streams.min.session.timeout.ms", "5000"},

      // A broker that was killed may register again once its earlier session is over.
      {"broker.session.timeout.ms", "6000"},
      {"broker.heartbeat.interval.ms", "1000"},
      {"controller.quorum.election.timeout.ms", "500"},
      {"controller.quorum.fetch.timeout.ms", "2000"},

      // Two cores serve everything on this machine.
      {"num.network.threads", "2"},
      {"num.io.threads", "4"},
      {"background.threads", "2"},
      {"num.recovery.threads.per.data.dir", "2"},
      {"log.cleaner.threads", "1"},
      {"log.cleaner.dedupe.buffer.size", Integer.toString(16 << 20)},

      // Small segments, so that compaction and retention have something to work on.
      {"log.segment.bytes", Integer.toString(64 << 20)},
      {"log.retention.check.interval.ms", "60000"},
      {"log.index.size.max.bytes", Integer.toString(1 << 20)},
      {"message.max.bytes", Integer.toString(4 << 20)},
      {"socket.request.max.bytes", Integer.toString(32 << 20)},
      {"metadata.log.segment.bytes", Integer.toString(16 << 20)},
      {"metadata.max.retention.bytes", Integer.toString(32 << 20)},
      {"controlled.shutdown.enable", "true"},
    };
    for (String[] setting : settings) {
      properties.setProperty(setting[0], setting[1]);
    }
    return properties;
  }

  private static String login(String password) {
    return ("org.apache.kafka.common.security.plain.PlainLoginModule required"
            + " username=\"%s\" password=\"%s\" user_%s=\"%s\";")
        .formatted(USER, password, USER, password);
  }

  /** What a client needs to reach the broker. */
  static Properties client(int port, String password) {
    Properties properties = new Properties();
    properties.setProperty("bootstrap.servers", HOST + ":" + port);
    properties.setProperty("security.protocol", "SASL_PLAINTEXT");
    properties.setProperty("sasl.mechanism", "PLAIN");
    properties.setProperty(
        "sasl.jaas.config",
        "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"%s\" password=\"%s\";"
            .formatted(USER, password));
    return properties;
  }
}
