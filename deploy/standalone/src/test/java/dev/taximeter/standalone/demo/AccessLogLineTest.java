package dev.taximeter.standalone.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AccessLogLineTest {
  /** A line as the gateway writes it: prompt and answer with quotes, markup and Chinese. */
  private static final String ANSWERED =
      """
      {"ai_log":"{\\"answer\\":\\"好的：\\\\u003cb\\\\u003e标题\\\\u003c/b\\\\u003e\\",\\"api\\":\\"-\\",\\"chat_id\\":\\"chatcmpl-a1f3\\",\\"chat_round\\":1,\\"input_token\\":21,\\"input_token_details\\":{},\\"llm_first_token_duration\\":309,\\"llm_service_duration\\":1955,\\"model\\":\\"qwen-plus\\",\\"output_token\\":69,\\"output_token_details\\":{},\\"question\\":\\"用 \\\\u003cb\\\\u003e 写一个\\\\\\"标题\\\\\\"\\",\\"response_type\\":\\"stream\\",\\"total_token\\":90}","authority":"llm.example.com","bytes_received":"213","bytes_sent":"4410","downstream_local_address":"10.0.0.5:8080","downstream_remote_address":"203.0.113.7:51422","duration":"1961","istio_policy_status":"-","method":"POST","path":"/v1/chat/completions","protocol":"HTTP/1.1","request_id":"5b0e6c1e-6f0f-4d31-9a52-0c4d1b1e7a01","requested_server_name":"-","response_code":"200","response_flags":"-","route_name":"ai-route-qwen.internal","start_time":"2026-11-03T08:14:05.458Z","trace_id":"-","upstream_cluster":"outbound|443||llm-qwen.internal.dns","upstream_host":"192.0.2.18:443","upstream_local_address":"10.0.0.5:32932","upstream_service_time":"301","upstream_transport_failure_reason":"-","user_agent":"OpenAI/Python 1.99.1","x_forwarded_for":"203.0.113.7","response_code_details":"via_upstream","user_api_key":"sk-demo-00001","client_version":"3.2.0"}"""
          .strip();

  @Test
  void writesWhatTheGatewayWrites() {
    AiLog aiLog =
        new AiLog()
            .set("question", "用 <b> 写一个\"标题\"")
            .set("answer", "好的：<b>标题</b>")
            .set("api", "-")
            .set("chat_id", "chatcmpl-a1f3")
            .set("chat_round", 1)
            .set("input_token", 21)
            .set("input_token_details", Map.of())
            .set("llm_first_token_duration", 309)
            .set("llm_service_duration", 1955)
            .set("model", "qwen-plus")
            .set("output_token", 69)
            .set("output_token_details", Map.of())
            .set("response_type", "stream")
            .set("total_token", 90);

    String line =
        new AccessLogLine()
            .aiLog(aiLog)
            .set(AccessLogField.AUTHORITY, "llm.example.com")
            .set(AccessLogField.BYTES_RECEIVED, 213)
            .set(AccessLogField.BYTES_SENT, 4410)
            .set(AccessLogField.DOWNSTREAM_LOCAL_ADDRESS, "10.0.0.5:8080")
            .set(AccessLogField.DOWNSTREAM_REMOTE_ADDRESS, "203.0.113.7:51422")
            .times(Instant.parse("2026-11-03T08:14:05.458Z"), 1961)
            .set(AccessLogField.METHOD, "POST")
            .set(AccessLogField.PATH, "/v1/chat/completions")
            .set(AccessLogField.PROTOCOL, "HTTP/1.1")
            .set(AccessLogField.REQUEST_ID, "5b0e6c1e-6f0f-4d31-9a52-0c4d1b1e7a01")
            .set(AccessLogField.RESPONSE_CODE, 200)
            .set(AccessLogField.ROUTE_NAME, "ai-route-qwen.internal")
            .set(AccessLogField.UPSTREAM_CLUSTER, "outbound|443||llm-qwen.internal.dns")
            .set(AccessLogField.UPSTREAM_HOST, "192.0.2.18:443")
            .set(AccessLogField.UPSTREAM_LOCAL_ADDRESS, "10.0.0.5:32932")
            .set(AccessLogField.UPSTREAM_SERVICE_TIME, 301)
            .set(AccessLogField.USER_AGENT, "OpenAI/Python 1.99.1")
            .set(AccessLogField.X_FORWARDED_FOR, "203.0.113.7")
            .set(AccessLogField.RESPONSE_CODE_DETAILS, "via_upstream")
            .set(AccessLogField.USER_API_KEY, "sk-demo-00001")
            .set(AccessLogField.CLIENT_VERSION, "3.2.0")
            .text();

    assertThat(line).isEqualTo(ANSWERED);
  }

  @Test
  void escapesNothingThatAClientSends() {
    String line =
        new AccessLogLine().set(AccessLogField.USER_AGENT, "x\",\"response_code\":\"500").text();

    assertThat(line).contains("\"user_agent\":\"x\",\"response_code\":\"500\",");
  }
}
