package dev.taximeter.parse;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What of a header is secret, and what in other texts looks as if it was. */
class SecretsTest {
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '\'',
      value = {
        "key,key",
        "'Bearer key',key",
        "'ApiKey  key ',key",
        "'x-1 key',key",
        // No scheme stands there: all of it is the key.
        "' key',' key'",
        "'Bearer ','Bearer '",
        "'a/b key','a/b key'",
        "'aFirstWordOfLength-21 key','aFirstWordOfLength-21 key'",
        "'aFirstWordOfLength-2 key',key"
      })
  void ofAHeaderTheSchemeIsNoSecret(String header, String secret) {
    assertThat(Secrets.of(header)).containsExactly(secret);
  }

  @Test
  void aPasswordIsASecretOfItsOwn() {
    assertThat(Secrets.of("Basic " + base64("me:password"))).endsWith("password").hasSize(2);
    assertThat(Secrets.of("bAsIc " + base64("me:pass:word"))).endsWith("pass:word").hasSize(2);
    assertThat(Secrets.of("Basic " + base64("password"))).endsWith("password").hasSize(2);
    assertThat(Secrets.of("Basic " + base64("me:"))).hasSize(1);
    assertThat(Secrets.of("Basic no-base64")).containsExactly("no-base64");
    assertThat(Secrets.of("Bearer " + base64("me:password"))).hasSize(1);
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @CsvSource({
    "bearer 12345678,***",
    "BEARER 12345678,***",
    "Bearer 1234567,Bearer 1234567",
    "the bearer of news,the bearer of news",
    "x-token abcdefgh and more,x-*** and more",
    "xtoken abcdefgh,xtoken abcdefgh",
    "sk-0123456789abcdefghij,***",
    // Nineteen, and twenty of one kind.
    "sk-0123456789abcdefghi,sk-0123456789abcdefghi",
    "sk-01234567890123456789,sk-01234567890123456789",
    "sk-abcdefghijklmnopqrst,sk-abcdefghijklmnopqrst",
    // Names in pieces, and a run in a later piece of a key.
    "sk-ab1-cd2-ef3-gh4-ij5-kl6-mn7-op8,sk-ab1-cd2-ef3-gh4-ij5-kl6-mn7-op8",
    "sk-proj-0123456789abcdefghij.x/y=z q,*** q",
    "sk-proj-sk-0123456789abcdefghij,***",
    "task-0123456789abcdefghij,task-0123456789abcdefghij",
    "(sk-0123456789abcdefghij) eyJ0123456789abcdefghij!,(***) ***!",
    "sk-org/0123456789abcdefghij,sk-org/0123456789abcdefghij"
  })
  void onlyWhatLooksLikeAKeyIsMasked(String text, String masked) {
    assertThat(Secrets.masked(text)).isEqualTo(masked);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0123456789abcdefghij", "my-0123456789abcdefghij-key"})
  void aLongRunOfLettersAndDigitsIsNoName(String key) {
    assertThat(Secrets.looksLikeKey(key)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "qwen2.5-72b-instruct",
        "0123456789abcdefghi",
        "01234567890123456789",
        "abcdefghijklmnopqrst",
        "abcdefghij-0123456789"
      })
  void anythingElseMayBeOne(String name) {
    assertThat(Secrets.looksLikeKey(name)).isFalse();
  }
}
