/** Tests of the files under {@code deploy/} that bring Taximeter into production. */
package dev.taximeter.production;
