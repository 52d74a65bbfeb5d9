/** The benchmark: how fast the whole road is on this machine, beside Kafka's own speed. */
@NullMarked
package dev.taximeter.standalone.bench;

import org.jspecify.annotations.NullMarked;
