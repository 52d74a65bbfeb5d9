/** Topic names, their partitions and retention: the one place where they are decided. */
@NullMarked
package dev.taximeter.contract.topic;

import org.jspecify.annotations.NullMarked;
