package dev.taximeter.api.bills.document;

import com.samskivert.mustache.Mustache;
import com.samskivert.mustache.Template;
import dev.taximeter.api.bills.document.BillDocument.Coverage;
import dev.taximeter.api.bills.document.BillDocument.Credit;
import dev.taximeter.api.bills.document.BillDocument.Kind;
import dev.taximeter.api.bills.document.BillDocument.Line;
import dev.taximeter.api.bills.document.BillDocument.Note;
import dev.taximeter.api.bills.document.BillDocument.Settlement;
import dev.taximeter.api.bills.document.BillDocument.Tier;
import dev.taximeter.api.bills.document.BillDocument.UnitPrice;
import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.event.AccountState.CreditKind;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A bill as a page: XHTML with its own style sheet, for browsers, printers and the PDF writer. The
 * template escapes whatever it is given; what XML cannot hold is replaced here.
 */
final class BillPage {
  private static final long MILLION = 1_000_000;
  private static final int REPLACEMENT = '\uFFFD';

  private static final DateTimeFormatter INSTANT =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private static final DateTimeFormatter LOCAL =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm (xxx)", Locale.ROOT);

  /** What formulas say in words: see {@code Explanation}. */
  private static final Pattern FREE = Pattern.compile("([0-9,]+) free");

  private static final Pattern PACKAGES = Pattern.compile("([0-9,]+) (packages?) of ([0-9,]+)");
  private static final Pattern INCLUDED = Pattern.compile(" \\((\\S+) included\\)");

  private static final Template TEMPLATE =
      Mustache.compiler().compile(new StringReader(resource("bill.html")));

  private static final String STYLE = resource("bill.css");

  private static final Map<BillLanguage, Map<String, String>> LABELS = labels();

  private final BillDocument bill;
  private final BillLanguage language;
  private final Map<String, String> labels;

  /** Digits after the point of the amount that has most. */
  private final int scale;

  private final boolean paged;

  private BillPage(BillDocument bill, BillLanguage language, boolean paged) {
    this.bill = bill;
    this.language = language;
    this.paged = paged;
    labels = labels(language);
    scale = scale(bill);
  }

  /** For browsers. */
  static String of(BillDocument bill, BillLanguage language) {
    return TEMPLATE.execute(new BillPage(bill, language, false).content());
  }

  /** For the PDF writer, which also takes what stands at the foot of each page. */
  static String paged(BillDocument bill, BillLanguage language) {
    return TEMPLATE.execute(new BillPage(bill, language, true).content());
  }

  /** What a browser may do with the page: show it, in this very style. */
  static String policy(BillLanguage language) {
    return "default-src 'none'; style-src 'sha256-%s'; base-uri 'none'; form-action 'none';"
            .formatted(hash(style(labels(language))))
        + " frame-ancestors 'none'";
  }

  // What follows is read by the template, by name.

  record Content(
      String language,
      Map<String, String> label,
      String style,
      String status,
      String statusText,
      @Nullable String explanation,
      String month,
      String account,
      String accountName,
      String period,
      String from,
      String to,
      String zone,
      String currency,
      @Nullable String number,
      @Nullable String finalizedAt,
      boolean hasLines,
      boolean hasUnitPrices,
      List<LineRow> lines,
      List<TotalRow> totals,
      boolean hasNotes,
      List<Fact> notes,
      List<Fact> basis,
      @Nullable String footer) {}

  record LineRow(
      String subject,
      @Nullable String about,
      @Nullable String late,
      @Nullable String priceVersion,
      @Nullable String formula,
      String tokenClass,
      String quantity,
      String unitPrice,
      String amount,
      String padding,
      List<TierRow> tiers) {}

  record TierRow(String range, String quantity, String unitPrice, String amount, String padding) {}

  record TotalRow(String kind, String name, String amount, @Nullable String padding) {}

  record Fact(String name, String text) {}

  private Content content() {
    String status = bill.status().name().toLowerCase(Locale.ROOT);
    String explanation = label("explain." + status);
    return new Content(
        language.tag(),
        labels,
        style(labels),
        status,
        label("status." + status),
        explanation.isEmpty() ? null : explanation,
        month(),
        words(bill.account()),
        words(bill.accountName()),
        bill.period().toString(),
        local(bill.from(), bill.zone()),
        local(bill.to(), bill.zone()),
        bill.zone().getId(),
        bill.currency(),
        bill.number() == null ? null : words(bill.number()),
        bill.finalizedAt() == null ? null : INSTANT.format(bill.finalizedAt()),
        !bill.lines().isEmpty(),
        hasUnitPrices(),
        bill.lines().stream().map(this::line).toList(),
        totals(),
        !bill.notes().isEmpty(),
        bill.notes().stream().map(this::note).toList(),
        basis(),
        paged ? footer() : null);
  }

  private String label(String key) {
    String label = labels.get(key);
    if (label == null) {
      throw new IllegalStateException("the program lacks the label " + key);
    }
    return label;
  }

