package dev.taximeter.production;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialAlteration;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.Feature;

/** A real broker that demands TLS, a password or a certificate, and rights, as production's do. */
final class SecuredKafka {
  private static final String STORE_PASSWORD = "changeit";
  private static final int SCRAM_ITERATIONS = 4_096;

  private final Path folder;
  private Process broker;
  private final int port;

  /** Of the listener that knows users by their certificates. */
  private final int mutualPort;

  private SecuredKafka(Path folder, int port, int mutualPort) {
    this.folder = folder;
    this.port = port;
    this.mutualPort = mutualPort;
  }

  static SecuredKafka start(Processes processes, Path folder) throws Exception {
    Files.createDirectories(folder);
    SecuredKafka kafka = new SecuredKafka(folder, Processes.freePort(), Processes.freePort());
    kafka.makeCertificate();
    kafka.makeClientCertificate(KafkaRights.RSYSLOG);
    Path server = kafka.folder.resolve("server.properties");
    Files.writeString(server, kafka.serverProperties(Processes.freePort()));
    Path log = folder.resolve("log");
    Files.createDirectories(log);
    new Formatter()
        .setNodeId(1)
        .setClusterId(Uuid.randomUuid().toString())
        .addDirectory(log.toString())
        .setMetadataLogDirectory(log.toString())
        .setControllerListenerName("CONTROLLER")
        .setSupportedFeatures(Feature.PRODUCTION_FEATURES)
        .run();
    Process broker =
        processes.java(
            "broker", "deploy/standalone", List.of("kafka.Kafka", server.toString()), Map.of());
    kafka.broker = broker;
    processes.await(
        Duration.ofMinutes(2),
        "broker",
        () -> {
          assertThat(broker.isAlive()).as(processes.log("broker")).isTrue();
          return kafka.answers();
        });
    kafka.admit();
    return kafka;
  }

  /** The broker takes nothing and says nothing until it goes on. */
  void pause() throws Exception {
    signal("-STOP");
  }

  void goOn() throws Exception {
    signal("-CONT");
  }

  private void signal(String name) throws Exception {
    Process signal = new ProcessBuilder("kill", name, Long.toString(broker.pid())).start();
    assertThat(signal.waitFor()).isZero();
  }

  private void makeCertificate() throws Exception {
    keytool(
        "broker.p12",
        "-genkeypair",
        "-alias",
        "broker",
        "-keyalg",
        "EC",
        "-dname",
        "CN=broker",
        "-validity",
        "2",
        "-ext",
        "san=ip:127.0.0.1,dns:localhost");
    keytool(
        "broker.p12", "-exportcert", "-rfc", "-alias", "broker", "-file", certificate().toString());
  }

