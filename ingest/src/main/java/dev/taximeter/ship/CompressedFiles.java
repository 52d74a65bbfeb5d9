package dev.taximeter.ship;

import dev.taximeter.contract.event.SourceState;
import dev.taximeter.ship.RotatedFiles.Found;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Finds files of a path that rotation compressed before anybody read them: while Kafka or the
 * shipper was away, a file can appear, be rotated and be compressed. They are not read, since only
 * a person can say that they are whole, but they are missed. A compressed file is told from others
 * by its first line, as everywhere.
 */
final class CompressedFiles {
  /** How long a file that cannot be read must have lain there unchanged to be no work under way. */
  private static final long UNREADABLE_NANOS = TimeUnit.SECONDS.toNanos(60);

  /** Contents and files that are remembered: far more than rotation keeps. */
  private static final int MOST_KNOWN = 1_000;

  /**
   * A file that nobody has read.
   *
   * @param file its identity; {@link SourceState#UNKNOWN_FILE} if it cannot be read
   */
  record Unread(String file, String reason) {}

  /** A file that could not be read when it was last looked at. */
  private record Unreadable(long size, FileTime modified, long sinceNanos) {}

  private final Path live;
  private final String host;

  /** Contents of files that were read, or are being read, the last ones last. */
  private final Set<String> read = remembering();

  /**
   * Compressed files that were looked at and are still there, by key, as they were then: another
   * can have the inode of one that is gone.
   */
  private final Map<String, Found> known = new HashMap<>();

  /** Keys of those from before that could not be read: they may just be written. */
  private final Set<String> ignored = new HashSet<>();

  /** By key, those that came since, and could not be read yet. */
  private final Map<String, Unreadable> unreadable = new HashMap<>();

  /** What was compressed since came while nobody looked; null if nobody ever had. */
  private final @Nullable Instant lastLook;

  private boolean begun;

  /**
   * @param lastLook when an earlier follower last looked here; null if none did
   */
  CompressedFiles(Path live, String host, @Nullable Instant lastLook) {
    this.live = live;
    this.host = host;
    this.lastLook = lastLook;
  }

  private static Set<String> remembering() {
    return Collections.newSetFromMap(
        new LinkedHashMap<String, Boolean>() {
          private static final long serialVersionUID = 1;

          @Override
          protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > MOST_KNOWN;
          }
        });
  }

  /** The file is read from its first line on. */
  void reads(@Nullable String identity) {
    String content = identity == null ? "" : FileIdentity.content(identity);
    if (!content.isEmpty()) {
      read.add(content);
    }
  }

  /**
   * Looks at compressed files that were not there before.
   *
   * @param missed identities of files that are looked for. When this looks first, whatever was
   *     compressed after one of them came while nobody looked, and so did what is younger than the
   *     last look; all else is from before
   * @param unseen told of what nobody can look at
   * @return those that nobody has read, oldest first
   */
  List<Unread> unread(Collection<String> missed, long nowNanos, RotatedFiles.Unseen unseen)
      throws IOException {
    List<Found> present = RotatedFiles.compressed(live, unseen);
    Set<String> keys = new HashSet<>();
    present.forEach(file -> keys.add(file.fileKey()));
    known.keySet().retainAll(keys);
    ignored.retainAll(keys);
    unreadable.keySet().retainAll(keys);
    Set<String> contents = new LinkedHashSet<>();
    missed.forEach(identity -> contents.add(FileIdentity.content(identity)));
    boolean since = begun;
    List<Unread> unread = new ArrayList<>();
    for (Found file : present) {
      if (isKnown(file)) {
        continue;
      }
      boolean came = since || isSinceLastLook(file);
      String content = null;
      try {
        String identity = identity(file);
        content = FileIdentity.content(identity);
        // Of one that is empty nothing is missing.
        if (came && !content.isEmpty() && !read.contains(content)) {
          unread.add(new Unread(identity, "the file was compressed before it was read"));
          read.add(content); // Told once, however it changes.
        }
      } catch (IOException | UnreadableFileException e) {
        if (came && !isUnreadableForLong(file, nowNanos)) {
          continue; // It may just be written.
        }
        if (came) {
          unread.add(new Unread(SourceState.UNKNOWN_FILE, reason(file, e)));
        } else {
          ignored.add(file.fileKey());
        }
      }
      known.put(file.fileKey(), file);
      since |= content != null && contents.contains(content);
      if (!begun && content != null && !content.isEmpty()) {
        // From before; a copy of it is, too.
        read.add(content);
      }
    }
    begun = true;
    return unread;
  }

  private boolean isKnown(Found file) {
    Found before = known.get(file.fileKey());
    return ignored.contains(file.fileKey())
        || (before != null
            && before.size() == file.size()
            && before.modified().equals(file.modified()));
  }

  private static String reason(Found file, Exception e) {
    return "the compressed file %s may never have been read, and cannot be: %s"
        .formatted(file.path().getFileName(), e.getMessage());
  }

  private boolean isUnreadableForLong(Found file, long nowNanos) {
    Unreadable before = unreadable.get(file.fileKey());
    if (before == null || before.size != file.size() || !before.modified.equals(file.modified())) {
      unreadable.put(file.fileKey(), new Unreadable(file.size(), file.modified(), nowNanos));
      return false;
    }
    return nowNanos - before.sinceNanos >= UNREADABLE_NANOS;
  }

  private boolean isSinceLastLook(Found file) {
    return lastLook != null && file.isSince(lastLook);
  }

  private String identity(Found file) throws IOException {
    byte[] head = new byte[FileContent.WITNESS_BYTES];
    int length = 0;
    boolean ended = false;
    InputFile input = InputFile.unchecked(file.path(), InputStream.nullInputStream());
    try (InputFile.Opened opened = input.open()) {
      while (length < head.length && !ended) {
        int count = opened.read(head, length, head.length - length);
        ended = count < 0;
        length += Math.max(0, count);
      }
    }
    return FileIdentity.of(host, file.fileKey(), head, length);
  }
}