  private String month() {
    return DateTimeFormatter.ofPattern(label("monthPattern"), Locale.forLanguageTag(language.tag()))
        .format(bill.period());
  }

  /** The offset stands with it: a period can begin in summer time and end in winter time. */
  private static String local(Instant instant, ZoneId zone) {
    return LOCAL.format(instant.atZone(zone));
  }

  private boolean hasUnitPrices() {
    return bill.lines().stream()
        .anyMatch(line -> line.unitPrice() != null || !line.tiers().isEmpty());
  }

  private LineRow line(Line line) {
    return new LineRow(
        subject(line),
        about(line),
        line.period() == null ? null : label(ofMonth(line)) + " " + line.period(),
        line.priceVersion() == null ? null : words(line.priceVersion()),
        line.formula() == null ? null : words(formula(line.formula())),
        line.tokenClass() == null
            ? label("class." + (line.kind() == Kind.CHARGE ? "charge" : "request"))
            : label("class." + line.tokenClass().code()),
        line.quantity() == null ? "" : Figures.count(line.quantity()),
        line.unitPrice() == null ? "" : price(line.unitPrice()),
        Figures.amount(line.amount()),
        Figures.padding(line.amount(), scale),
        line.tiers().stream().map(this::tier).toList());
  }

  /** The few words that formulas have, in the language of the page. */
  private String formula(String formula) {
    String text = FREE.matcher(formula).replaceAll(label("formula.free"));
    text = PACKAGES.matcher(text).replaceAll(label("formula.packages"));
    return INCLUDED.matcher(text).replaceAll(label("formula.included"));
  }

  /** An asterisk alone would mean nothing to who pays. */
  private String subject(Line line) {
    if (line.tokenClass() == null || !line.subject().equals("*")) {
      return words(line.subject());
    }
    return label(line.tokenClass() == TokenClass.REQUEST ? "allRequests" : "allModels");
  }

  private @Nullable String about(Line line) {
    boolean isPattern =
        line.tokenClass() != null && line.subject().contains("*") && line.subject().length() > 1;
    return isPattern ? label("pattern") : null;
  }

  private static String ofMonth(Line line) {
    return line.kind() == Kind.CHARGE ? "reRating" : "late";
  }

  private TierRow tier(Tier tier) {
    return new TierRow(
        range(tier),
        Figures.count(tier.quantity()),
        price(tier.unitPrice()),
        Figures.amount(tier.amount()),
        Figures.padding(tier.amount(), scale));
  }

  private String range(Tier tier) {
    if (tier.upTo() == null) {
      return tier.above() == 0
          ? label("tierAll")
          : label("tierAbove") + " " + Figures.count(tier.above());
    }
    return tier.above() == 0
        ? label("tierFirst") + " " + Figures.count(tier.upTo())
        : "%s %s %s"
            .formatted(Figures.count(tier.above()), label("tierRange"), Figures.count(tier.upTo()));
  }

  private String price(UnitPrice price) {
    String per =
        price.per() == MILLION
            ? label("perMillion")
            : price.per() == 1 ? label("each") : label("per") + " " + Figures.count(price.per());
    return Figures.amount(price.amount()) + " " + per;
  }

  /**
   * Each figure is the sum of those above it, since the one before: whoever adds up finds the same,
   * and the one rounding.
   */
  private List<TotalRow> totals() {
    Settlement settlement = bill.settlement();
    List<TotalRow> rows = new ArrayList<>();
    rows.add(exact("exactTotal", bill.totals().exact()));
    if (settlement == null) {
      rows.add(exact("rounding", bill.totals().rounding()));
      rows.add(grand("total", bill.totals().rounded()));
      return rows;
    }
    settlement.credits().forEach(credit -> rows.add(step(name(credit), credit.amount().negate())));
    if (!settlement.credits().isEmpty()) {
      rows.add(exact("exactDue", settlement.exactDue()));
    }
    rows.add(exact("rounding", settlement.rounding()));
    rows.add(grand("amountDue", settlement.due()));
    BigDecimal left = bill.leftDue();
    if (left != null) {
      for (Note note : bill.notes()) {
        rows.add(step(label("note") + " " + words(note.number()), note.lessDue().negate()));
      }
      rows.add(grand("leftDue", left));
    }
    return rows;
  }

  private TotalRow grand(String key, BigDecimal amount) {
    return new TotalRow("grand", label(key), Figures.rounded(amount), null);
  }

  /** What it is, why it was given, and its id for those who look it up. */
  private String name(Credit credit) {
    String back = credit.amount().signum() < 0 ? ", " + label("creditBack") : "";
    String reason = credit.reason() == null ? "" : ": " + words(credit.reason());
    return nameOf(credit) + back + reason;
  }

  private String nameOf(Credit credit) {
    CreditKind kind = credit.kind();
    String key =
        kind == null
            ? "credit"
            : switch (kind) {
              case GRANT -> "creditGrant";
              case TOP_UP -> "creditTopUp";
              case ADJUSTMENT -> "creditAdjustment";
            };
    return label(key) + " " + words(credit.id());
  }

