package dev.taximeter.api.bills.document;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.fontbox.ttf.CmapLookup;
import org.apache.fontbox.ttf.TTFParser;
import org.apache.fontbox.ttf.TrueTypeFont;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.cos.COSBase;
import org.apache.pdfbox.cos.COSDictionary;
import org.apache.pdfbox.cos.COSName;
import org.apache.pdfbox.cos.COSObject;
import org.apache.pdfbox.cos.COSStream;
import org.apache.pdfbox.io.RandomAccessReadBuffer;
import org.apache.pdfbox.pdmodel.PDDocument;

/**
 * Makes a PDF give back the very characters that were written. A Chinese font draws several of them
 * with one glyph, such as U+6708 and the radical U+2F49, and a PDF says of each glyph which one it
 * stands for. The writer takes the first that the font has; searching and copying then miss the
 * words. Since the words are known here, the one that occurs in them is put in its place.
 */
final class GlyphText {
  /** A range of codes, and the UTF-16 of the first one's character. */
  private static final Pattern RANGE =
      Pattern.compile("<([0-9A-Fa-f]{4})> <([0-9A-Fa-f]{4})> <((?:[0-9A-Fa-f]{4})+)>");

  /** Entries of one block, by the format's rules. */
  private static final int MOST_IN_BLOCK = 100;

  private static final int HEXADECIMAL = 16;

  /** All characters that share a glyph with others, by each of them. */
  private final Map<Integer, List<Integer>> twins = new HashMap<>();

  /**
   * @param font with TrueType outlines
   */
  GlyphText(InputStream font) throws IOException {
    try (TrueTypeFont parsed = new TTFParser().parse(new RandomAccessReadBuffer(font))) {
      CmapLookup characters = parsed.getUnicodeCmapLookup();
      for (int glyph = 1; glyph < parsed.getNumberOfGlyphs(); glyph++) {
        List<Integer> codes = characters.getCharCodes(glyph);
        if (codes != null && codes.size() > 1) {
          codes.forEach(code -> twins.put(code, List.copyOf(codes)));
        }
      }
    }
  }

  /**
   * @param pdf as it was written
   * @param written its text, or more
   */
  byte[] corrected(byte[] pdf, String written) throws IOException {
    Set<Integer> characters = written.codePoints().boxed().collect(Collectors.toSet());
    ByteArrayOutputStream out = new ByteArrayOutputStream(pdf.length);
    try (PDDocument document = Loader.loadPDF(pdf)) {
      for (COSObject object : document.getDocument().getObjectsByType(COSName.FONT)) {
        if (object.getObject() instanceof COSDictionary font) {
          COSBase table = font.getDictionaryObject(COSName.TO_UNICODE);
          if (table instanceof COSStream stream) {
            correct(stream, characters);
          }
        }
      }
      document.save(out);
    }
    return out.toByteArray();
  }

  private void correct(COSStream table, Set<Integer> characters) throws IOException {
    String text = table.toTextString();
    Map<Integer, String> meanings = new TreeMap<>();
    Matcher range = RANGE.matcher(text);
    while (range.find()) {
      int from = Integer.parseInt(range.group(1), HEXADECIMAL);
      int to = Integer.parseInt(range.group(2), HEXADECIMAL);
      int first = codePoint(range.group(3));
      for (int code = from; code <= to; code++) {
        meanings.put(code, hex(meant(first + code - from, characters)));
      }
    }
    int begin = text.indexOf("endcodespacerange");
    int end = text.indexOf("endcmap");
    if (meanings.isEmpty() || begin < 0 || end < 0) {
      return;
    }
    String corrected =
        text.substring(0, begin) + "endcodespacerange\n" + blocks(meanings) + text.substring(end);
    try (OutputStream out = table.createOutputStream(COSName.FLATE_DECODE)) {
      out.write(corrected.getBytes(StandardCharsets.ISO_8859_1));
    }
  }

  private int meant(int codePoint, Set<Integer> characters) {
    if (characters.contains(codePoint)) {
      return codePoint;
    }
    return twins.getOrDefault(codePoint, List.of()).stream()
        .filter(characters::contains)
        .findFirst()
        .orElse(codePoint);
  }

  private static String blocks(Map<Integer, String> meanings) {
    StringBuilder text = new StringBuilder();
    int written = 0;
    for (Map.Entry<Integer, String> meaning : meanings.entrySet()) {
      if (written % MOST_IN_BLOCK == 0) {
        text.append(written == 0 ? "" : "endbfchar\n")
            .append(Math.min(MOST_IN_BLOCK, meanings.size() - written))
            .append(" beginbfchar\n");
      }
      text.append(
          String.format(Locale.ROOT, "<%04X> <%s>\n", meaning.getKey(), meaning.getValue()));
      written++;
    }
    return text.append("endbfchar\n").toString();
  }

  private static int codePoint(String utf16) {
    return new String(HexFormat.of().parseHex(utf16), StandardCharsets.UTF_16BE).codePointAt(0);
  }

  private static String hex(int codePoint) {
    return HexFormat.of()
        .withUpperCase()
        .formatHex(Character.toString(codePoint).getBytes(StandardCharsets.UTF_16BE));
  }
}
