/**
 * {@code ./taximeter inspect}: what a log is worth and what its configuration loses or risks, from
 * the log alone.
 *
 * <p>Lines go through the parser of metering and the rater of metering, so what it says is what the
 * running system would say. Memory is bounded, however large the files: identities of lines,
 * models, keys and kinds of mismatch are each remembered up to a stated number, and the report says
 * so where a bound was reached. Raw keys are fingerprinted with a secret that is made for this run
 * and never stored; neither they nor anything else that a client wrote reaches the report, apart
 * from names of models, which metering keeps as well.
 */
@NullMarked
package dev.taximeter.standalone.inspect;

import org.jspecify.annotations.NullMarked;
