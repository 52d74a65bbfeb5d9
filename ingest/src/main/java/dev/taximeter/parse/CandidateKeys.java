package dev.taximeter.parse;

import dev.taximeter.contract.security.KeyText;
import java.util.ArrayList;
import java.util.List;

/** Keys that a line names as its payer when it is not certain which of them is the gateway's. */
final class CandidateKeys {
  /** Enough to show a person; a forger can write any number. */
  private static final int MOST = 4;

  /** A longer one is no key; cut, it would be another key. */
  private static final int MOST_BYTES = 4_096;

  private CandidateKeys() {}

  /**
   * @return distinct raw keys in the order of the line: if there are too many, the first and the
   *     last, since forgeries stand before or after the gateway's
   */
  static List<String> of(Layout layout, byte[] line) {
    List<String> keys = new ArrayList<>();
    for (int rank = 0; rank < layout.payers(); rank++) {
      collect(layout, rank, line, keys);
    }
    return keys;
  }

  private static void collect(Layout layout, int rank, byte[] line, List<String> keys) {
    Layout.Field field = layout.field(layout.payerField(rank));
    byte[] opening = field.opening();
    int at = Bytes.indexOf(line, 0, line.length, opening);
    while (at >= 0) {
      int from = at + opening.length;
      int to =
          field.escaped()
              ? Bytes.unescapedQuote(line, from, line.length)
              : Bytes.indexOf(line, from, line.length, '"');
      if (to > from && to - from <= MOST_BYTES) {
        String text = KeyText.of(layout.payerBytes(rank, line, from, to));
        if (!LineFields.isNobody(text) && !keys.contains(text)) {
          keys.add(text);
        }
        if (keys.size() > MOST) {
          keys.remove(MOST / 2);
        }
      }
      at = Bytes.indexOf(line, from, line.length, opening);
    }
  }
}
