/** Starts the processes of an installation, keeps them running and stops them. */
@NullMarked
package dev.taximeter.standalone.supervisor;

import org.jspecify.annotations.NullMarked;
