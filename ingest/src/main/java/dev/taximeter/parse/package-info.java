/**
 * Reads the access log of a gateway: {@link dev.taximeter.parse.AccessLogParser} turns one line
 * into its usage, or into the reason why there is none. Knows no Kafka, no files and no catalogue.
 *
 * <p><b>Why not a JSON parser.</b> In TEXT encoding a line only looks like JSON: the gateway fills
 * a template without escaping, so a client's header can close a field and open others. A JSON
 * parser would let the last of two keys win, or fail on an honest Windows path, and either is a
 * free ride. The line is matched against its template instead; what does not match exactly is
 * tampered with and salvaged. The prefix that the gateway wrote before anything of the client's is
 * believed, and so is a field whose opening occurs exactly once in a whole line. It is also faster:
 * the value of {@code ai_log} is read where it stands, and prompts are skipped without being
 * decoded.
 *
 * <p><b>Decisions that the log's description leaves open</b>
 *
 * <ul>
 *   <li><i>Encoding.</i> The exact match is tried before the rule for JSON is asked. A line that
 *       matches has its numbers in quotes, so the rule would call it TEXT as well.
 *   <li><i>{@code authority} is a client's field.</i> Its characters are restricted, but the
 *       operator falls back to a header that a client may send. What follows it is believed only by
 *       occurring once.
 *   <li><i>Where a value ends.</i> What the gateway wrote ends at its first quote. What a client
 *       wrote ends where the next field opens for the first time; if the client forged that, it has
 *       cut its own value and nobody else's.
 *   <li><i>An uncertain start cannot make a line absurd or cheap.</i> The latest start that can be
 *       true is taken. Forged, it can lie just before the arrival, and with a long request the
 *       completion would fall into the absurd future and be quarantined: a free ride. Such a line
 *       counts at its arrival and is flagged. So does one without any believable start, and one
 *       with a start a little after its arrival: a gateway's clock may be ahead, and leaving the
 *       true start out would leave a forged one that is years old, with the prices of then.
 *   <li><i>A key of {@code ai_log} that repeats</i> makes the value unreadable, for the keys that
 *       decide anything. The plugin marshals a map and cannot repeat a key, so somebody else wrote
 *       one of the two; either guess could be the wrong one.
 *   <li><i>What {@code ai_log} nests is not validated</i> and has no limit of depth: prompts are a
 *       client's, and no prompt may make a line unreadable. Nothing recurses over it.
 *   <li><i>{@code -} in place of {@code ai_log}</i> on an AI path with a body is leakage: the
 *       plugin failed, the provider did not.
 *   <li><i>An AI path</i> is a route of the console ({@code ai-route-}), an upstream of the console
 *       ({@code llm-}), a path that generates, or any line on which the plugin ran; never a request
 *       that only reads (GET and its like), an MCP or a health path.
 *   <li><i>A line cut after {@code ai_log}</i> has usage and no payer: suspense. Without usage
 *       there is nothing to hold, and it counts as leakage, because what is not known never hides
 *       leakage.
 *   <li><i>Counts in fields of their own</i> are not escaped, so that a forged one cannot be told
 *       from the gateway's in TEXT. Such usage is held at the most that the line names.
 *   <li><i>{@code ai_log} named several times</i>, where a client writes before it, is held in the
 *       same way if all of the values can be read and are possible. If not, the line is
 *       quarantined. Where those with usage differ in the model, it is not known.
 *   <li><i>A JSON line without the payer's field</i> has no payer: nobody can hide a field there.
 *   <li><i>Cached and reasoning tokens</i> appear under several names; one that a log repeats is
 *       counted once. Gemini's names for reasoning and for results of tools prove Gemini's form
 *       even without a rule for the upstream, unless the total says that they are included.
 *   <li><i>Only a total:</i> the cached part of it, if reported, stays a part.
 *   <li><i>Details that cannot be read</i> do not stop a line: input and output are known, and all
 *       that is lost is a discount. The line is flagged.
 * </ul>
 *
 * <p><b>Seams.</b> A {@link dev.taximeter.parse.ParserSettings#template() template} is
 * configuration, chosen by the source of a line ({@link dev.taximeter.parse.GatewayConfiguration});
 * what a client controls follows from its operators, and an operator that is not known counts as
 * the client's. A counting rule is one subclass of {@code Dialect} with one folder of the test
 * corpus. Another gateway's log needs a template and, if its usage stands elsewhere, its own way
 * from {@code LineFields} to {@code ReportedCounts}, as {@code TokenFields} is for Envoy AI
 * Gateway; table, dialects and time stay.
 *
 * <p><b>What a parser cannot see.</b> Pieces of a line must be joined before: a client can pad its
 * headers so that a piece ends in a forged field and matches exactly. Two lines glued together by a
 * full disk can look like one tampered line; they are flagged as holding a second object, and held
 * if the second is whole.
 */
@NullMarked
package dev.taximeter.parse;

import org.jspecify.annotations.NullMarked;
