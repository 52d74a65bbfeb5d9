package dev.taximeter.api;

import dev.taximeter.api.accounting.AccountingController;
import dev.taximeter.api.accounting.LineCounts;
import dev.taximeter.api.accounting.RawBacklog;
import dev.taximeter.api.accounts.AccountDirectory;
import dev.taximeter.api.accounts.AccountStates;
import dev.taximeter.api.accounts.AccountsController;
import dev.taximeter.api.accounts.KeysController;
import dev.taximeter.api.accounts.QuotasController;
import dev.taximeter.api.accounts.TeamsController;
import dev.taximeter.api.audit.AuditController;
import dev.taximeter.api.audit.AuditProgress;
import dev.taximeter.api.bills.BillsController;
import dev.taximeter.api.bills.ExplainController;
import dev.taximeter.api.bills.ReRatingController;
import dev.taximeter.api.catalog.BooksController;
import dev.taximeter.api.catalog.CatalogController;
import dev.taximeter.api.catalog.CatalogHistoryController;
import dev.taximeter.api.catalog.CatalogView;
import dev.taximeter.api.catalog.CatalogWriter;
import dev.taximeter.api.catalog.CommandGateway;
import dev.taximeter.api.catalog.MeteringProgress;
import dev.taximeter.api.catalog.PlansController;
import dev.taximeter.api.catalog.PriceImportController;
import dev.taximeter.api.deadletters.DeadLettersController;
import dev.taximeter.api.docs.DocumentedAnswers;
import dev.taximeter.api.docs.OpenApiDocument;
import dev.taximeter.api.docs.RequiredFields;
import dev.taximeter.api.ledger.LedgerController;
import dev.taximeter.api.lines.LeakageController;
import dev.taximeter.api.lines.LineHistory;
import dev.taximeter.api.lines.LineService;
import dev.taximeter.api.lines.OperationsController;
import dev.taximeter.api.live.LineTail;
import dev.taximeter.api.live.LiveController;
import dev.taximeter.api.live.LiveFeed;
import dev.taximeter.api.margin.MarginController;
import dev.taximeter.api.metrics.ApiMetrics;
import dev.taximeter.api.metrics.MetricsController;
import dev.taximeter.api.settings.ApiSettings;
import dev.taximeter.api.signin.AdminToken;
import dev.taximeter.api.signin.AuthenticationFilter;
import dev.taximeter.api.signin.Sessions;
import dev.taximeter.api.signin.SignInController;
import dev.taximeter.api.sources.Metered;
import dev.taximeter.api.sources.SourceCompleteness;
import dev.taximeter.api.sources.SourceStates;
import dev.taximeter.api.sources.SourcesController;
import dev.taximeter.api.status.HistoryStatus;
import dev.taximeter.api.status.StatusController;
import dev.taximeter.api.status.ViewPositions;
import dev.taximeter.api.status.ViewsAreRead;
import dev.taximeter.api.suspense.SuspenseController;
import dev.taximeter.api.unattributed.UnattributedController;
import dev.taximeter.api.usage.OrganizationController;
import dev.taximeter.api.usage.UsageController;
import dev.taximeter.api.usage.UsageHistory;
import dev.taximeter.api.usage.UsageService;
import dev.taximeter.api.web.BodyLimitFilter;
import dev.taximeter.api.web.Freshness;
import dev.taximeter.api.web.HostFilter;
import dev.taximeter.api.web.IdempotencyKeys;
import dev.taximeter.api.web.KnownParameters;
import dev.taximeter.api.web.ProblemAdvice;
import dev.taximeter.api.web.ProblemErrorController;
import dev.taximeter.api.web.ProblemValve;
import dev.taximeter.api.web.SecurityHeadersFilter;
import dev.taximeter.contract.json.Json;
import dev.taximeter.contract.security.RootSecret;
import io.swagger.v3.core.converter.ModelConverter;
import jakarta.servlet.Filter;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.tomcat.ConfigurableTomcatWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Everything that answers requests; the ports behind it come from elsewhere. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
@Import({
  AccountsController.class,
  AccountingController.class,
  AuditController.class,
  BillsController.class,
  BooksController.class,
  CatalogController.class,
  CatalogHistoryController.class,
  DeadLettersController.class,
  ExplainController.class,
  KeysController.class,
  LeakageController.class,
  LedgerController.class,
  LiveController.class,
  MarginController.class,
  MetricsController.class,
  OperationsController.class,
  OrganizationController.class,
  PlansController.class,
  PriceImportController.class,
  ProblemAdvice.class,
  ProblemErrorController.class,
  QuotasController.class,
  ReRatingController.class,
  SignInController.class,
  SourcesController.class,
  StatusController.class,
  TeamsController.class,
  SuspenseController.class,
  UnattributedController.class,
  UsageController.class
})
class ApiConfiguration implements WebMvcConfigurer {
  private static final Duration CHANGE_PATIENCE = Duration.ofSeconds(30);

