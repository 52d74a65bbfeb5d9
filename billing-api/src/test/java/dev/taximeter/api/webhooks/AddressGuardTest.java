package dev.taximeter.api.webhooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taximeter.api.settings.AddressRange;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressGuardTest {
  private static final List<AddressRange> NONE = List.of();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0.0.0.0",
        "10.255.255.255",
        "100.64.0.1",
        "100.100.100.200",
        "127.0.0.1",
        "127.255.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.192",
        "192.0.2.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.7",
        "203.0.113.9",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8%0",
        "64:ff9b::7f00:1",
        "64:ff9b:1::a00:1",
        "100::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "2001::1",
        "2001:1::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "3fff::1"
      })
  void nothingIsSentTo(String literal) throws Exception {
    // Java makes an IPv4 address of a mapped one, unless it is told the bytes.
    InetAddress address =
        literal.contains("%")
            ? Inet6Address.getByAddress(null, mapped(8, 8, 8, 8), -1)
            : InetAddress.getByName(literal);

    assertThat(AddressGuard.isPublic(address)).as(literal).isFalse();
    AddressGuard guard = new AddressGuard(host -> new InetAddress[] {address}, NONE, false);
    assertThatThrownBy(() -> guard.resolve("receiver.example"))
        .isInstanceOf(RefusedAddressException.class);
  }

  private static byte[] mapped(int... last) {
    byte[] bytes = new byte[16];
    bytes[10] = (byte) 0xFF;
    bytes[11] = (byte) 0xFF;
    for (int i = 0; i < last.length; i++) {
      bytes[12 + i] = (byte) last[i];
    }
    return bytes;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1.1.1.1",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.0.0.1",
        "128.0.0.1",
        "169.253.0.1",
        "172.15.255.255",
        "172.32.0.0",
        "192.167.0.1",
        "198.17.0.1",
        "198.20.0.1",
        "223.255.255.255",
        "2001:200::1",
        "2606:4700::1111"
      })
  void othersAreReached(String literal) throws Exception {
    assertThat(AddressGuard.isPublic(InetAddress.getByName(literal))).isTrue();
  }

  @Test
  void oneWrongAddressAmongRightOnesIsEnough() throws Exception {
    InetAddress[] both = {InetAddress.getByName("1.1.1.1"), InetAddress.getByName("10.0.0.1")};
    AddressGuard guard = new AddressGuard(host -> both, NONE, false);

    assertThatThrownBy(() -> guard.resolve("receiver.example"))
        .isInstanceOf(RefusedAddressException.class);
  }

  @Test
  void theOperatorAllowsPrivateOnes() throws Exception {
    InetAddress inside = InetAddress.getByName("10.1.2.3");
    InetAddress outside = InetAddress.getByName("1.1.1.1");
    List<AddressRange> range = List.of(new AddressRange(InetAddress.getByName("10.1.0.0"), 16));

    assertThat(new AddressGuard(host -> new InetAddress[] {inside}, range, true).resolve("x"))
        .containsExactly(inside);
    assertThat(new AddressGuard(host -> new InetAddress[] {outside}, range, false).resolve("x"))
        .containsExactly(outside);
    // In clear only to those that were allowed.
    AddressGuard clear = new AddressGuard(host -> new InetAddress[] {outside}, range, true);
    assertThatThrownBy(() -> clear.resolve("x")).isInstanceOf(RefusedAddressException.class);
    InetAddress next = InetAddress.getByName("10.2.0.0");
    AddressGuard beside = new AddressGuard(host -> new InetAddress[] {next}, range, false);
    assertThatThrownBy(() -> beside.resolve("x")).isInstanceOf(RefusedAddressException.class);
  }

  @Test
  void thisMachineIsKnown() throws Exception {
    assertThat(AddressGuard.isOfThisHost(InetAddress.getByName("127.0.0.1"))).isTrue();
    assertThat(AddressGuard.isOfThisHost(InetAddress.getByName("192.0.2.1"))).isFalse();
  }
}
