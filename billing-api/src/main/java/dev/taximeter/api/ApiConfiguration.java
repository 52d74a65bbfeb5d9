package dev.taximeter.api;

import dev.taximeter.api.access.OneAccount;
import dev.taximeter.api.access.RightsInterceptor;
import dev.taximeter.api.accounting.AccountingController;
import dev.taximeter.api.accounting.LineCounts;
import dev.taximeter.api.accounting.RawBacklog;
import dev.taximeter.api.accounts.AccountDirectory;
import dev.taximeter.api.accounts.AccountStates;
import dev.taximeter.api.accounts.AccountsController;
import dev.taximeter.api.accounts.KeysController;
import dev.taximeter.api.accounts.QuotasController;
import dev.taximeter.api.accounts.TeamsController;
import dev.taximeter.api.alerts.AlertsController;
import dev.taximeter.api.alerts.IncidentsController;
import dev.taximeter.api.alerts.MutesController;
import dev.taximeter.api.audit.AuditController;
import dev.taximeter.api.audit.AuditProgress;
import dev.taximeter.api.auditlog.AuditInterceptor;
import dev.taximeter.api.auditlog.AuditLog;
import dev.taximeter.api.auditlog.AuditLogController;
import dev.taximeter.api.auditlog.AuditTrail;
import dev.taximeter.api.auditlog.AuditedProblems;
import dev.taximeter.api.bills.BillsController;
import dev.taximeter.api.bills.ExplainController;
import dev.taximeter.api.bills.ReRatingController;
import dev.taximeter.api.catalog.BooksController;
import dev.taximeter.api.catalog.CatalogController;
import dev.taximeter.api.catalog.CatalogHistoryController;
import dev.taximeter.api.catalog.CatalogView;
import dev.taximeter.api.catalog.CatalogWriter;
import dev.taximeter.api.catalog.ChangeResolver;
import dev.taximeter.api.catalog.CommandGateway;
import dev.taximeter.api.catalog.CommandObserver;
import dev.taximeter.api.catalog.MeteringProgress;
import dev.taximeter.api.catalog.PlansController;
import dev.taximeter.api.catalog.PriceImportController;
import dev.taximeter.api.catalog.Resources;
import dev.taximeter.api.deadletters.DeadLettersController;
import dev.taximeter.api.demonstration.DemonstrationController;
import dev.taximeter.api.docs.DocumentedAnswers;
import dev.taximeter.api.docs.OpenApiDocument;
import dev.taximeter.api.docs.RequiredFields;
import dev.taximeter.api.docs.SharedParameters;
import dev.taximeter.api.gate.Gate;
import dev.taximeter.api.gate.GateFilter;
import dev.taximeter.api.gate.GateListener;
import dev.taximeter.api.gate.GateStates;
import dev.taximeter.api.gate.KeyStatesController;
import dev.taximeter.api.ledger.LedgerController;
import dev.taximeter.api.limits.RateLimit;
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
import dev.taximeter.api.oidc.OidcTokens;
import dev.taximeter.api.ownkey.CatalogKeyHolders;
import dev.taximeter.api.ownkey.OwnKeyController;
import dev.taximeter.api.settings.ApiSettings;
import dev.taximeter.api.settings.GateSettings;
import dev.taximeter.api.settings.OidcSettings;
import dev.taximeter.api.signin.AuthenticationFilter;
import dev.taximeter.api.signin.BearerTokens;
import dev.taximeter.api.signin.Caller;
import dev.taximeter.api.signin.IdentityTokens;
import dev.taximeter.api.signin.KeyHolders;
import dev.taximeter.api.signin.SessionController;
import dev.taximeter.api.signin.Sessions;
import dev.taximeter.api.signin.SignInController;
import dev.taximeter.api.signin.Tokens;
import dev.taximeter.api.sources.Metered;
import dev.taximeter.api.sources.SourceCompleteness;
import dev.taximeter.api.sources.SourceStates;
import dev.taximeter.api.sources.SourcesController;
import dev.taximeter.api.standing.StandingController;
import dev.taximeter.api.status.HistoryStatus;
import dev.taximeter.api.status.StatusController;
import dev.taximeter.api.status.ViewPositions;
import dev.taximeter.api.status.ViewsAreRead;
import dev.taximeter.api.suspense.SuspenseController;
import dev.taximeter.api.tokens.AccessTokens;
import dev.taximeter.api.tokens.TokenUses;
import dev.taximeter.api.tokens.TokensController;
import dev.taximeter.api.unattributed.UnattributedController;
import dev.taximeter.api.usage.MetersController;
import dev.taximeter.api.usage.OrganizationController;
import dev.taximeter.api.usage.OverviewController;
import dev.taximeter.api.usage.UsageController;
import dev.taximeter.api.usage.UsageHistory;
import dev.taximeter.api.usage.UsageService;
import dev.taximeter.api.web.BodyLimitFilter;
import dev.taximeter.api.web.CrossOrigin;
import dev.taximeter.api.web.Freshness;
import dev.taximeter.api.web.HostFilter;
import dev.taximeter.api.web.IdempotencyKeys;
import dev.taximeter.api.web.KnownParameters;
import dev.taximeter.api.web.ListingResolver;
import dev.taximeter.api.web.ProblemAdvice;
import dev.taximeter.api.web.ProblemErrorController;
import dev.taximeter.api.web.ProblemValve;
import dev.taximeter.api.web.SecurityHeadersFilter;
import dev.taximeter.api.webhooks.DeliveryHealth;
import dev.taximeter.api.webhooks.RecipientsController;
import dev.taximeter.api.webhooks.Secrets;
import dev.taximeter.contract.json.Json;
import dev.taximeter.contract.security.RootSecret;
import io.swagger.v3.core.converter.ModelConverter;
import jakarta.servlet.Filter;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.apache.catalina.connector.Connector;
import org.apache.tomcat.util.buf.EncodedSolidusHandling;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.tomcat.ConfigurableTomcatWebServerFactory;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.web.context.request.RequestAttributes;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.ResourceHandlerRegistry;
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
  AlertsController.class,
  AuditLogController.class,
  AuditedProblems.class,
  BillsController.class,
  BooksController.class,
  CatalogController.class,
  CatalogHistoryController.class,
  DeadLettersController.class,
  DemonstrationController.class,
  ExplainController.class,
  KeyStatesController.class,
  KeysController.class,
  IncidentsController.class,
  LeakageController.class,
  LedgerController.class,
  LiveController.class,
  MarginController.class,
  MetersController.class,
  MetricsController.class,
  MutesController.class,
  OperationsController.class,
  OwnKeyController.class,
  OrganizationController.class,
  OverviewController.class,
  PlansController.class,
  PriceImportController.class,
  ProblemAdvice.class,
  ProblemErrorController.class,
  QuotasController.class,
  ReRatingController.class,
  RecipientsController.class,
  SessionController.class,
  SignInController.class,
  SourcesController.class,
  StandingController.class,
  StatusController.class,
  TeamsController.class,
  SuspenseController.class,
  TokensController.class,
  UnattributedController.class,
  UsageController.class
})
class ApiConfiguration implements WebMvcConfigurer {
  private static final Duration CHANGE_PATIENCE = Duration.ofSeconds(30);

