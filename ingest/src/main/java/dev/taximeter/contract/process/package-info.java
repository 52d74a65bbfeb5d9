/** What every process of an installation on one machine does to end with its launcher. */
@NullMarked
package dev.taximeter.contract.process;

import org.jspecify.annotations.NullMarked;
