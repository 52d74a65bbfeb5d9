package dev.taximeter.standalone.instance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.security.RootSecret;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretsTest {
  private static final String BASE62 =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

  @TempDir private Path folder;

  @Test
  void tokenCarriesItsChecksum() {
    String token = Secrets.token();

    assertThat(token).matches("tx_[0-9A-Za-z]{43}[0-9A-Za-z]{6}");
    CRC32 checksum = new CRC32();
    checksum.update(token.substring(0, 46).getBytes(StandardCharsets.US_ASCII));
    BigInteger told = BigInteger.ZERO;
    for (char digit : token.substring(46).toCharArray()) {
      told = told.multiply(BigInteger.valueOf(62)).add(BigInteger.valueOf(BASE62.indexOf(digit)));
    }
    assertThat(told.longValueExact()).isEqualTo(checksum.getValue());
    assertThat(Secrets.token()).isNotEqualTo(token);
  }

  @Test
  void secretsAreForTheirOwnerAndNeverReplaced() throws IOException {
    DataDirectory directory = new DataDirectory(folder.resolve("data"));
    directory.create();
    Secrets.create(directory);
    List<Path> files =
        List.of(
            directory.adminTokenFile(),
            directory.rootSecretFile(),
            directory.kafkaPasswordFile(),
            directory.clickHousePasswordFile(),
            directory.clickHouseReaderPasswordFile());
    List<String> first = contents(files);

    Secrets.create(directory);

    assertThat(contents(files)).isEqualTo(first).doesNotHaveDuplicates();
    for (Path file : files) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
          .isEqualTo("rw-------");
    }
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.root())))
        .isEqualTo("rwx------");
    assertThat(RootSecret.read(directory.rootSecretFile())).isNotNull();
    assertThat(directory.adminToken()).startsWith("tx_").doesNotContain("\n");
  }

  private static List<String> contents(List<Path> files) throws IOException {
    List<String> contents = new java.util.ArrayList<>();
    for (Path file : files) {
      contents.add(Files.readString(file));
    }
    return contents;
  }
}
