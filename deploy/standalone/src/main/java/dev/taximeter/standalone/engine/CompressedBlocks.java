package dev.taximeter.standalone.engine;

import com.clickhouse.data.ClickHouseCityHash;
import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;

/**
 * Reads ClickHouse's compressed blocks: a CityHash128 checksum of what follows it, the method, the
 * length with and without compression, the data.
 */
final class CompressedBlocks extends InputStream {
  private static final int CHECKSUM_BYTES = 16;

  /** Method and both lengths; part of the compressed length. */
  private static final int HEADER_BYTES = 9;

  private static final int MOST_BLOCK_BYTES = 64 << 20;

  private static final byte NONE = 0x02;
  private static final byte LZ4 = (byte) 0x82;
  private static final byte ZSTD = (byte) 0x90;

  private final InputStream input;
  private byte[] block = new byte[0];
  private int position;

  CompressedBlocks(InputStream input) {
    this.input = input;
  }

  @Override
  public int read() throws IOException {
    byte[] single = new byte[1];
    return read(single, 0, 1) < 0 ? -1 : single[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int count) throws IOException {
    while (position == block.length) {
      if (!readBlock()) {
        return -1;
      }
    }
    int copied = Math.min(count, block.length - position);
    System.arraycopy(block, position, target, offset, copied);
    position += copied;
    return copied;
  }

  private boolean readBlock() throws IOException {
    byte[] checksum = input.readNBytes(CHECKSUM_BYTES);
    if (checksum.length == 0) {
      return false;
    }
    byte[] header = input.readNBytes(HEADER_BYTES);
    if (checksum.length < CHECKSUM_BYTES || header.length < HEADER_BYTES) {
      throw new IOException("the compressed body ends within a block");
    }
    ByteBuffer fields = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
    byte method = fields.get();
    int compressed = fields.getInt();
    int plain = fields.getInt();
    if (compressed < HEADER_BYTES
        || compressed > MOST_BLOCK_BYTES
        || plain < 0
        || plain > MOST_BLOCK_BYTES) {
      throw new IOException("a compressed block has an impossible length");
    }
    byte[] hashed = new byte[compressed];
    System.arraycopy(header, 0, hashed, 0, HEADER_BYTES);
    if (input.readNBytes(hashed, HEADER_BYTES, compressed - HEADER_BYTES)
        < compressed - HEADER_BYTES) {
      throw new IOException("the compressed body ends within a block");
    }
    long[] hash = ClickHouseCityHash.cityHash128(hashed, 0, compressed);
    ByteBuffer told = ByteBuffer.wrap(checksum).order(ByteOrder.LITTLE_ENDIAN);
    if (told.getLong() != hash[0] || told.getLong() != hash[1]) {
      throw new IOException("a compressed block does not match its checksum");
    }
    block = decompress(method, hashed, plain);
    position = 0;
    return true;
  }

  private static byte[] decompress(byte method, byte[] hashed, int plain) throws IOException {
    byte[] result = new byte[plain];
    int length = hashed.length - HEADER_BYTES;
    try {
      long written =
          switch (method) {
            case LZ4 ->
                LZ4Factory.fastestInstance()
                    .safeDecompressor()
                    .decompress(hashed, HEADER_BYTES, length, result, 0, plain);
            case ZSTD -> Zstd.decompressByteArray(result, 0, plain, hashed, HEADER_BYTES, length);
            case NONE -> copy(hashed, result, length);
            default -> throw new IOException("the compression method of a block is not supported");
          };
      if (written != plain) {
        throw new IOException("a compressed block has another length than it tells");
      }
    } catch (LZ4Exception | ZstdException e) {
      throw new IOException("a compressed block cannot be decompressed", e);
    }
    return result;
  }

  private static int copy(byte[] hashed, byte[] result, int length) {
    int copied = Math.min(length, result.length);
    System.arraycopy(hashed, HEADER_BYTES, result, 0, copied);
    return length;
  }
}
