/**
 * Numbers for Prometheus: what this process alone knows. Metering exports its own on its health
 * port. No label names a tenant, a key or a file.
 *
 * <table>
 *   <caption>Metrics of the API</caption>
 *   <tr><th>Name</th><th>Meaning</th><th>Alert when</th></tr>
 *   <tr>
 *     <td>{@code taximeter_lines_read_total}</td>
 *     <td>lines that shippers handed over</td>
 *     <td>it rests although the gateway is busy</td>
 *   </tr>
 *   <tr>
 *     <td>{@code taximeter_lines_total{fate}}</td>
 *     <td>fates decided; a line that moves to another fate counts under both</td>
 *     <td>quarantined or suspense grow</td>
 *   </tr>
 *   <tr>
 *     <td>{@code taximeter_lines_in_flight}</td>
 *     <td>read and not yet decided, of the hours held in memory</td>
 *     <td>it grows for minutes</td>
 *   </tr>
 *   <tr>
 *     <td>{@code taximeter_lines_residual}</td>
 *     <td>missing, of the hours held in memory</td>
 *     <td>it is not 0</td>
 *   </tr>
 *   <tr>
 *     <td>{@code taximeter_lines_unsettled}</td>
 *     <td>usage decided and not yet in an account's state</td>
 *     <td>it stays above 0 for minutes</td>
 *   </tr>
 *   <tr>
 *     <td>{@code taximeter_lines_in_suspense}</td>
 *     <td>lines whose fate is suspense now</td>
 *     <td>it is above 0</td>
 *   </tr>
 *   <tr>
 *     <td>{@code taximeter_views_ready}</td>
 *     <td>1 if every live view has been read, else 0</td>
 *     <td>it is 0 for minutes</td>
 *   </tr>
 *   <tr>
 *     <td>{@code taximeter_history_reachable}</td>
 *     <td>1 if ClickHouse answers, else 0</td>
 *     <td>it is 0</td>
 *   </tr>
 *   <tr>
 *     <td>{@code taximeter_audit_drift}</td>
 *     <td>differences between the landed events and what was made of them</td>
 *     <td>it is not 0; {@code GET /v1/audit} names them</td>
 *   </tr>
 *   <tr>
 *     <td>{@code taximeter_audit_stalled}</td>
 *     <td>1 if nothing could be audited for an hour</td>
 *     <td>it is 1: nobody would hear of drift</td>
 *   </tr>
 *   <tr>
 *     <td>{@code taximeter_audit_completed_timestamp_seconds}</td>
 *     <td>when the audit was last through with everything</td>
 *     <td>it is more than a day ago</td>
 *   </tr>
 *   <tr>
 *     <td>{@code taximeter_delivery_alive}</td>
 *     <td>1 if this process delivers alerts or could take over, else 0</td>
 *     <td>it is 0 for minutes</td>
 *   </tr>
 *   <tr>
 *     <td>{@code taximeter_delivery_waiting}</td>
 *     <td>messages that wait for their recipients, of all processes</td>
 *     <td>it grows for minutes</td>
 *   </tr>
 *   <tr>
 *     <td>{@code taximeter_delivery_failed_total}</td>
 *     <td>messages given up</td>
 *     <td>it grows</td>
 *   </tr>
 *   <tr>
 *     <td>{@code taximeter_delivery_defects_total}</td>
 *     <td>alerts, orders and conditions that could not be dealt with</td>
 *     <td>it grows; the log says which</td>
 *   </tr>
 *   <tr>
 *     <td>{@code taximeter_gate_checks_total{outcome}}</td>
 *     <td>requests to the gate's port by what became of them</td>
 *     <td>{@code failed}, {@code stranger} or {@code not_ready} grow; none grows although lines
 *         come</td>
 *   </tr>
 *   <tr>
 *     <td>{@code taximeter_gate_check_seconds}</td>
 *     <td>from a gateway's question to the gate's answer</td>
 *     <td>it is near what the gateway waits</td>
 *   </tr>
 * </table>
 *
 * <p>The last two are there only where there is a gate.
 *
 * <p>The first six are left out until the counters have been read on starting: numbers that grow
 * while history is read would look like new lines.
 */
@NullMarked
package dev.taximeter.api.metrics;

import org.jspecify.annotations.NullMarked;
