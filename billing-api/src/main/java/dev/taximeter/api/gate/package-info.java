/** Tells a gateway, request by request, whether a key may pass. */
@NullMarked
package dev.taximeter.api.gate;

import org.jspecify.annotations.NullMarked;
