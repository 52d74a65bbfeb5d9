package dev.taximeter.standalone.demo;

import static dev.taximeter.standalone.demo.DemoModel.CLAUDE_HAIKU;
import static dev.taximeter.standalone.demo.DemoModel.CLAUDE_SONNET;
import static dev.taximeter.standalone.demo.DemoModel.DEEPSEEK_CHAT;
import static dev.taximeter.standalone.demo.DemoModel.DEEPSEEK_REASONER;
import static dev.taximeter.standalone.demo.DemoModel.EMBEDDING;
import static dev.taximeter.standalone.demo.DemoModel.GPT_4O;
import static dev.taximeter.standalone.demo.DemoModel.GPT_4O_MINI;
import static dev.taximeter.standalone.demo.DemoModel.QWEN_MAX;
import static dev.taximeter.standalone.demo.DemoModel.QWEN_PLUS;
import static dev.taximeter.standalone.demo.DemoModel.QWEN_TURBO;
import static dev.taximeter.standalone.demo.DemoModel.UNPRICED;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;

/**
 * A customer's key and how its owner uses it.
 *
 * @param account id in the catalogue
 * @param name in the catalogue
 * @param secret the raw key
 * @param volume share of the traffic, relative to the other keys
 * @param rhythm when it is busy
 * @param offsetHours the owner's distance from UTC; a constant, so that a past day's lines never
 *     change with the rules of a time zone
 * @param streamPercent how many of 100 requests stream
 * @param userAgent the client's
 * @param address the client's
 * @param models what it asks for, the favourite first
 */
