/** What the holder of a gateway's API key may ask with it: about that key, and nothing else. */
@NullMarked
package dev.taximeter.api.ownkey;

import org.jspecify.annotations.NullMarked;
