package dev.taximeter.standalone.demo;

import java.util.List;
import java.util.Random;

/** Questions and answers that the gateway logs now and then, and that a meter must not keep. */
final class Prompts {
  /** A question and its answer. */
  record Exchange(String question, String answer) {}

  private static final List<Exchange> EXCHANGES =
      List.of(
          new Exchange(
              "Summarise the attached R&D minutes in three bullets.",
              "- Budget approved\n- Prototype in May\n- Open question: <supplier>"),
          new Exchange("用 <b> 写一个\"标题\"", "好的：<b>标题</b>"),
          new Exchange("请把这段话翻译成英文：今天天气很好。", "The weather is lovely today."),
          new Exchange("客户投诉快递延误，应该怎么回复？", "非常抱歉给您带来不便，我们已联系物流……"),
          new Exchange(
              "Where is C:\\Users\\me\\notes.txt opened?", "In `reader.py`, line 12:\topen(path)"),
          new Exchange("Écris une clause de confidentialité.", "Les parties s’engagent à …"));

  private Prompts() {}

  static Exchange draw(Random random) {
    return EXCHANGES.get(random.nextInt(EXCHANGES.size()));
  }
}
