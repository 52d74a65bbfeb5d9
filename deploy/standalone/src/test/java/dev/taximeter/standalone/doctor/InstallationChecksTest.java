package dev.taximeter.standalone.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.standalone.doctor.Finding.Status;
import dev.taximeter.standalone.instance.DataDirectory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InstallationChecksTest {
  @TempDir Path directory;
  private DataDirectory data;

  @BeforeEach
  void secrets() throws IOException {
    data = new DataDirectory(directory.resolve("data"));
    Files.createDirectories(data.secrets());
    Files.writeString(data.rootSecretFile(), "x");
    Files.writeString(data.adminTokenFile(), "x");
    setMode(data.secrets(), "rwx------");
    setMode(data.rootSecretFile(), "rw-------");
    setMode(data.adminTokenFile(), "rw-------");
  }

  @Test
  void secretsOfTheOwnerAreFine() {
    assertThat(InstallationChecks.rights(data).status()).isEqualTo(Status.OK);
  }

  @Test
  void aSecretThatOthersMayReadIsNamedWithTheCommandThatFixesIt() throws IOException {
    setMode(data.rootSecretFile(), "rw-r-----");

    Finding finding = InstallationChecks.rights(data);

    assertThat(finding.status()).isEqualTo(Status.FAILURE);
    assertThat(finding.fix()).endsWith("chmod go= " + data.rootSecretFile());
  }

  @Test
  void theTokenAndTheFolderOfSecretsAreSecretsToo() throws IOException {
    setMode(data.adminTokenFile(), "rw----r--");
    assertThat(InstallationChecks.rights(data).finding()).contains("admin-token");
    setMode(data.adminTokenFile(), "rw-------");
    setMode(data.secrets(), "rwx--x---");
    assertThat(InstallationChecks.rights(data).fix()).endsWith(data.secrets().toString());
  }

  @Test
  void aDirectoryThatIsNotThereYetIsFine() {
    DataDirectory missing = new DataDirectory(directory.resolve("missing"));

    assertThat(InstallationChecks.rights(missing).status()).isEqualTo(Status.OK);
  }

  @Test
  void aFileInPlaceOfTheDirectoryIsAFailure() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "x");

    assertThat(InstallationChecks.rights(new DataDirectory(file)).status())
        .isEqualTo(Status.FAILURE);
  }

  @Test
  void aPortInUseIsReportedWithAWayOut() throws IOException {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Finding finding = InstallationChecks.port(other.getLocalPort());

      assertThat(finding.status()).isEqualTo(Status.WARNING);
      assertThat(finding.fix()).contains("--port");
    }
  }

  private static void setMode(Path file, String mode) throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
  }
}
