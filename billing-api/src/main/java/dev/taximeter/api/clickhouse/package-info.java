/** History: the ClickHouse side of the ports. */
@NullMarked
package dev.taximeter.api.clickhouse;

import org.jspecify.annotations.NullMarked;
