/**
 * Keeps account of sources: what was shipped of their files, what is missing, how complete they
 * are.
 */
@NullMarked
package dev.taximeter.streams.sources;

import org.jspecify.annotations.NullMarked;