  /** What says itself how far this process has come, or needs none of its views. */
  private static final List<String> ANSWERED_AT_ONCE =
      List.of("/v1/status", "/v1/accounting", "/v1/sign-in-codes", "/v1/session/**");

  /** Where the artifact of the chart library keeps its files for browsers. */
  private static final String CHART_LIBRARY =
      "classpath:/META-INF/resources/webjars/chart.js/4.5.1/dist/";

  private final ObjectProvider<ViewPositions> viewPositions;
  private final ObjectProvider<AuditInterceptor> auditInterceptor;

  ApiConfiguration(
      ObjectProvider<ViewPositions> viewPositions,
      ObjectProvider<AuditInterceptor> auditInterceptor) {
    this.viewPositions = viewPositions;
    this.auditInterceptor = auditInterceptor;
  }

  /** From the outside in: what is refused for lack of a right is in the audit log, too. */
  @Override
  public void addInterceptors(InterceptorRegistry registry) {
    registry.addInterceptor(auditInterceptor.getObject());
    registry.addInterceptor(new RightsInterceptor());
    registry.addInterceptor(new KnownParameters());
    registry
        .addInterceptor(new ViewsAreRead(viewPositions))
        .addPathPatterns("/v1/**", "/api/v1/**", "/dashboard/**")
        .excludePathPatterns(ANSWERED_AT_ONCE);
  }

