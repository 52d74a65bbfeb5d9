package dev.taximeter.api.bills.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BillLanguageTest {
  @ParameterizedTest
  @CsvSource({
    "en, zh, ENGLISH",
    "zh, , SIMPLIFIED_CHINESE",
    "zh-CN, en, SIMPLIFIED_CHINESE",
    ", , ENGLISH",
    ", 'zh-CN,zh;q=0.9,en;q=0.8', SIMPLIFIED_CHINESE",
    ", 'en;q=0.1, zh-Hans', SIMPLIFIED_CHINESE",
    ", 'de-DE, zh;q=0, fr', ENGLISH",
    ", '*', ENGLISH",
    ", ';;;', ENGLISH",
  })
  void isChosenByWhatIsAsked(
      @Nullable String parameter, @Nullable String header, BillLanguage expected) {
    assertThat(BillLanguage.choose(parameter, header)).isEqualTo(expected);
  }

  @Test
  void oneThatBillsAreNotWrittenInIsRefused() {
    assertThatThrownBy(() -> BillLanguage.choose("fr", "zh"))
        .hasMessage("lang must be en or zh-CN.");
  }

  @Test
  void bothHaveTheSameLabels() throws IOException {
    Properties english = labels(BillLanguage.ENGLISH);
    Properties chinese = labels(BillLanguage.SIMPLIFIED_CHINESE);

    assertThat(chinese.keySet()).isEqualTo(english.keySet());
  }

  private static Properties labels(BillLanguage language) throws IOException {
    Properties labels = new Properties();
    try (InputStream in = BillLanguage.class.getResourceAsStream(language.labels())) {
      labels.load(new InputStreamReader(Objects.requireNonNull(in), StandardCharsets.UTF_8));
    }
    return labels;
  }
}