  private TotalRow exact(String key, BigDecimal amount) {
    return step(label(key), amount);
  }

  private TotalRow step(String name, BigDecimal amount) {
    return new TotalRow("step", name, Figures.amount(amount), Figures.padding(amount, scale));
  }

  private Fact note(Note note) {
    StringBuilder text = new StringBuilder();
    text.append(Figures.amount(note.amount().negate())).append(' ').append(bill.currency());
    for (Credit credit : note.returned()) {
      text.append(", ")
          .append(Figures.amount(credit.amount()))
          .append(' ')
          .append(label("noteReturned"))
          .append(' ')
          .append(nameOf(credit));
    }
    text.append(", ").append(INSTANT.format(note.at())).append(", ").append(words(note.reason()));
    return new Fact(label("note") + " " + words(note.number()), text.toString());
  }

  private List<Fact> basis() {
    Coverage coverage = bill.coverage();
    List<Fact> facts = new ArrayList<>();
    facts.add(new Fact(label("requests"), Figures.count(coverage.requests())));
    if (coverage.unpriced() > 0) {
      facts.add(
          new Fact(
              label("unpriced"),
              "%s (%s)".formatted(Figures.count(coverage.unpriced()), label("unpricedNote"))));
    }
    if (coverage.merged() > 0) {
      facts.add(
          new Fact(
              label("merged"),
              "%s (%s)".formatted(Figures.count(coverage.merged()), label("mergedNote"))));
    }
    facts.add(new Fact(label("lines"), Figures.count(bill.lines().size())));
    facts.add(
        new Fact(
            label("sequence"),
            label("sequenceText").formatted(Figures.count(coverage.sequence()))));
    facts.add(new Fact(label("asOf"), INSTANT.format(coverage.asOf())));
    facts.add(
        new Fact(
            label("complete"),
            coverage.completeThrough() == null
                ? label("completeUnknown")
                : INSTANT.format(coverage.completeThrough())));
    if (bill.contentHash() != null) {
      facts.add(new Fact(label("hash"), words(bill.contentHash())));
    }
    return facts;
  }

  private String footer() {
    return Stream.of(
            label("title"),
            words(bill.account()),
            bill.period().toString(),
            bill.number() == null
                ? label("status." + bill.status().name().toLowerCase(Locale.ROOT))
                : label("number") + " " + words(bill.number()),
            INSTANT.format(bill.coverage().asOf()))
        .reduce((left, right) -> left + " | " + right)
        .orElseThrow();
  }

  private static int scale(BillDocument bill) {
    Stream<BigDecimal> lines =
        bill.lines().stream()
            .flatMap(
                line ->
                    Stream.concat(
                        Stream.of(line.amount()), line.tiers().stream().map(Tier::amount)));
    Stream<BigDecimal> totals = Stream.of(bill.totals().exact(), bill.totals().rounding());
    Settlement settlement = bill.settlement();
    Stream<BigDecimal> credits =
        settlement == null
            ? Stream.empty()
            : Stream.concat(
                Stream.of(settlement.exactDue(), settlement.rounding()),
                settlement.credits().stream().map(Credit::amount));
    return Stream.of(lines, totals, credits)
        .flatMap(amounts -> amounts)
        .mapToInt(Figures::scale)
        .max()
        .orElse(0);
  }

  /** XML has no place for some characters, and no way to escape them. */
  private static String words(String words) {
    return words
        .codePoints()
        .map(character -> isXml(character) ? character : REPLACEMENT)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  private static boolean isXml(int character) {
    boolean surrogate =
        character >= Character.MIN_SURROGATE && character <= Character.MAX_SURROGATE;
    boolean control = Character.isISOControl(character) && character != '\t';
    return !surrogate && !control && character != 0xFFFE && character != 0xFFFF;
  }

  private static String style(Map<String, String> labels) {
    return STYLE
        .replace("PAGE_BEFORE", labels.get("page") + " ")
        .replace("PAGE_BETWEEN", " " + labels.get("of") + " ")
        .replace("PAGE_AFTER", labels.get("pageEnd"));
  }

  private static String hash(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static Map<String, String> labels(BillLanguage language) {
    Map<String, String> labels = LABELS.get(language);
    if (labels == null) {
      throw new IllegalStateException("the program lacks the language " + language);
    }
    return labels;
  }

  private static Map<BillLanguage, Map<String, String>> labels() {
    Map<BillLanguage, Map<String, String>> all = new EnumMap<>(BillLanguage.class);
    for (BillLanguage language : BillLanguage.values()) {
      Properties properties = new Properties();
      try {
        properties.load(new StringReader(resource(language.labels())));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      Map<String, String> labels = new HashMap<>();
      properties.forEach((key, label) -> labels.put(key.toString(), label.toString()));
      all.put(language, Map.copyOf(labels));
    }
    return all;
  }

  private static String resource(String name) {
    try (InputStream in = BillPage.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("the program lacks its file " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
