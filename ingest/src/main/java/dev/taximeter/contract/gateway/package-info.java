/**
 * What operators say about their gateways: which log has which shape, and how upstreams count. The
 * shipper and the parser read the same file, each its part.
 */
@NullMarked
package dev.taximeter.contract.gateway;

import org.jspecify.annotations.NullMarked;
