/** The audit log: who asked for which change, when, and what came of it. */
@NullMarked
package dev.taximeter.api.auditlog;

import org.jspecify.annotations.NullMarked;
