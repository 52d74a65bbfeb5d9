package dev.taximeter.api;

import dev.taximeter.api.accounts.AccountStates;
import dev.taximeter.api.alerts.BalanceConditions;
import dev.taximeter.api.alerts.DriftConditions;
import dev.taximeter.api.alerts.GapConditions;
import dev.taximeter.api.alerts.IncidentWatch;
import dev.taximeter.api.alerts.Incidents;
import dev.taximeter.api.alerts.LineConditions;
import dev.taximeter.api.alerts.Marks;
import dev.taximeter.api.alerts.ResidualConditions;
import dev.taximeter.api.alerts.SilenceConditions;
import dev.taximeter.api.audit.BackgroundAudit;
import dev.taximeter.api.catalog.CatalogView;
import dev.taximeter.api.catalog.CatalogWriter;
import dev.taximeter.api.clickhouse.ClickHouseAlertHistory;
import dev.taximeter.api.clickhouse.ClickHouseAuditLogHistory;
import dev.taximeter.api.clickhouse.ClickHouseCatalogHistory;
import dev.taximeter.api.clickhouse.ClickHouseDeadLetterHistory;
import dev.taximeter.api.clickhouse.ClickHouseLandedLines;
import dev.taximeter.api.clickhouse.ClickHouseLandedMoney;
import dev.taximeter.api.clickhouse.ClickHouseLandedUsage;
import dev.taximeter.api.clickhouse.ClickHouseLedgerHistory;
import dev.taximeter.api.clickhouse.ClickHouseLineCountHistory;
import dev.taximeter.api.clickhouse.ClickHouseLineHistory;
import dev.taximeter.api.clickhouse.ClickHouseMarginHistory;
import dev.taximeter.api.clickhouse.ClickHouseOddLines;
import dev.taximeter.api.clickhouse.ClickHouseStatus;
import dev.taximeter.api.clickhouse.ClickHouseUsageHistory;
import dev.taximeter.api.clickhouse.ConnectionPool;
import dev.taximeter.api.kafka.DeliveryLoop;
import dev.taximeter.api.kafka.KafkaAuditLog;
import dev.taximeter.api.kafka.KafkaClients;
import dev.taximeter.api.kafka.KafkaCommandGateway;
import dev.taximeter.api.kafka.KafkaLineTail;
import dev.taximeter.api.kafka.KafkaRawBacklog;
import dev.taximeter.api.kafka.KafkaRoad;
import dev.taximeter.api.kafka.KafkaStages;
import dev.taximeter.api.kafka.KafkaWriter;
import dev.taximeter.api.kafka.LiveAccountStates;
import dev.taximeter.api.kafka.LiveBills;
import dev.taximeter.api.kafka.LiveCatalog;
import dev.taximeter.api.kafka.LiveDeliveries;
import dev.taximeter.api.kafka.LiveGateStates;
import dev.taximeter.api.kafka.LiveIncidents;
import dev.taximeter.api.kafka.LiveLineCounts;
import dev.taximeter.api.kafka.LiveMarks;
import dev.taximeter.api.kafka.LiveMeteringProgress;
import dev.taximeter.api.kafka.LiveSources;
import dev.taximeter.api.kafka.LiveSuspense;
import dev.taximeter.api.kafka.LiveTokenUses;
import dev.taximeter.api.kafka.LiveUnattributedKeys;
import dev.taximeter.api.kafka.LiveViews;
import dev.taximeter.api.settings.ApiSettings;
import dev.taximeter.api.sources.MeteredWatermark;
import dev.taximeter.api.sources.SourceCompleteness;
import dev.taximeter.api.webhooks.Deliveries;
import dev.taximeter.api.webhooks.Dispatcher;
import dev.taximeter.api.webhooks.Secrets;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.List;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;

/** The ports on the real engines: Kafka and ClickHouse. */
@Configuration(proxyBeanMethods = false)
class EngineConfiguration {
  @Bean
  Clock clock() {
    return Clock.tickMillis(ZoneOffset.UTC);
  }