  /** What says itself how far this process has come, or needs none of its views. */
  private static final List<String> ANSWERED_AT_ONCE =
      List.of("/v1/status", "/v1/accounting", "/v1/sign-in-codes");

  private final ObjectProvider<ViewPositions> viewPositions;

  ApiConfiguration(ObjectProvider<ViewPositions> viewPositions) {
    this.viewPositions = viewPositions;
  }

  @Override
  public void addInterceptors(InterceptorRegistry registry) {
    registry.addInterceptor(new KnownParameters());
    registry
        .addInterceptor(new ViewsAreRead(viewPositions))
        .addPathPatterns("/v1/**")
        .excludePathPatterns(ANSWERED_AT_ONCE);
  }

  /** The contracts' mapper, but strict about what people send. */
  @Bean
  JsonMapper jsonMapper() {
    return Json.MAPPER.rebuild().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();
  }

  @Bean
  RootSecret rootSecret(ApiSettings settings) {
    return settings.rootSecret();
  }

  @Bean
  AccountDirectory accountDirectory(CatalogView catalog, AccountStates states) {
    return new AccountDirectory(catalog, states);
  }

  @Bean
  CatalogWriter catalogWriter(
      CommandGateway gateway, CatalogView view, MeteringProgress metering, Clock clock) {
    return new CatalogWriter(gateway, view, metering, clock, CHANGE_PATIENCE);
  }

  @Bean
  UsageService usageService(
      UsageHistory history, CatalogView catalog, AccountStates states, Clock clock) {
    return new UsageService(history, catalog, states, clock);
  }

  @Bean
  LineService lineService(LineHistory history, CatalogView catalog, Clock clock) {
    return new LineService(history, catalog, clock);
  }

  @Bean
  @Lazy(false)
  LiveFeed liveFeed(LineTail tail, AccountStates states, CatalogView catalog, Clock clock) {
    return new LiveFeed(tail, states, catalog, clock);
  }

  @Bean
  ApiMetrics apiMetrics(
      LineCounts counts,
      RawBacklog backlog,
      ViewPositions views,
      HistoryStatus history,
      AuditProgress audit,
      Clock clock) {
    return new ApiMetrics(counts, backlog, views, history, audit, clock);
  }

  @Bean
  Freshness freshness(SourceStates sources, Metered metered) {
    return new Freshness(new SourceCompleteness(sources, metered));
  }

  @Bean
  IdempotencyKeys idempotencyKeys() {
    return new IdempotencyKeys();
  }

  @Bean
  Sessions sessions(Clock clock) {
    return new Sessions(clock);
  }

  @Bean
  OpenApiDocument openApiDocument() {
    return new OpenApiDocument();
  }

  @Bean
  DocumentedAnswers documentedAnswers() {
    return new DocumentedAnswers();
  }

  @Bean
  ModelConverter requiredFields() {
    return new RequiredFields();
  }

  @Bean
  HealthIndicator views(ViewPositions views) {
    return () -> {
      var waiting = views.waiting();
      Health.Builder health = waiting.isEmpty() ? Health.up() : Health.outOfService();
      waiting.forEach(health::withDetail);
      return health.build();
    };
  }

  @Bean
  HealthIndicator history(HistoryStatus history) {
    return () -> history.reachable() ? Health.up().build() : Health.down().build();
  }

  /** Added behind the server's own, which speaks HTML: the inner one answers first. */
  @Bean
  @Order
  WebServerFactoryCustomizer<ConfigurableTomcatWebServerFactory> problemsOfTheServer() {
    return factory ->
        factory.addContextCustomizers(
            context -> context.getParent().getPipeline().addValve(new ProblemValve()));
  }

  // From the outside in. Nothing behind authentication sees a request without it.

  @Bean
  FilterRegistrationBean<Filter> securityHeaders() {
    return filter(new SecurityHeadersFilter(), 0);
  }

  @Bean
  FilterRegistrationBean<Filter> hosts(ApiSettings settings) {
    FilterRegistrationBean<Filter> registration = filter(new HostFilter(settings.hostNames()), 1);
    registration.setEnabled(settings.boundToLoopback() || !settings.hostNames().isEmpty());
    return registration;
  }

  @Bean
  FilterRegistrationBean<Filter> authentication(ApiSettings settings, Sessions sessions) {
    return filter(new AuthenticationFilter(new AdminToken(settings.adminToken()), sessions), 2);
  }

  @Bean
  FilterRegistrationBean<Filter> bodyLimit() {
    return filter(new BodyLimitFilter(), 3);
  }

  private static FilterRegistrationBean<Filter> filter(Filter filter, int place) {
    FilterRegistrationBean<Filter> registration = new FilterRegistrationBean<>(filter);
    registration.setOrder(Ordered.HIGHEST_PRECEDENCE + place);
    registration.setAsyncSupported(true);
    return registration;
  }
}
