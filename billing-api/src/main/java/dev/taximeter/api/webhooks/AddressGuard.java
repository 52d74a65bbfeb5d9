package dev.taximeter.api.webhooks;

import dev.taximeter.api.settings.AddressRange;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.List;
import org.apache.hc.client5.http.DnsResolver;
import org.jspecify.annotations.Nullable;

/**
 * Resolves the names of receivers, and refuses addresses that are not public: whoever names a
 * receiver must not reach what only this machine can reach. The connection goes to the very
 * addresses that were checked here, so that a name which means something else a moment later does
 * not help.
 */
final class AddressGuard implements DnsResolver {
  /** First bits of IPv4 addresses that belong to nobody in public, with how many. */
  private static final int[][] NOT_PUBLIC = {
    {0x00000000, 8}, // this network
    {0x0A000000, 8}, // private
    {0x64400000, 10}, // shared by providers; metadata of some clouds
    {0x7F000000, 8}, // loopback
    {0xA9FE0000, 16}, // link-local; metadata of most clouds
    {0xAC100000, 12}, // private
    {0xC0000000, 24}, // protocol assignments; metadata of some clouds
    {0xC0000200, 24}, // documentation
    {0xC0586300, 24}, // 6to4 relays
    {0xC0A80000, 16}, // private
    {0xC6120000, 15}, // benchmarks
    {0xC6336400, 24}, // documentation
    {0xCB007100, 24}, // documentation
    {0xE0000000, 3}, // multicast, reserved, broadcast
  };

  /** How names are looked up. */
  interface Lookup {
    InetAddress[] addresses(String host) throws UnknownHostException;
  }

  private final Lookup lookup;
  private final List<AddressRange> allowed;
  private final boolean allowedOnly;

  /**
   * @param allowed addresses that are right although they are not public
   * @param allowedOnly whether no others are, not even public ones
   */
  AddressGuard(Lookup lookup, List<AddressRange> allowed, boolean allowedOnly) {
    this.lookup = lookup;
    this.allowed = List.copyOf(allowed);
    this.allowedOnly = allowedOnly;
  }

  @Override
  public InetAddress[] resolve(String host) throws UnknownHostException {
    InetAddress[] addresses = lookup.addresses(host);
    for (InetAddress address : addresses) {
      boolean right =
          isAllowed(address) || (!allowedOnly && isPublic(address) && !isOfThisHost(address));
      if (!right) {
        throw new RefusedAddressException(
            "the address is not public, and the operator has not allowed it");
      }
    }
    return addresses;
  }

  @Override
  public @Nullable String resolveCanonicalHostname(String host) {
    return host;
  }

  private boolean isAllowed(InetAddress address) {
    return allowed.stream().anyMatch(range -> range.contains(address));
  }

  /** {@return whether it is this machine itself: what listens here trusts who is here} */
  static boolean isOfThisHost(InetAddress address) {
    try {
      return NetworkInterface.getByInetAddress(address) != null;
    } catch (SocketException e) {
      return true;
    }
  }

  /** {@return whether an address belongs to somebody in public} */
  static boolean isPublic(InetAddress address) {
    byte[] bytes = address.getAddress();
    return address instanceof Inet4Address ? isPublic4(bytes, 0) : isPublic6(bytes);
  }

  private static boolean isPublic4(byte[] bytes, int from) {
    int value = 0;
    for (int i = from; i < from + 4; i++) {
      value = (value << Byte.SIZE) | (bytes[i] & 0xFF);
    }
    for (int[] range : NOT_PUBLIC) {
      int shift = Integer.SIZE - range[1];
      if (value >>> shift == range[0] >>> shift) {
        return false;
      }
    }
    return true;
  }

  /** Global unicast only, without what stands for IPv4 addresses or for documents. */
  private static boolean isPublic6(byte[] bytes) {
    int first = ((bytes[0] & 0xFF) << Byte.SIZE) | (bytes[1] & 0xFF);
    int second = ((bytes[2] & 0xFF) << Byte.SIZE) | (bytes[3] & 0xFF);
    boolean global = first >>> 13 == 1; // 2000::/3
    boolean assignments = first == 0x2001 && second < 0x0200; // 2001::/23, Teredo among them
    boolean documents = (first == 0x2001 && second == 0x0DB8) || first >>> 4 == 0x3FF;
    boolean sixToFour = first == 0x2002;
    return global && !assignments && !documents && !sixToFour;
  }
}