  @Bean
  KafkaClients kafkaClients(ApiSettings settings) {
    return new KafkaClients(settings.kafka());
  }

  @Bean
  LiveAccountStates accountStates() {
    return new LiveAccountStates();
  }

  @Bean
  LiveCatalog catalogView() {
    return new LiveCatalog();
  }

  @Bean
  LiveMeteringProgress meteringProgress(AccountStates states, ApiSettings settings) {
    return new LiveMeteringProgress(states, settings.partitions());
  }

  @Bean
  LiveLineCounts lineCounts(Clock clock) {
    return new LiveLineCounts(clock);
  }

  @Bean
  LiveUnattributedKeys unattributedKeys() {
    return new LiveUnattributedKeys();
  }

  @Bean
  LiveSources sourceStates() {
    return new LiveSources();
  }

  @Bean
  LiveBills finalBills() {
    return new LiveBills();
  }

  @Bean
  LiveGateStates gateStates() {
    return new LiveGateStates();
  }

  @Bean
  LiveSuspense suspenseItems() {
    return new LiveSuspense();
  }

  @Bean(destroyMethod = "close")
  KafkaWriter kafkaWriter(KafkaClients clients) {
    return new KafkaWriter(clients);
  }

  @Bean
  KafkaAuditLog auditLog(KafkaWriter writer) {
    return new KafkaAuditLog(writer);
  }

  @Bean
  LiveTokenUses tokenUses(KafkaWriter writer) {
    return new LiveTokenUses(writer);
  }

  @Bean
  LiveMarks marks(KafkaWriter writer, Clock clock) {
    return new LiveMarks(writer, clock);
  }

  @Bean
  LiveIncidents incidents() {
    return new LiveIncidents();
  }

  @Bean
  LiveDeliveries deliveries(KafkaWriter writer, ApiSettings settings) {
    return new LiveDeliveries(writer, settings.partitions());
  }

  @Bean(destroyMethod = "close")
  Dispatcher dispatcher(
      ApiSettings settings,
      CatalogView catalog,
      CatalogWriter writer,
      Deliveries deliveries,
      Marks marks,
      Incidents incidents,
      Secrets secrets,
      Clock clock) {
    return Dispatcher.of(
        settings.alerts(), catalog, writer, deliveries, marks, incidents, secrets, clock);
  }

  @Bean(initMethod = "start", destroyMethod = "close")
  ResidualConditions residualConditions(
      LiveLineCounts counts, @Qualifier("roadOfResidual") KafkaRoad road, Clock clock) {
    return new ResidualConditions(counts, road, clock);
  }

  @Bean(destroyMethod = "close", defaultCandidate = false)
  @Qualifier("roadOfResidual")
  KafkaRoad roadOfResidual(KafkaClients clients, ApiSettings settings) {
    return new KafkaRoad(new KafkaStages(clients, settings.partitions()));
  }

  @Bean
  IncidentWatch incidentWatch(
      Incidents incidents,
      AccountStates states,
      LiveSources sources,
      ResidualConditions residual,
      BackgroundAudit audit,
      ConnectionPool pool,
      ApiSettings settings) {
    return new IncidentWatch(
        List.of(
            new BalanceConditions(states, settings.alerts().lowBalancePercent()),
            new GapConditions(sources),
            new SilenceConditions(sources, residual::passed),
            residual,
            new LineConditions(new ClickHouseOddLines(pool)),
            new DriftConditions(audit)),
        incidents);
  }

  @Bean
  @Lazy(false)
  DeliveryLoop deliveryLoop(
      KafkaClients clients,
      LiveViews views,
      LiveDeliveries deliveries,
      LiveIncidents incidents,
      IncidentWatch watch,
      Dispatcher dispatcher,
      Clock clock) {
    return new DeliveryLoop(clients, views, deliveries, incidents, watch, dispatcher, clock);
  }

  @Bean
  ClickHouseAlertHistory alertHistory(ConnectionPool pool) {
    return new ClickHouseAlertHistory(pool);
  }

  @Bean
  ClickHouseAuditLogHistory auditLogHistory(ConnectionPool pool) {
    return new ClickHouseAuditLogHistory(pool);
  }

