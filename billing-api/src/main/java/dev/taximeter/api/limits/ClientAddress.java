package dev.taximeter.api.limits;

import jakarta.servlet.http.HttpServletRequest;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Where a request comes from, as the connection says: whoever asks cannot choose it. Behind a proxy
 * it is the proxy's for all.
 */
public final class ClientAddress {
  private static final int IPV6_BYTES = 16;

  /** One customer of a provider has at least these many addresses; they count as one. */
  private static final int IPV6_NETWORK_BYTES = 8;

  private ClientAddress() {}

  /** {@return the address; of an IPv6 address its network of 64 bits} */
  public static String of(HttpServletRequest request) {
    String address = request.getRemoteAddr();
    try {
      // A literal: nothing is looked up.
      byte[] bytes = InetAddress.getByName(address).getAddress();
      return bytes.length == IPV6_BYTES
          ? HexFormat.of().formatHex(Arrays.copyOf(bytes, IPV6_NETWORK_BYTES))
          : address;
    } catch (UnknownHostException e) {
      return address;
    }
  }
}
