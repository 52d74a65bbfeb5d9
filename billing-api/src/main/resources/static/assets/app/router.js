/** The whole state of a page is its address: #/accounts/acme?span=7d&by=model */

export function current() {
  const hash = location.hash.replace(/^#\/?/, "");
  const [place, query = ""] = hash.split("?", 2);
  return {
    parts: place.split("/").filter(Boolean).map(decode),
    query: Object.fromEntries(new URLSearchParams(query)),
  };
}

function decode(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The address of a page. Parameters without a value are left out. */
export function link(parts, query = {}) {
  const place = parts.map(encodeURIComponent).join("/");
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") {
      search.set(name, value);
    }
  }
  const text = search.toString();
  return `#/${place}${text ? `?${text}` : ""}`;
}

/** The address of this page with other parameters. */
export function withQuery(changes) {
  const { parts, query } = current();
  return link(parts, { ...query, ...changes });
}

export function go(address, { replace = false } = {}) {
  if (replace) {
    history.replaceState(null, "", address);
    dispatchEvent(new HashChangeEvent("hashchange"));
  } else {
    location.hash = address;
  }
}
