/** The demonstration: an invented gateway with invented customers, metered for real. */
@NullMarked
package dev.taximeter.standalone.demo;

import org.jspecify.annotations.NullMarked;
