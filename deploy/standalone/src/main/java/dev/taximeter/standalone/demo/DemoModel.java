package dev.taximeter.standalone.demo;

import java.util.List;

/**
 * A model behind the invented gateway.
 *
 * @param name as the provider reports it
 * @param provider decides route, cluster and address
 * @param medianPrompt tokens of a typical prompt
 * @param medianAnswer tokens of a typical answer; 0 for embeddings
 * @param tokensPerSecond speed of the answer
 * @param cachedPercent how many of 100 prompts are partly read from a cache
 * @param reasoningPercent share of the answer that is reasoning
 */
record DemoModel(
    String name,
    Provider provider,
    int medianPrompt,
    int medianAnswer,
    int tokensPerSecond,
    int cachedPercent,
    int reasoningPercent) {
  /** Who answers. */
  enum Provider {
    QWEN("qwen", "192.0.2.18:443"),
    OPENAI("openai", "192.0.2.30:443"),
    CLAUDE("claude", "192.0.2.44:443"),
    DEEPSEEK("deepseek", "192.0.2.61:443");

    private final String id;
    private final String address;

    Provider(String id, String address) {
      this.id = id;
      this.address = address;
    }

    String address() {
      return address;
    }

    String cluster() {
      return "outbound|443||llm-" + id + ".internal.dns";
    }

    String route() {
      return "ai-route-" + id + ".internal";
    }

    String fallbackRoute() {
      return "ai-route-" + id + ".fallback.internal";
    }
  }

  static final DemoModel QWEN_PLUS = new DemoModel("qwen-plus", Provider.QWEN, 900, 320, 70, 20, 0);
  static final DemoModel QWEN_MAX = new DemoModel("qwen-max", Provider.QWEN, 1_400, 420, 45, 15, 0);
  static final DemoModel QWEN_TURBO =
      new DemoModel("qwen-turbo", Provider.QWEN, 400, 150, 120, 0, 0);
  static final DemoModel GPT_4O =
      new DemoModel("gpt-4o-2024-08-06", Provider.OPENAI, 1_600, 450, 80, 40, 0);
  static final DemoModel GPT_4O_MINI =
      new DemoModel("gpt-4o-mini-2024-07-18", Provider.OPENAI, 700, 220, 110, 25, 0);
  static final DemoModel CLAUDE_SONNET =
      new DemoModel("claude-sonnet-4-20250514", Provider.CLAUDE, 2_400, 700, 75, 60, 0);
  static final DemoModel CLAUDE_HAIKU =
      new DemoModel("claude-3-5-haiku-20241022", Provider.CLAUDE, 1_100, 260, 120, 30, 0);
  static final DemoModel DEEPSEEK_CHAT =
      new DemoModel("deepseek-chat", Provider.DEEPSEEK, 1_000, 380, 40, 45, 0);
  static final DemoModel DEEPSEEK_REASONER =
      new DemoModel("deepseek-reasoner", Provider.DEEPSEEK, 1_200, 1_900, 45, 30, 70);
  static final DemoModel EMBEDDING =
      new DemoModel("text-embedding-v3", Provider.QWEN, 480, 0, 1, 0, 0);

  /** In no price book of the account in yuan: shows what usage without a price looks like. */
  static final DemoModel UNPRICED =
      new DemoModel("qwq-preview", Provider.QWEN, 800, 900, 35, 0, 60);

  static final List<DemoModel> ALL =
      List.of(
          QWEN_PLUS,
          QWEN_MAX,
          QWEN_TURBO,
          GPT_4O,
          GPT_4O_MINI,
          CLAUDE_SONNET,
          CLAUDE_HAIKU,
          DEEPSEEK_CHAT,
          DEEPSEEK_REASONER,
          EMBEDDING,
          UNPRICED);

  boolean isEmbedding() {
    return medianAnswer == 0;
  }
}
