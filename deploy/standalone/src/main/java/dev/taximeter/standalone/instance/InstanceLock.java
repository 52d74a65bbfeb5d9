package dev.taximeter.standalone.instance;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Makes sure that one launcher at a time works on a data directory. The operating system gives the
 * lock back however the launcher ends.
 */
public final class InstanceLock implements AutoCloseable {
  private static final int MOST_CONTENT_BYTES = 64;

  private final FileChannel channel;

  private InstanceLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * @throws HeldException if another launcher has it
   */
  public static InstanceLock acquire(DataDirectory directory) throws IOException, HeldException {
    Path file = directory.lockFile();
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      if (tryLock(channel) == null) {
        throw new HeldException(directory, holder(channel));
      }
      byte[] self =
          Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII);
      channel.truncate(0);
      channel.write(ByteBuffer.wrap(self), 0);
      return new InstanceLock(channel);
    } catch (IOException | HeldException e) {
      channel.close();
      throw e;
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      // Another launcher in this very process.
      return null;
    }
  }

  private static String holder(FileChannel channel) throws IOException {
    ByteBuffer content = ByteBuffer.allocate(MOST_CONTENT_BYTES);
    channel.read(content, 0);
    content.flip();
    String pid = StandardCharsets.US_ASCII.decode(content).toString().strip();
    return pid.isEmpty() ? "another process" : "process " + pid;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  /** Another launcher works on the data directory. */
  public static final class HeldException extends Exception {
    private static final long serialVersionUID = 1;

    HeldException(DataDirectory directory, String holder) {
      super(
          directory.root()
              + " is in use by "
              + holder
              + "; stop that Taximeter first, or choose another --data-dir");
    }
  }
}