  @Override
  public void addArgumentResolvers(List<HandlerMethodArgumentResolver> resolvers) {
    resolvers.add(new ListingResolver());
    resolvers.add(new ChangeResolver());
  }

  /** The chart library, at an address that stays the same when its version changes. */
  @Override
  public void addResourceHandlers(ResourceHandlerRegistry registry) {
    registry.addResourceHandler("/assets/chart/**").addResourceLocations(CHART_LIBRARY);
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
  Secrets secretsOfRecipients(RootSecret secret) {
    return new Secrets(secret);
  }

  @Bean
  AccountDirectory accountDirectory(CatalogView catalog, AccountStates states) {
    return new AccountDirectory(catalog, states);
  }

  @Bean
  CatalogWriter catalogWriter(
      CommandGateway gateway,
      CatalogView view,
      MeteringProgress metering,
      Clock clock,
      CommandObserver observer) {
    return new CatalogWriter(gateway, view, metering, clock, CHANGE_PATIENCE, observer);
  }

  @Bean
  Resources resources(CatalogView catalog, CatalogWriter writer, IdempotencyKeys keys) {
    return new Resources(catalog, writer, keys);
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
      DeliveryHealth delivery,
      Clock clock) {
    return new ApiMetrics(counts, backlog, views, history, audit, delivery, clock);
  }

  /** Machines and paths are their operator's business. */
  private static boolean seesAll() {
    RequestAttributes request = RequestContextHolder.getRequestAttributes();
    return request == null
        || !(request.getAttribute(Caller.ATTRIBUTE, RequestAttributes.SCOPE_REQUEST)
            instanceof Caller caller)
        || caller.account() == null;
  }

  @Bean
  Freshness freshness(SourceStates sources, Metered metered) {
    SourceCompleteness all = new SourceCompleteness(sources, metered);
    return new Freshness(() -> seesAll() ? all.get() : all.get().withoutNames());
  }

  @Bean
  IdempotencyKeys idempotencyKeys() {
    return new IdempotencyKeys();
  }

  @Bean
  AuditTrail auditTrail() {
    return new AuditTrail();
  }

  @Bean
  AuditInterceptor auditInterceptor(AuditLog log, Clock clock) {
    return new AuditInterceptor(log, clock);
  }

  @Bean
  Tokens tokens(CatalogView catalog, ViewPositions views, TokenUses uses, Clock clock) {
    return new AccessTokens(catalog, views, uses, clock);
  }

  @Bean
  IdentityTokens identityTokens(ApiSettings settings, CatalogView catalog, Clock clock) {
    OidcSettings oidc = settings.access().oidc();
    return oidc == null ? IdentityTokens.NONE : new OidcTokens(oidc, catalog, clock);
  }

  @Bean
  KeyHolders keyHolders(CatalogView catalog, ViewPositions views, RootSecret secret, Clock clock) {
    return new CatalogKeyHolders(catalog, views, secret, clock);
  }

  @Bean
  Sessions sessions(Clock clock, Tokens tokens) {
    return new Sessions(clock, tokens);
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
  @Order(Ordered.HIGHEST_PRECEDENCE)
  SharedParameters sharedParameters() {
    return new SharedParameters();
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
    return factory -> {
      factory.addContextCustomizers(
          context -> context.getParent().getPipeline().addValve(new ProblemValve()));
      // Keys may have one in their names; it separates nothing.
      factory.addConnectorCustomizers(
          connector ->
              connector.setEncodedSolidusHandling(EncodedSolidusHandling.PASS_THROUGH.getValue()));
    };
  }

  @Bean
  GateListener gateListener(ApiSettings settings) {
    return new GateListener(settings.gate());
  }

  @Bean
  WebServerFactoryCustomizer<TomcatServletWebServerFactory> gatePort(GateListener listener) {
    return factory -> {
      Connector connector = listener.connector();
      if (connector != null) {
        factory.addAdditionalConnectors(connector);
        factory.addEngineValves(listener.valve());
      }
    };
  }

  @Bean
  Gate gate(CatalogView catalog, GateStates states, ViewPositions views) {
    return new Gate(catalog, states, views);
  }

  // From the outside in. Nothing behind authentication sees a request without it.

  @Bean
  FilterRegistrationBean<Filter> securityHeaders() {
    return filter(new SecurityHeadersFilter(), 1);
  }

  /**
   * A gateway names its own hosts, has no token, and is no browser. Before all others, since each
   * of them would be run for each request of each client.
   */
  @Bean
  FilterRegistrationBean<Filter> gateChecks(
      ApiSettings settings, Gate gate, GateListener listener, ApiMetrics metrics, Clock clock) {
    GateSettings gateSettings = settings.gate();
    if (gateSettings == null) {
      FilterRegistrationBean<Filter> none =
          filter((request, response, chain) -> chain.doFilter(request, response), 0);
      none.setEnabled(false);
      return none;
    }
    return filter(
        new GateFilter(gate, listener, gateSettings, settings.rootSecret(), metrics.gate(), clock),
        0);
  }

  @Bean
  FilterRegistrationBean<Filter> hosts(ApiSettings settings) {
    FilterRegistrationBean<Filter> registration = filter(new HostFilter(settings.hostNames()), 2);
    registration.setEnabled(settings.boundToLoopback() || !settings.hostNames().isEmpty());
    return registration;
  }

  /** Before authentication: a browser asks whether it may ask without any proof. */
  @Bean
  FilterRegistrationBean<Filter> crossOrigin(ApiSettings settings) {
    List<String> origins = settings.access().corsOrigins();
    FilterRegistrationBean<Filter> registration = filter(CrossOrigin.filter(origins), 3);
    registration.setEnabled(!origins.isEmpty());
    return registration;
  }

  @Bean
  FilterRegistrationBean<Filter> authentication(
      ApiSettings settings,
      Sessions sessions,
      Tokens tokens,
      IdentityTokens identities,
      KeyHolders keyHolders) {
    return filter(
        new AuthenticationFilter(
            new BearerTokens(settings.adminToken(), tokens, identities, keyHolders),
            sessions,
            keyHolders,
            limits(settings.access())),
        4);
  }

  private static AuthenticationFilter.Limits limits(ApiSettings.Access access) {
    return new AuthenticationFilter.Limits(
        new RateLimit("token", access.tokenRequestsPerMinute()),
        new RateLimit("failures", access.failuresPerMinute()),
        new RateLimit("key", access.keyRequestsPerMinute()),
        new RateLimit("address", access.keyAddressRequestsPerMinute()));
  }

  @Bean
  FilterRegistrationBean<Filter> oneAccount() {
    return filter(new OneAccount(), 5);
  }

  @Bean
  FilterRegistrationBean<Filter> bodyLimit() {
    return filter(new BodyLimitFilter(), 6);
  }

  private static FilterRegistrationBean<Filter> filter(Filter filter, int place) {
    FilterRegistrationBean<Filter> registration = new FilterRegistrationBean<>(filter);
    registration.setOrder(Ordered.HIGHEST_PRECEDENCE + place);
    registration.setAsyncSupported(true);
    return registration;
  }
}
