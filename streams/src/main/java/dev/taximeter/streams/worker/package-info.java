/** Work between topics that needs more than the topology has, exactly once. */
@NullMarked
package dev.taximeter.streams.worker;

import org.jspecify.annotations.NullMarked;
