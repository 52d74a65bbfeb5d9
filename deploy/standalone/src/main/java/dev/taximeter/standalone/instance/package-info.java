/** One installation on one machine: its data directory, secrets, ports and what runs on it. */
@NullMarked
package dev.taximeter.standalone.instance;

import org.jspecify.annotations.NullMarked;
