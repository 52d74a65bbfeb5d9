/**
 * Reads the YAML files that operators write, strictly: every problem is named with its line, its
 * field and, where there is one, the nearest valid value.
 */
@NullMarked
package dev.taximeter.contract.yaml;

import org.jspecify.annotations.NullMarked;