record DemoKey(
    String account,
    String name,
    String secret,
    int volume,
    Rhythm rhythm,
    int offsetHours,
    int streamPercent,
    String userAgent,
    String address,
    List<DemoModel> models) {
  private static final String PYTHON = "OpenAI/Python 1.99.1";
  private static final String NODE = "OpenAI/JS 5.12.2";
  private static final String ANTHROPIC = "Anthropic/Python 0.64.0";
  private static final String CLI = "claude-cli/2.1.9 (external, cli)";
  private static final String JAVA = "okhttp/4.12.0";
  private static final String HTTPX = "python-httpx/0.28.1";

  static final List<DemoKey> ALL =
      List.of(
          key("acme", "prod-0b5H", 16, Rhythm.OFFICE, 1, 70, PYTHON, 7, GPT_4O, GPT_4O_MINI),
          key("acme", "dev-7Kq2", 6, Rhythm.OFFICE, 1, 50, NODE, 8, GPT_4O, QWEN_PLUS),
          key("acme", "chatbot-w9Xc", 14, Rhythm.EVENING, 1, 95, NODE, 9, QWEN_PLUS, QWEN_TURBO),
          key("acme", "search-4TzP", 10, Rhythm.OFFICE, 1, 0, HTTPX, 7, EMBEDDING),
          key("globex", "main-Lr81", 14, Rhythm.ALWAYS, 0, 60, PYTHON, 20, GPT_4O, CLAUDE_SONNET),
          key("globex", "batch-u3Ye", 9, Rhythm.NIGHT, 0, 0, JAVA, 21, QWEN_MAX, DEEPSEEK_CHAT),
          key("globex", "eval-9mJd", 3, Rhythm.OFFICE, 0, 10, PYTHON, 22, GPT_4O, QWEN_MAX),
          key("lanjing", "app-V6hn", 14, Rhythm.EVENING, 8, 90, JAVA, 30, QWEN_PLUS, QWEN_TURBO),
          key("lanjing", "kefu-2QfB", 11, Rhythm.OFFICE, 8, 85, JAVA, 31, QWEN_PLUS, DEEPSEEK_CHAT),
          key("lanjing", "test-sW0k", 2, Rhythm.OFFICE, 8, 40, HTTPX, 32, QWEN_TURBO, UNPRICED),
          key(
              "meridian",
              "contrats-Gx5r",
              7,
              Rhythm.OFFICE,
              1,
              30,
              ANTHROPIC,
              40,
              CLAUDE_SONNET,
              CLAUDE_HAIKU),
          key("meridian", "recherche-8aNy", 5, Rhythm.OFFICE, 1, 20, HTTPX, 41, GPT_4O, EMBEDDING),
          key("kestrel", "npc-Dp3E", 15, Rhythm.EVENING, -8, 95, NODE, 50, GPT_4O_MINI, QWEN_TURBO),
          key("kestrel", "moderation-j7Ut", 10, Rhythm.ALWAYS, -8, 0, JAVA, 51, GPT_4O_MINI),
          key("kestrel", "tools-Rz4M", 4, Rhythm.OFFICE, -8, 80, CLI, 52, CLAUDE_SONNET),
          key("nimbus", "notes-1fKc", 8, Rhythm.OFFICE, 0, 50, ANTHROPIC, 60, CLAUDE_SONNET),
          key("nimbus", "triage-Yb6w", 7, Rhythm.ALWAYS, 0, 70, PYTHON, 61, GPT_4O, CLAUDE_HAIKU),
          key("orchard", "web-h2Vs", 9, Rhythm.EVENING, -5, 90, NODE, 70, GPT_4O_MINI),
          key("orchard", "index-5PoL", 6, Rhythm.NIGHT, -5, 0, HTTPX, 71, EMBEDDING),
          key("orchard", "agent-Nt9g", 5, Rhythm.OFFICE, -5, 75, CLI, 72, CLAUDE_SONNET, GPT_4O),
          key("quanta", "reports-C4qe", 8, Rhythm.OFFICE, 5, 20, PYTHON, 80, DEEPSEEK_REASONER),
          key("quanta", "sql-m8Zx", 9, Rhythm.OFFICE, 5, 60, PYTHON, 81, QWEN_MAX, DEEPSEEK_CHAT),
          key("quanta", "nightly-3HjD", 6, Rhythm.NIGHT, 5, 0, JAVA, 82, DEEPSEEK_CHAT, EMBEDDING),
          key("quanta", "sandbox-Wk7a", 2, Rhythm.OFFICE, 5, 60, PYTHON, 83, GPT_4O, CLAUDE_HAIKU),
          key("tidewater", "course-6yRb", 6, Rhythm.OFFICE, 10, 80, NODE, 90, GPT_4O_MINI),
          key("tidewater", "lab-Fv1u", 4, Rhythm.ALWAYS, 10, 30, PYTHON, 91, DEEPSEEK_REASONER));

  DemoKey {
    models = List.copyOf(models);
  }

  /** When a key is busy, by the owner's hour of day. */
  enum Rhythm {
    /** Working hours of working days. */
    OFFICE("000000138999789986210000", 15),
    /** People after work, and more so at weekends. */
    EVENING("321111123445545566789974", 120),
    /** Batch jobs, whatever the day. */
    NIGHT("999973210000000000001258", 100),
    /** Machines and users around the world. */
    ALWAYS("554444556677777777776665", 80);

    /** Added to each hour, so that no hour is ever quite silent. */
    private static final double FLOOR = 0.3;

    private final String byHour;
    private final int weekendPercent;

    Rhythm(String byHour, int weekendPercent) {
      this.byHour = byHour;
      this.weekendPercent = weekendPercent;
    }

    double at(OffsetDateTime local) {
      double level = FLOOR + Character.digit(byHour.charAt(local.getHour()), 10);
      DayOfWeek day = local.getDayOfWeek();
      boolean weekend = day == DayOfWeek.SATURDAY || day == DayOfWeek.SUNDAY;
      return weekend ? level * weekendPercent / 100 : level;
    }
  }

  /** {@return how busy the key is in the hour of an instant, relative to the others} */
  double activity(Instant instant) {
    return volume * rhythm.at(instant.atOffset(ZoneOffset.ofHours(offsetHours)));
  }

  private static DemoKey key(
      String account,
      String ending,
      int volume,
      Rhythm rhythm,
      int offsetHours,
      int streamPercent,
      String userAgent,
      int host,
      DemoModel... models) {
    return new DemoKey(
        account,
        account + "-" + ending.substring(0, ending.lastIndexOf('-')),
        "sk-demo-" + account + "-" + ending,
        volume,
        rhythm,
        offsetHours,
        streamPercent,
        userAgent,
        "203.0.113." + host,
        List.of(models));
  }
}
