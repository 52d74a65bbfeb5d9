/** Who looks at the page, and what they may do. */

import { get } from "./api.js";

let session = null;

export async function openSession() {
  session = await get("/v1/session");
  return session;
}

export function me() {
  return session;
}

/** A customer's token sees one account. */
export function isCustomer() {
  return session?.account !== undefined;
}

/** May change prices, accounts and money of all. */
export function mayWrite() {
  return !isCustomer() && (session?.role === "billing" || session?.role === "administrator");
}

/** May make, change and revoke keys: customers theirs. */
export function mayWriteKeys() {
  return session?.role === "billing" || session?.role === "administrator";
}

export function mayAdminister() {
  return !isCustomer() && session?.role === "administrator";
}
