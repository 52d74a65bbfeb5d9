package dev.taximeter.streams.landing;

import java.util.List;

/**
 * A row ready to be inserted.
 *
 * @param month the table's partition as year * 100 + month, 0 if the table has none
 * @param key the columns that tell rows of the table apart
 * @param recordPartition partition of the record it was made from
 * @param recordOffset offset of that record
 * @param bytes the row in {@code RowBinary}
 */
record Row(
    Table<?> table,
    int month,
    List<Object> key,
    int recordPartition,
    long recordOffset,
    byte[] bytes) {}
