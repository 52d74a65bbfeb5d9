package dev.taximeter.production;

import dev.taximeter.contract.topic.Topics;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/** What each service may do in Kafka, and nothing else. {@link ServicesIT} runs them with it. */
final class KafkaRights {
  static final String METERING = "taximeter-metering";
  static final String BILLING_API = "taximeter-billing-api";
  static final String SHIPPER = "taximeter-shipper";
  static final String FLUENT_BIT = "taximeter-fluent-bit";
  static final String RSYSLOG = "taximeter-rsyslog";

  /** Whose names of groups, transactions and internal topics begin so. */
  private static final String OWN = "taximeter-";

  /** Topics that the API keeps a view of. */
  static final Set<Topics> VIEWED =
      EnumSet.of(
          Topics.ACCOUNT_STATES,
          Topics.ALERTS,
          Topics.ALERT_MARKS,
          Topics.BILLS,
          Topics.CATALOG,
          Topics.COMMAND_RESULTS,
          Topics.DELIVERIES,
          Topics.DELIVERY_ORDERS,
          Topics.GATE_STATES,
          Topics.INCIDENTS,
          Topics.LINE_ACCOUNTING,
          Topics.LINE_FATES,
          Topics.METERING_STATUS,
          Topics.SOURCES,
          Topics.SUSPENSE_ITEMS,
          Topics.TOKEN_USES,
          Topics.UNATTRIBUTED_KEYS,
          Topics.USAGE_EVENTS);

  /** Topics of which the API wants to know how far they reach, never what is in them. */
  static final Set<Topics> MEASURED =
      EnumSet.of(
          Topics.ACCESS_LOG,
          Topics.ACCOUNT_INPUTS,
          Topics.COMMANDS,
          Topics.LATE_LINES,
          Topics.LATE_LINES_DECIDED);

  static final Set<Topics> WRITTEN_BY_API =
      EnumSet.of(
          Topics.ALERT_MARKS,
          Topics.AUDIT_LOG,
          Topics.COMMANDS,
          Topics.DELIVERIES,
          Topics.DELIVERY_ORDERS,
          Topics.INCIDENTS,
          Topics.TOKEN_USES);

  private final List<AclBinding> bindings = new ArrayList<>();

  private KafkaRights() {}

  static List<AclBinding> all() {
    KafkaRights rights = new KafkaRights();
    rights.metering();
    rights.billingApi();
    rights.shipper();
    for (String collector : List.of(FLUENT_BIT, RSYSLOG)) {
      rights.topics(
          collector, Set.of(Topics.ACCESS_LOG), AclOperation.DESCRIBE, AclOperation.WRITE);
    }
    return rights.bindings;
  }

  private void metering() {
    topics(
        METERING,
        EnumSet.allOf(Topics.class),
        AclOperation.CREATE,
        AclOperation.DESCRIBE,
        AclOperation.DESCRIBE_CONFIGS,
        AclOperation.ALTER_CONFIGS,
        AclOperation.READ,
        AclOperation.WRITE);
    // Deletes what it has read; the topic itself stays.
    topics(METERING, Set.of(Topics.ACCESS_LOG, Topics.ACCOUNT_INPUTS), AclOperation.DELETE);
    // State and repartitioning of the topology.
    add(
        METERING,
        ResourceType.TOPIC,
        PatternType.PREFIXED,
        Topics.METERING_GROUP + "-",
        AclOperation.CREATE,
        AclOperation.DESCRIBE,
        AclOperation.DESCRIBE_CONFIGS,
        AclOperation.READ,
        AclOperation.WRITE,
        AclOperation.DELETE);
    add(METERING, ResourceType.GROUP, PatternType.PREFIXED, OWN, AclOperation.READ);
    transactions(METERING, OWN);
  }

  private void billingApi() {
    topics(BILLING_API, VIEWED, AclOperation.DESCRIBE, AclOperation.READ);
    topics(BILLING_API, MEASURED, AclOperation.DESCRIBE);
    topics(BILLING_API, WRITTEN_BY_API, AclOperation.DESCRIBE, AclOperation.WRITE);
    for (String group : List.of(Topics.METERING_GROUP, Topics.LATE_LANE_GROUP)) {
      add(BILLING_API, ResourceType.GROUP, PatternType.LITERAL, group, AclOperation.DESCRIBE);
    }
    add(
        BILLING_API,
        ResourceType.GROUP,
        PatternType.LITERAL,
        Topics.DELIVERY_GROUP,
        AclOperation.READ);
    transactions(BILLING_API, Topics.DELIVERY_GROUP + "-");
  }

  private void shipper() {
    topics(
        SHIPPER,
        EnumSet.of(
            Topics.ACCESS_LOG,
            Topics.LINE_ACCOUNTING,
            Topics.SHIPPER_POSITIONS,
            Topics.SOURCE_INPUTS),
        AclOperation.DESCRIBE,
        AclOperation.WRITE);
    topics(SHIPPER, Set.of(Topics.SHIPPER_POSITIONS), AclOperation.READ);
    transactions(SHIPPER, "taximeter-shipper-");
    transactions(SHIPPER, "taximeter-backfill-");
  }

  private void transactions(String who, String prefix) {
    add(
        who,
        ResourceType.TRANSACTIONAL_ID,
        PatternType.PREFIXED,
        prefix,
        AclOperation.DESCRIBE,
        AclOperation.WRITE);
  }

  private void topics(String who, Collection<Topics> topics, AclOperation... operations) {
    for (Topics topic : topics) {
      add(who, ResourceType.TOPIC, PatternType.LITERAL, topic.topicName(), operations);
    }
  }

  private void add(
      String who, ResourceType type, PatternType pattern, String name, AclOperation... operations) {
    for (AclOperation operation : operations) {
      AclBinding binding =
          new AclBinding(
              new ResourcePattern(type, name, pattern),
              new AccessControlEntry("User:" + who, "*", operation, AclPermissionType.ALLOW));
      if (!bindings.contains(binding)) {
        bindings.add(binding);
      }
    }
  }
}