  /** A user's certificate, which the broker trusts as it stands, and its key, both as PEM. */
  private void makeClientCertificate(String user) throws Exception {
    String store = user + ".p12";
    keytool(
        store,
        "-genkeypair",
        "-alias",
        user,
        "-keyalg",
        "EC",
        "-dname",
        "CN=" + user,
        "-validity",
        "2");
    keytool(
        store, "-exportcert", "-rfc", "-alias", user, "-file", clientCertificate(user).toString());
    KeyStore keys =
        KeyStore.getInstance(folder.resolve(store).toFile(), STORE_PASSWORD.toCharArray());
    byte[] key = keys.getKey(user, STORE_PASSWORD.toCharArray()).getEncoded();
    Files.writeString(
        clientKey(user),
        "-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n"
            .formatted(Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key)));
    Files.writeString(
        folder.resolve("clients.crt"),
        Files.readString(certificate()) + Files.readString(clientCertificate(user)));
  }

  private void keytool(String store, String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                arguments[0],
                "-keystore",
                folder.resolve(store).toString(),
                "-storetype",
                "PKCS12",
                "-storepass",
                STORE_PASSWORD));
    command.addAll(List.of(arguments).subList(1, arguments.length));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
  }

  Path clientCertificate(String user) {
    return folder.resolve(user + ".crt");
  }

  Path clientKey(String user) {
    return folder.resolve(user + ".key");
  }

  Path certificate() {
    return folder.resolve("ca.crt");
  }

  String bootstrap() {
    return "127.0.0.1:" + port;
  }

  String mutualBootstrap() {
    return "127.0.0.1:" + mutualPort;
  }

  static String password(String user) {
    return "password-of-" + user;
  }

  private String serverProperties(int controllerPort) {
    return """
    process.roles=broker,controller
    node.id=1
    controller.quorum.voters=1@127.0.0.1:%2$d
    log.dirs=%3$s
    listeners=CLIENT://127.0.0.1:%1$d,MUTUAL://127.0.0.1:%7$d,CONTROLLER://127.0.0.1:%2$d
    advertised.listeners=CLIENT://127.0.0.1:%1$d,MUTUAL://127.0.0.1:%7$d
    listener.security.protocol.map=CLIENT:SASL_SSL,MUTUAL:SSL,CONTROLLER:PLAINTEXT
    listener.name.mutual.ssl.client.auth=required
    ssl.principal.mapping.rules=RULE:^CN=([^,]+).*$/$1/
    inter.broker.listener.name=CLIENT
    controller.listener.names=CONTROLLER
    sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512
    sasl.mechanism.inter.broker.protocol=PLAIN
    listener.name.client.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="admin" password="admin-password" user_admin="admin-password";
    listener.name.client.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
    ssl.keystore.type=PKCS12
    ssl.keystore.location=%4$s
    ssl.keystore.password=%5$s
    ssl.truststore.type=PEM
    ssl.truststore.location=%6$s
    authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
    super.users=User:admin;User:ANONYMOUS
    auto.create.topics.enable=false
    default.replication.factor=1
    offsets.topic.replication.factor=1
    offsets.topic.num.partitions=4
    transaction.state.log.replication.factor=1
    transaction.state.log.min.isr=1
    transaction.state.log.num.partitions=4
    share.coordinator.state.topic.replication.factor=1
    share.coordinator.state.topic.min.isr=1
    group.initial.rebalance.delay.ms=0
    log.cleaner.dedupe.buffer.size=16777216
    log.index.size.max.bytes=1048576
    """
        .formatted(
            port,
            controllerPort,
            folder.resolve("log"),
            folder.resolve("broker.p12"),
            STORE_PASSWORD,
            folder.resolve("clients.crt"),
            mutualPort);
  }

  Admin admin() {
    Map<String, Object> settings = new HashMap<>();
    settings.put("bootstrap.servers", bootstrap());
    settings.put("security.protocol", "SASL_SSL");
    settings.put("sasl.mechanism", "PLAIN");
    settings.put(
        "sasl.jaas.config",
        "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"admin\""
            + " password=\"admin-password\";");
    settings.put("ssl.truststore.type", "PEM");
    settings.put("ssl.truststore.location", certificate().toString());
    settings.put("default.api.timeout.ms", 5_000);
    settings.put("request.timeout.ms", 4_000);
    return Admin.create(settings);
  }

  private boolean answers() throws InterruptedException {
    try (Admin admin = admin()) {
      return !admin.describeCluster().nodes().get().isEmpty();
    } catch (ExecutionException e) {
      return false;
    }
  }

  /** Makes the users and gives them the rights of the files, nothing more. */
  private void admit() throws Exception {
    List<UserScramCredentialAlteration> users =
        Stream.of(
                KafkaRights.METERING,
                KafkaRights.BILLING_API,
                KafkaRights.SHIPPER,
                KafkaRights.FLUENT_BIT)
            .<UserScramCredentialAlteration>map(
                user ->
                    new UserScramCredentialUpsertion(
                        user,
                        new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, SCRAM_ITERATIONS),
                        password(user)))
            .toList();
    try (Admin admin = admin()) {
      admin.alterUserScramCredentials(users).all().get();
      admin.createAcls(KafkaRights.all()).all().get();
    }
  }

  /** The file {@code deploy/kafka/client.properties} with this broker and this user in it. */
  Properties client(String user) throws IOException {
    Properties client = new Properties();
    client.load(new StringReader(DeployFiles.text("kafka/client.properties")));
    client.setProperty("bootstrap.servers", bootstrap());
    client.setProperty("ssl.truststore.location", certificate().toString());
    client.setProperty(
        "sasl.jaas.config",
        client
            .getProperty("sasl.jaas.config")
            .replace("taximeter-metering", user)
            .replace("CHANGE-ME", password(user)));
    return client;
  }

  Path clientFile(String user) throws IOException {
    Path file = folder.resolve(user + ".properties");
    try (var writer = Files.newBufferedWriter(file)) {
      client(user).store(writer, null);
    }
    return file;
  }
}
