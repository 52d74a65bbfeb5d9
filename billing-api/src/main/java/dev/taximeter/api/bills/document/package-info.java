/**
 * Bills as documents for people and spreadsheets: CSV, a page to print, PDF. All are made from one
 * {@link dev.taximeter.api.bills.document.BillDocument}; what it leaves open is not shown.
 */
@NullMarked
package dev.taximeter.api.bills.document;

import org.jspecify.annotations.NullMarked;
