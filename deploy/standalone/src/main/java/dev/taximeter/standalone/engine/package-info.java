/** The real ClickHouse engine as a process that speaks ClickHouse's HTTP protocol on loopback. */
@NullMarked
package dev.taximeter.standalone.engine;

import org.jspecify.annotations.NullMarked;
