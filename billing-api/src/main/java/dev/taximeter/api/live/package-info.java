/** The live page's feed. */
@NullMarked
package dev.taximeter.api.live;

import org.jspecify.annotations.NullMarked;