  @Bean(destroyMethod = "close")
  KafkaCommandGateway commandGateway(KafkaClients clients) {
    return new KafkaCommandGateway(clients);
  }

  @Bean(destroyMethod = "close")
  KafkaRawBacklog rawBacklog(KafkaClients clients, ApiSettings settings) {
    return new KafkaRawBacklog(new KafkaStages(clients, settings.partitions()));
  }

  @Bean
  KafkaLineTail lineTail(KafkaClients clients) {
    return new KafkaLineTail(clients);
  }

  @Bean
  @Lazy(false)
  LiveViews liveViews(
      KafkaClients clients,
      LiveAccountStates states,
      LiveCatalog catalog,
      LiveMeteringProgress metering,
      LiveLineCounts counts,
      LiveUnattributedKeys unattributed,
      LiveSuspense suspense,
      LiveSources sources,
      LiveBills bills,
      LiveTokenUses tokenUses,
      LiveDeliveries deliveries,
      LiveIncidents incidents,
      LiveMarks marks,
      LiveGateStates gates,
      KafkaCommandGateway commands) {
    return new LiveViews(
        clients,
        states,
        catalog,
        metering,
        counts,
        unattributed,
        suspense,
        sources,
        bills,
        tokenUses,
        deliveries,
        incidents,
        marks,
        gates,
        commands);
  }

  @Bean(destroyMethod = "close")
  ConnectionPool connectionPool(ApiSettings settings) {
    return new ConnectionPool(settings.clickHouse());
  }

  @Bean(destroyMethod = "close")
  KafkaRoad road(KafkaClients clients, ApiSettings settings) {
    return new KafkaRoad(new KafkaStages(clients, settings.partitions()));
  }

  @Bean(initMethod = "start", destroyMethod = "close")
  @Lazy(false)
  MeteredWatermark metered(LiveSources sources, KafkaRoad road, LiveLineCounts counts) {
    return new MeteredWatermark(() -> SourceCompleteness.shippedThrough(sources), road, counts);
  }

  @Bean(initMethod = "start", destroyMethod = "close")
  @Lazy(false)
  BackgroundAudit backgroundAudit(ConnectionPool pool, ApiSettings settings, Clock clock) {
    return new BackgroundAudit(pool::patient, settings.auditPercent(), clock);
  }

  @Bean
  ClickHouseUsageHistory usageHistory(ConnectionPool pool) {
    return new ClickHouseUsageHistory(pool);
  }

  @Bean
  ClickHouseLineCountHistory lineCountHistory(ConnectionPool pool) {
    return new ClickHouseLineCountHistory(pool);
  }

  @Bean
  ClickHouseLedgerHistory ledgerHistory(ConnectionPool pool) {
    return new ClickHouseLedgerHistory(pool);
  }

  @Bean
  ClickHouseCatalogHistory catalogHistory(ConnectionPool pool) {
    return new ClickHouseCatalogHistory(pool);
  }

  @Bean
  ClickHouseLandedMoney landedMoney(ConnectionPool pool) {
    return new ClickHouseLandedMoney(pool);
  }

  @Bean
  ClickHouseLandedUsage landedUsage(ConnectionPool pool) {
    return new ClickHouseLandedUsage(pool);
  }

  @Bean
  ClickHouseLandedLines landedLines(ConnectionPool pool) {
    return new ClickHouseLandedLines(pool);
  }

  @Bean
  ClickHouseMarginHistory marginHistory(ConnectionPool pool) {
    return new ClickHouseMarginHistory(pool);
  }

  @Bean
  ClickHouseLineHistory lineHistory(ConnectionPool pool) {
    return new ClickHouseLineHistory(pool);
  }

  @Bean
  ClickHouseDeadLetterHistory deadLetterHistory(ConnectionPool pool) {
    return new ClickHouseDeadLetterHistory(pool);
  }

  @Bean
  ClickHouseStatus historyStatus(ConnectionPool pool) {
    return new ClickHouseStatus(pool);
  }
}
