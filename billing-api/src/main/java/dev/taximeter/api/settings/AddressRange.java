package dev.taximeter.api.settings;

import dev.taximeter.contract.settings.SettingsException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/**
 * Addresses that begin with the same bits.
 *
 * @param address one of them
 * @param bits how many bits they share, 0 to 32 or 128
 */
public record AddressRange(InetAddress address, int bits) {
  /** Only digits: a name would be looked up. */
  private static final Pattern LITERAL = Pattern.compile("[0-9.]{7,15}|[0-9A-Fa-f:.]{2,45}");

  /**
   * Reads a range such as {@code 10.1.0.0/16} or {@code fd00::/8}, or one address.
   *
   * @param variable whose value it is
   * @throws SettingsException if it is none
   */
  static AddressRange of(String variable, String text) {
    int slash = text.indexOf('/');
    String literal = slash < 0 ? text : text.substring(0, slash);
    try {
      if (LITERAL.matcher(literal).matches()) {
        InetAddress address = InetAddress.getByName(literal);
        int most = address.getAddress().length * Byte.SIZE;
        int bits = slash < 0 ? most : Integer.parseInt(text.substring(slash + 1));
        if (bits >= 0 && bits <= most) {
          return new AddressRange(address, bits);
        }
      }
    } catch (UnknownHostException | NumberFormatException e) {
      // Reported below, with an example.
    }
    throw new SettingsException(
        variable + " must hold address ranges such as 10.1.0.0/16 or fd00::/8, not " + text);
  }

  /** {@return whether an address is one of them} */
  public boolean contains(InetAddress other) {
    byte[] mine = address.getAddress();
    byte[] theirs = other.getAddress();
    if (mine.length != theirs.length) {
      return false;
    }
    for (int bit = 0; bit < bits; bit++) {
      int mask = 0x80 >> (bit % Byte.SIZE);
      if (((mine[bit / Byte.SIZE] ^ theirs[bit / Byte.SIZE]) & mask) != 0) {
        return false;
      }
    }
    return true;
  }
}
