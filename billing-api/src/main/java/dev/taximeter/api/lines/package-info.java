/** What lines that nobody is billed for tell: leakage, and attempts behind operations. */
@NullMarked
package dev.taximeter.api.lines;

import org.jspecify.annotations.NullMarked;
