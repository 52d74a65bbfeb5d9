package dev.taximeter.parse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.parse.TemplateReport.Finding;
import dev.taximeter.parse.TemplateReport.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a template loses or risks is told, and the order that is recommended mends it. */
class TemplateReportTest {
  @Test
  void theSafeOrderHasNothingToMend() {
    TemplateReport report = report(Template.HIGRESS_SAFE);
    assertThat(report.findings()).isEmpty();
    assertThat(report.payerAlwaysCertain()).isTrue();
    assertThat(report.summary()).isEqualTo("nothing to mend");
  }

  @Test
  void theDefaultTellsWhereAClientCouldInject() {
    TemplateReport report = report(Template.HIGRESS);
    assertThat(report.payerAlwaysCertain()).isFalse();
    assertThat(kinds(report))
        .containsExactly(Kind.PAYER_AFTER_CLIENT, Kind.OUTCOME_AFTER_CLIENT, Kind.NO_NANOSECONDS);
    assertThat(finding(report, Kind.PAYER_AFTER_CLIENT).fields())
        .containsExactly(
            "authority",
            "path",
            "request_id",
            "requested_server_name",
            "trace_id",
            "user_agent",
            "x_forwarded_for");
    assertThat(finding(report, Kind.OUTCOME_AFTER_CLIENT).fields())
        .contains("bytes_sent", "response_code", "upstream_host", "start_time")
        .doesNotContain("ai_log");
    assertThat(report.summary()).startsWith("3 to mend: ");
  }

  @Test
  void whatOlderShapesLackIsNamed() {
    assertThat(kinds(report(Template.HIGRESS_WITHOUT_AI_LOG))).contains(Kind.NO_USAGE);
    assertThat(kinds(report(Template.HIGRESS_AI_LOG_LAST))).contains(Kind.USAGE_AFTER_CLIENT);
    assertThat(kinds(report(Template.HIGRESS_WITHOUT_DETAILS))).contains(Kind.NO_DETAILS);
  }

  @Test
  void anUnknownOperatorIsNamedAndAKnownOneIsNot() {
    String template =
        Template.HIGRESS_SAFE.text().replace("\"trace_id\"", "\"odd\":\"%MYSTERY%\",\"trace_id\"");
    TemplateReport report = TemplateReport.of(template, List.of("user_api_key"));
    assertThat(finding(report, Kind.UNKNOWN_OPERATOR).fields()).containsExactly("odd");
  }

  @Test
  void severalLinesAreToldAndReadAllTheSame() {
    String template = Template.HIGRESS_SAFE.text().replace(",\"", ",\n  \"");
    TemplateReport report = TemplateReport.of(template, List.of("user_api_key"));
    assertThat(kinds(report)).containsExactly(Kind.SEVERAL_LINES);
    assertThat(report.recommended()).doesNotContain("\n");
  }

  @Test
  void whatIsNoTemplateSaysWhy() {
    TemplateReport report = TemplateReport.of("%DURATION% %PROTOCOL%", List.of("key"));
    assertThat(kinds(report)).containsExactly(Kind.UNUSABLE);
    assertThat(report.findings().get(0).sentence()).contains("needs a { at character 1");
    assertThat(report.recommended()).isEmpty();
  }

  @Test
  void aPayerThatIsNotThereIsNamed() {
    TemplateReport report = TemplateReport.of(Template.HIGRESS.text(), List.of("api_key"));
    assertThat(finding(report, Kind.NO_PAYER).fields()).containsExactly("api_key");
    assertThat(report.payerAlwaysCertain()).isFalse();
  }

  @Test
  void ofTwoClientsFieldsOnlyTheFirstIsAlwaysCertain() {
    String safe = Template.HIGRESS_SAFE.text();
    TemplateReport report = TemplateReport.of(safe, List.of("user_api_key", "client_version"));
    assertThat(report.payerAlwaysCertain()).isFalse();
  }

  @ParameterizedTest
  @EnumSource(Template.class)
  void theRecommendedOrderMendsWhatAnOrderCanMend(Template template) {
    TemplateReport mended = TemplateReport.of(report(template).recommended(), template.payer());
    assertThat(kinds(mended))
        .doesNotContain(Kind.PAYER_AFTER_CLIENT, Kind.USAGE_AFTER_CLIENT, Kind.NO_NANOSECONDS);
    assertThat(mended.payerAlwaysCertain()).isTrue();
    assertThat(TemplateReport.of(mended.recommended(), template.payer())).isEqualTo(mended);
  }

  private static TemplateReport report(Template template) {
    return TemplateReport.of(template.text(), template.payer());
  }

  private static List<Kind> kinds(TemplateReport report) {
    return report.findings().stream().map(Finding::kind).toList();
  }

  private static Finding finding(TemplateReport report, Kind kind) {
    return report.findings().stream().filter(f -> f.kind() == kind).findFirst().orElseThrow();
  }
}
