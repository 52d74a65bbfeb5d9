/** What every processor of the topology is made of: outlets, counters, durable emission. */
@NullMarked
package dev.taximeter.streams.topology.parts;

import org.jspecify.annotations.NullMarked;
