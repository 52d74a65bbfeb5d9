package dev.taximeter.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.api.deadletters.DeadLetterItem;
import dev.taximeter.api.deadletters.DeadLetterItem.Replay;
import dev.taximeter.contract.event.Command;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.LineReplay.Outcome;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.Order;
import dev.taximeter.contract.event.Reason;
import dev.taximeter.contract.event.SuspenseItem;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class DeadLettersApiTest extends ApiTest {
  private static final Instant ARRIVAL = Instant.parse("2026-11-24T08:00:00Z");

  private final List<Command> ordered = new ArrayList<>();

  @BeforeEach
  void takeOrders() {
    catalog.onOrders(
        command -> {
          ordered.add(command);
          return List.of();
        });
  }

  private static String id(int number) {
    return "%032x".formatted(number);
  }

  private static DeadLetterItem letter(int number, Reason reason, Fate fate, Replay replay) {
    return new DeadLetterItem(
        id(number),
        fate,
        reason.code(),
        "xx 00",
        ARRIVAL.plusSeconds(number),
        new LineSource("gateway-1", number % 2 == 0 ? "/even.log" : "/odd.log"),
        4096,
        "run-1",
        replay);
  }

  static DeadLetterItem quarantined(int number) {
    return letter(number, Reason.FOREIGN_LINE, Fate.QUARANTINED, null);
  }

  private static Replay replay(Outcome outcome, Fate fate, String problem) {
    return new Replay(outcome, fate, "", problem, "anna", ARRIVAL.plusSeconds(99));
  }

  private static List<String> ids(JsonNode page) {
    List<String> ids = new ArrayList<>();
    page.path("items").forEach(item -> ids.add(item.path("id").asString()));
    return ids;
  }

  @Test
  void aLetterSaysWhatItIsAndWhatToDo() {
    deadLetters.items.add(quarantined(1));
    JsonNode letter = get("/v1/dead-letters/" + id(1)).json();
    assertThat(letter.path("state").asString()).isEqualTo("open");
    assertThat(letter.path("fate").asString()).isEqualTo("quarantined");
    assertThat(letter.path("reason").asString()).isEqualTo("foreign-line");
    assertThat(letter.path("actor").asString()).isEqualTo("sender");
    assertThat(letter.path("advice").asString()).contains("add its template and replay");
    assertThat(letter.path("excerpt").asString()).isEqualTo("xx 00");
    assertThat(letter.path("host").asString()).isEqualTo("gateway-1");
    assertThat(letter.path("path").asString()).isEqualTo("/odd.log");
    assertThat(letter.path("offset").asLong()).isEqualTo(4096);
    assertThat(letter.path("arrival").asString()).isEqualTo("2026-11-24T08:00:01Z");
    assertThat(letter.has("replay")).isFalse();
  }

  @Test
  void aLetterShowsHowFarItsReplayCame() {
    deadLetters.items.add(
        letter(1, Reason.FOREIGN_LINE, Fate.QUARANTINED, replay(Outcome.SENT, null, "")));
    deadLetters.items.add(
        letter(
            2, Reason.FOREIGN_LINE, Fate.QUARANTINED, replay(Outcome.RESOLVED, Fate.BILLED, "")));
    deadLetters.items.add(
        letter(
            3,
            Reason.FOREIGN_LINE,
            Fate.QUARANTINED,
            replay(Outcome.REFUSED, null, "It is gone.")));
    deadLetters.items.add(
        letter(
            4,
            Reason.FOREIGN_LINE,
            Fate.QUARANTINED,
            replay(Outcome.UNCHANGED, Fate.QUARANTINED, "")));
    JsonNode items = get("/v1/dead-letters").json().path("items");
    assertThat(items.get(3).path("state").asString()).isEqualTo("sent");
    assertThat(items.get(3).path("replay").path("by").asString()).isEqualTo("anna");
    assertThat(items.get(2).path("state").asString()).isEqualTo("resolved");
    assertThat(items.get(2).path("replay").path("fate").asString()).isEqualTo("billed");
    assertThat(items.get(1).path("state").asString()).isEqualTo("open");
    assertThat(items.get(1).path("replay").path("problem").asString()).isEqualTo("It is gone.");
    assertThat(items.get(0).path("state").asString()).isEqualTo("open");
    assertThat(items.get(0).path("replay").path("outcome").asString()).isEqualTo("unchanged");
  }

  @Test
  void aLetterShowsWhatTheSuspenseDeskDecided() {
    deadLetters.items.add(letter(1, Reason.PAYER_UNCERTAIN, Fate.SUSPENSE, null));
    deadLetters.items.add(letter(2, Reason.PAYER_UNCERTAIN, Fate.SUSPENSE, null));
    suspense.put(SuspenseApiTest.open(id(1), ARRIVAL));
    suspense.put(
        new SuspenseItem(
            SuspenseApiTest.open(id(2), ARRIVAL).suspended(),
            new SuspenseItem.Decision(
                "acme", "main", "command", "anna", "their address", ARRIVAL.plusSeconds(9))));

    JsonNode open = get("/v1/dead-letters/" + id(1)).json();
    assertThat(open.path("state").asString()).isEqualTo("open");
    assertThat(open.has("decision")).isFalse();
    assertFresh(open);
    JsonNode decided = get("/v1/dead-letters/" + id(2)).json();
    assertThat(decided.path("state").asString()).isEqualTo("decided");
    assertThat(decided.path("advice").asString()).startsWith("Nothing needs to be done");
    assertThat(decided.path("decision").path("account").asString()).isEqualTo("acme");
    assertThat(decided.path("decision").path("keyName").asString()).isEqualTo("main");
    assertThat(decided.path("decision").path("by").asString()).isEqualTo("anna");
    assertThat(decided.path("decision").path("reason").asString()).isEqualTo("their address");
    JsonNode page = get("/v1/dead-letters").json();
    assertFresh(page);
    assertThat(page.path("items").get(0).path("decision")).isEqualTo(decided.path("decision"));
  }

  @Test
  void aLineThatWasCutOffBeforeItsPayerIsForTheDesk() {
    deadLetters.items.add(letter(1, Reason.INCOMPLETE_LINE, Fate.SUSPENSE, null));
    deadLetters.items.add(letter(2, Reason.INCOMPLETE_LINE, Fate.QUARANTINED, null));

    assertThat(get("/v1/dead-letters/" + id(1)).json().path("advice").asString())
        .contains("cut off before its payer", "GET /v1/suspense");
    assertThat(get("/v1/dead-letters/" + id(2)).json().path("advice").asString())
        .contains("ship the file again");
  }

  @Test
  void pagesHoldEveryLetterOnceLatestFirst() {
    IntStream.rangeClosed(1, 5).forEach(number -> deadLetters.items.add(quarantined(number)));
    JsonNode first = get("/v1/dead-letters?limit=2").json();
    assertThat(ids(first)).containsExactly(id(5), id(4));
    JsonNode second =
        get("/v1/dead-letters?limit=2&cursor=" + first.path("next").asString()).json();
    assertThat(ids(second)).containsExactly(id(3), id(2));
    JsonNode last = get("/v1/dead-letters?limit=2&cursor=" + second.path("next").asString()).json();
    assertThat(ids(last)).containsExactly(id(1));
    assertThat(last.has("next")).isFalse();
  }

  @Test
  void lettersAreChosenByReasonSourceAndTime() {
    IntStream.rangeClosed(1, 4).forEach(number -> deadLetters.items.add(quarantined(number)));
    deadLetters.items.add(letter(5, Reason.PAYER_UNCERTAIN, Fate.SUSPENSE, null));
    assertThat(ids(get("/v1/dead-letters?reason=payer-uncertain").json())).containsExactly(id(5));
    assertThat(ids(get("/v1/dead-letters?source=/even.log").json())).containsExactly(id(4), id(2));
    assertThat(
            ids(get("/v1/dead-letters?source=gateway-1:/even.log&to=2026-11-24T08:00:04Z").json()))
        .containsExactly(id(2));
    assertThat(ids(get("/v1/dead-letters?from=2026-11-24T08:00:05Z").json()))
        .containsExactly(id(5));
  }

  @Test
  void namedLettersAreOrderedOnce() {
    Answer answer =
        post(
            "/v1/dead-letters/replay",
            "{\"ids\":[\"%s\",\"%s\",\"%s\"],\"comment\":\"template added\"}"
                .formatted(id(1), id(2), id(1)));
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.json().path("more").asBoolean()).isFalse();
    assertThat(ordered).hasSize(1);
    assertThat(ordered.get(0).orders()).containsExactly(new Order.Replay(List.of(id(1), id(2))));
    assertThat(ordered.get(0).author()).isEqualTo("admin");
    assertThat(ordered.get(0).reason()).isEqualTo("template added");
  }

  @Test
  void aChoiceTakesWhatCanStillBeReplayedAndThousandAtATime() {
    IntStream.rangeClosed(1, 1_001).forEach(number -> deadLetters.items.add(quarantined(number)));
    deadLetters.items.add(letter(5_000, Reason.PAYER_UNCERTAIN, Fate.SUSPENSE, null));
    deadLetters.items.add(
        letter(
            5_001,
            Reason.FOREIGN_LINE,
            Fate.QUARANTINED,
            replay(Outcome.RESOLVED, Fate.BILLED, "")));
    JsonNode all = post("/v1/dead-letters/replay", "{}").json();
    assertThat(all.path("more").asBoolean()).isTrue();
    List<String> sent = ((Order.Replay) ordered.get(0).orders().get(0)).lineIds();
    assertThat(sent).hasSize(1_000).doesNotContain(id(5_000), id(5_001));
    JsonNode few =
        post(
                "/v1/dead-letters/replay",
                "{\"reason\":\"foreign-line\",\"to\":\"2026-11-24T08:00:03Z\"}")
            .json();
    assertThat(few.path("ids").size()).isEqualTo(2);
    JsonNode none = post("/v1/dead-letters/replay", "{\"reason\":\"too-old\"}").json();
    assertThat(none.path("ids").size()).isZero();
    assertThat(ordered).hasSize(2);
  }

  /** Lines of a log that came before its template: not one call for each. */
  @Test
  void whatIsHeldIsChosenByFileOrReason() {
    for (int number = 2; number <= 122; number += 2) {
      deadLetters.items.add(letter(number, Reason.PAYER_UNCERTAIN, Fate.SUSPENSE, null));
    }
    deadLetters.items.add(letter(201, Reason.PAYER_UNCERTAIN, Fate.SUSPENSE, null));
    deadLetters.items.add(letter(202, Reason.TOO_OLD, Fate.SUSPENSE, null));
    deadLetters.items.add(letter(204, Reason.UNCERTAIN_BEGINNING, Fate.SUSPENSE, null));
    deadLetters.items.add(
        letter(
            206, Reason.PAYER_UNCERTAIN, Fate.SUSPENSE, replay(Outcome.RESOLVED, Fate.BILLED, "")));
    JsonNode ofFile = post("/v1/dead-letters/replay", "{\"source\":\"/even.log\"}").json();
    assertThat(ofFile.path("ids").size()).isEqualTo(61);
    assertThat(((Order.Replay) ordered.get(0).orders().get(0)).lineIds())
        .contains(id(2), id(122))
        .doesNotContain(id(201), id(202), id(204), id(206));
    JsonNode ofReason = post("/v1/dead-letters/replay", "{\"reason\":\"payer-uncertain\"}").json();
    assertThat(ofReason.path("ids").size()).isEqualTo(62);
    JsonNode any = post("/v1/dead-letters/replay", "{}").json();
    assertThat(any.path("ids").size()).isZero();
  }

  @Test
  void aChoiceLeavesOutWhatCannotBeReplayedByItsReason() {
    deadLetters.items.add(quarantined(1));
    deadLetters.items.add(letter(2, Reason.BAD_FRAME, Fate.QUARANTINED, null));
    deadLetters.items.add(letter(3, Reason.LINE_TOO_LONG, Fate.QUARANTINED, null));
    deadLetters.items.add(letter(4, Reason.INTERNAL_ERROR, Fate.QUARANTINED, null));
    JsonNode sent = post("/v1/dead-letters/replay", "{}").json();
    assertThat(sent.path("ids").valueStream().map(JsonNode::asString))
        .containsExactly(id(4), id(1));
    for (String reason : List.of("bad-frame", "line-too-long")) {
      JsonNode none =
          post("/v1/dead-letters/replay", "{\"reason\":\"%s\"}".formatted(reason)).json();
      assertThat(none.path("ids").size()).as(reason).isZero();
    }
    assertThat(ordered).hasSize(1);
  }

  /** A thousand letters that stay as they are must not stand in the way of those behind them. */
  @Test
  void aChoiceGoesOnBehindLettersThatStayUnchanged() {
    IntStream.rangeClosed(1, 2_500)
        .mapToObj(
            number ->
                letter(
                    number,
                    Reason.FOREIGN_LINE,
                    Fate.QUARANTINED,
                    replay(Outcome.UNCHANGED, Fate.QUARANTINED, "")))
        .forEach(deadLetters.items::add);
    JsonNode answer = post("/v1/dead-letters/replay", "{\"reason\":\"foreign-line\"}").json();
    for (int call = 0; call < 2; call++) {
      assertThat(answer.path("more").asBoolean()).isTrue();
      answer =
          post(
                  "/v1/dead-letters/replay",
                  "{\"reason\":\"foreign-line\",\"cursor\":\"%s\"}"
                      .formatted(answer.path("next").asString()))
              .json();
    }
    assertThat(answer.path("more").asBoolean()).isFalse();
    assertThat(answer.has("next")).isFalse();
    List<String> sent =
        ordered.stream()
            .flatMap(command -> ((Order.Replay) command.orders().get(0)).lineIds().stream())
            .toList();
    assertThat(sent).hasSize(2_500).doesNotHaveDuplicates();
  }

  @Test
  void mistakesAreNamed() {
    assertThat(get("/v1/dead-letters/" + id(9)).status()).isEqualTo(404);
    assertThat(get("/v1/dead-letters/x'--").status()).isEqualTo(404);
    assertThat(get("/v1/dead-letters?reason=nonsense").status()).isEqualTo(400);
    assertThat(get("/v1/dead-letters?cursor=x").status()).isEqualTo(400);
    assertThat(get("/v1/dead-letters?limit=0").status()).isEqualTo(400);
    assertThat(get("/v1/dead-letters?state=open").status()).isEqualTo(400);
    assertThat(post("/v1/dead-letters/replay", "{\"ids\":[]}").status()).isEqualTo(400);
    assertThat(post("/v1/dead-letters/replay", "{\"cursor\":\"x\"}").status()).isEqualTo(400);
    assertThat(
            post(
                    "/v1/dead-letters/replay",
                    "{\"ids\":[\"%s\"],\"cursor\":\"1-%s\"}".formatted(id(1), id(1)))
                .status())
        .isEqualTo(400);
    assertThat(post("/v1/dead-letters/replay", "{\"ids\":[\"x\"]}").status()).isEqualTo(400);
    assertThat(
            post(
                    "/v1/dead-letters/replay",
                    "{\"ids\":[\"%s\"],\"reason\":\"foreign-line\"}".formatted(id(1)))
                .status())
        .isEqualTo(400);
    assertThat(ordered).isEmpty();
  }

  @Test
  void aRefusalSaysWhy() {
    catalog.onOrders(command -> List.of("a replay names 1 to 1000 lines, not 0"));
    Answer answer = post("/v1/dead-letters/replay", "{\"ids\":[\"%s\"]}".formatted(id(1)));
    assertThat(answer.status()).isEqualTo(422);
  }
}
